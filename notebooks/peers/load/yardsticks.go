package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"
)

// bare serves POST /v1/score (and GET /readyz) until it is told to stop: it decodes the body with encoding/json and answers the same always.
func bare(ctx context.Context, s settings) (any, error) {
	answer, err := os.ReadFile(s.answer)
	if err != nil {
		return nil, fmt.Errorf("reading -answer: %w", err)
	}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.POST("/v1/score", func(c *gin.Context) {
		var body struct {
			Lead   map[string]any   `json:"lead"`
			Events []map[string]any `json:"events"`
			AsOf   string           `json:"as_of"`
		}
		if err := json.NewDecoder(c.Request.Body).Decode(&body); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.Data(http.StatusOK, "application/json", answer)
	})
	e.GET("/readyz", func(c *gin.Context) { c.Status(http.StatusOK) })
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return nil, err
	}
	return nil, nil
}

// decode reads the rows of an NDJSON body with encoding/json, each into a map, on one processor, again and again.
func decode(ctx context.Context, s settings) (any, error) {
	text, err := os.ReadFile(s.body)
	if err != nil {
		return nil, fmt.Errorf("reading -body: %w", err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	before, err := cpu(os.Getpid())
	if err != nil {
		return nil, err
	}
	rows, start := 0, time.Now()
	for time.Since(start) < s.duration && ctx.Err() == nil {
		for _, line := range lines {
			var row map[string]any
			if err := json.Unmarshal(line, &row); err != nil {
				return nil, fmt.Errorf("reading -body: %w", err)
			}
		}
		rows += len(lines)
	}
	took := time.Since(start).Seconds()
	after, err := cpu(os.Getpid())
	return map[string]float64{"rows": float64(rows), "seconds": took, "throughput": float64(rows) / took, "cpu": (after - before).Seconds()}, err
}
