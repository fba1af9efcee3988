package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// ScoreCSV scores a table of leads as CSV: a header, commas, UTF-8. What is returned is CSV too, a row for a row in the same order, with
// the columns of `leadscore score`, warnings, and error where a row was refused. It is to be read while the leads are still being sent, and closed.
// Leads are read once, so nothing is sent again after a 429 or 503, and there is no time limit but the context's.
func (c *Client) ScoreCSV(ctx context.Context, leads io.Reader) (io.ReadCloser, error) {
	return c.scoreTable(ctx, "text/csv", leads)
}

// ScoreArrow is ScoreCSV for a stream of Arrow IPC, answered by one with a record batch for each.
func (c *Client) ScoreArrow(ctx context.Context, leads io.Reader) (io.ReadCloser, error) {
	return c.scoreTable(ctx, "application/vnd.apache.arrow.stream", leads)
}

func (c *Client) scoreTable(ctx context.Context, media string, leads io.Reader) (io.ReadCloser, error) {
	once := *c
	once.options.Retries = -1
	unlimited := *c.options.HTTP
	unlimited.Timeout = 0
	resp, err := once.send(ctx, &unlimited, http.MethodPost, batchPath, media, func() io.Reader { return leads })
	if err != nil {
		return nil, fmt.Errorf("scoring a table: %w", err)
	}
	return resp.Body, nil
}
