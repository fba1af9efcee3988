package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// logging is a harness whose answers are logged to lines of JSON.
func logging(t testing.TB, models ...*model.Scorer) (*harness, func() []map[string]any) {
	t.Helper()
	h := &harness{log: &journal{}}
	var lines bytes.Buffer
	w, err := predictions.ToStream(&lines, predictions.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c := config(h.log, Limits{}, models...)
	c.Predictions, c.Idempotency = w, Idempotency{Window: time.Minute}
	if h.Server, err = New(c); err != nil {
		t.Fatal(err)
	}
	h.doc, h.router = document(t)
	return h, func() (all []map[string]any) {
		t.Helper()
		if err := w.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(lines.String()), "\n") {
			var row map[string]any
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			all = append(all, row)
		}
		return all
	}
}

// TestEveryAnswerIsLogged, with the figures that the caller got, and nothing that was refused.
func TestEveryAnswerIsLogged(t *testing.T) {
	m := loadedModel(t, "won")
	h, logged := logging(t, m, loadedModel(t, "second"))
	var want []api.Answer
	ask := func(path, body string, header ...string) {
		t.Helper()
		a := h.do(t, "POST", path, jsonBody, body, header...)
		var one api.Answer
		rows := []json.RawMessage{json.RawMessage(a.body)}
		if strings.HasPrefix(a.body, "[") {
			if err := json.Unmarshal([]byte(a.body), &rows); err != nil {
				t.Fatal(err)
			}
		}
		for _, row := range rows {
			one = api.Answer{}
			if err := json.Unmarshal(row, &one); err == nil && one.Target != "" && a.header.Get(replayed) == "" {
				want = append(want, one)
			}
		}
	}
	ask("/v1/score", good, "X-Request-Id", "first")
	ask("/v1/score", `{"lead":{"visits":"many"}}`)
	ask("/v1/score?model=second", strings.Replace(good, `"as_of"`, `"previous":{"stage":"nurture"},"as_of"`, 1))
	ask("/v1/score/batch", `[`+good+`,{"lead":{"visits":"x"}},{"lead":{"lead_id":"L-2","created_at":"2026-01-31T09:30:00Z"}}]`, "X-Request-Id", "batch")
	ask("/v1/explain", good, "Idempotency-Key", "k")
	ask("/v1/explain", good, "Idempotency-Key", "k") // the same answer: the prediction was made once
	rows := logged()
	if len(rows) != len(want) || len(rows) != 5 {
		t.Fatalf("%d rows for %d answers", len(rows), len(want))
	}
	for i, row := range rows {
		a := want[i]
		var p map[string]float64
		if err := json.Unmarshal([]byte(row["probabilities"].(string)), &p); err != nil || len(p) != 2 || p["sql"] != a.Probabilities["sql"] {
			t.Errorf("row %d: probabilities %v, answered %v", i, row["probabilities"], a.Probabilities)
		}
		if row["probability"] != a.Probability || row["score"] != a.Score || row["rule_score"] != a.RuleScore || row["lead_id"] != a.LeadID || row["grade"] != a.Grade ||
			row["stage"] != a.Recommendation.Stage || row["model"] != a.Model.Name || row["version"] != a.Model.Version || row["warnings"] != float64(len(a.Warnings)) || row["target"] != a.Target {
			t.Errorf("row %d: %v\nanswer %+v", i, row, a)
		}
		if x := row["blended"].(float64); math.Abs(100*math.Sqrt(x)-a.Score) > 1e-9 {
			t.Errorf("row %d: blended %v, score %v", i, x, a.Score)
		}
		var reasons []struct {
			Feature string
			Effect  float64
		}
		if err := json.Unmarshal([]byte(row["reasons"].(string)), &reasons); err != nil || len(reasons) != len(a.Reasons) || reasons[0].Feature != a.Reasons[0].Feature || reasons[0].Effect != a.Reasons[0].Effect {
			t.Errorf("row %d: reasons %v, answered %v", i, row["reasons"], a.Reasons)
		}
	}
	for i, want := range []struct {
		route, as, id string
		row, changed  any
	}{
		{"/v1/score", "2026-02-01T23:00:00Z", "first", nil, nil},
		{"/v1/score", "2026-02-01T23:00:00Z", "r-2", nil, true},
		{"/v1/score/batch", "2026-02-01T23:00:00Z", "batch", 1., nil},
		{"/v1/score/batch", "2026-01-31T09:30:00Z", "batch", 3., nil},
		{"/v1/explain", "2026-02-01T23:00:00Z", "r-3", nil, nil},
	} {
		if row := rows[i]; row["route"] != want.route || row["as_of"] != want.as || row["request_id"] != want.id || row["row"] != want.row || row["changed"] != want.changed {
			t.Errorf("row %d: %v", i, row)
		}
		if rows[i]["digest"] == "" || !strings.Contains(rows[i]["blend_weights"].(string), `"rule":1.2`) {
			t.Errorf("row %d: %v", i, rows[i])
		}
	}
	page := h.do(t, "GET", "/metrics", "", "").body
	for _, want := range []string{"leadscore_prediction_log_rows_total 5", "leadscore_prediction_log_dropped_total 0", "leadscore_prediction_log_errors_total 0"} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// TestALogThatHangsHoldsNothingUp: every request is answered while no row can be written.
func TestALogThatHangsHoldsNothingUp(t *testing.T) {
	free := make(chan struct{})
	w, err := predictions.ToStream(hanging{free}, predictions.Options{Clock: time.Now, Buffer: 10})
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{log: &journal{}}
	c := config(h.log, Limits{}, loadedModel(t, "won"))
	c.Predictions = w
	if h.Server, err = New(c); err != nil {
		t.Fatal(err)
	}
	h.doc, h.router = document(t)
	for range 100 {
		if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if w.Stats().Dropped < 70 {
		t.Errorf("%+v", w.Stats())
	}
	close(free)
	if err := w.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

type hanging struct{ free chan struct{} }

func (h hanging) Write(p []byte) (int, error) {
	<-h.free
	return len(p), nil
}

// BenchmarkScoreLogged is BenchmarkScore with a prediction log that writes to nowhere.
func BenchmarkScoreLogged(b *testing.B) {
	w, err := predictions.ToStream(io.Discard, predictions.Options{Clock: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	s, err := New(Config{
		Models: []*model.Scorer{loadedModel(b, "won")}, Clock: time.Now, Predictions: w,
		Logger:    slog.New(slog.NewJSONHandler(io.Discard, nil)),
		RequestID: func() string { return "0123456789abcdef0123456789abcdef" },
	})
	if err != nil {
		b.Fatal(err)
	}
	handlerBenchmark(b, s.Handler())
	if err := w.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}
