package predictions

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimFolder); dir != "" {
		logUntilKilled(dir)
	}
	goleak.VerifyTestMain(m)
}

// noon is when the records of the tests begin.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// artifact is as much of a model as records need.
func artifact() *model.Artifact {
	return &model.Artifact{
		Name: "won", Version: "abc", Digest: "abcdef", AsOf: "created_at",
		Schema:  &datasets.Schema{Fields: []datasets.Field{{Name: "created_at", Kind: datasets.Time}}},
		Targets: []model.Target{{Name: "won"}, {Name: `say "sql"`}},
		Rules:   &rules.File{}, Blend: model.Blend{Method: "logit", Logit: .5, Rule: 2, RuleIntercept: -1, RuleSlope: 3},
	}
}

func madeModel(t testing.TB) *Model {
	t.Helper()
	m, err := NewModel(artifact())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// recordOf is the record of lead i, answered at a moment.
func recordOf(m *Model, i int, at time.Time) *Record {
	l := &model.Lead{Values: []datasets.Value{datasets.At(noon.UnixMicro())}, AsOf: datasets.MissingTime}
	e := &model.Explanation{LeadID: fmt.Sprintf("L-%d", i), Reasons: []model.EffectLine{{Feature: "visits", Value: "secret-value", Effect: .25, Text: "secret-text"}, {Feature: "source", Effect: -.5}}}
	e.Probability, e.Probabilities = .125, []float64{.125, float64(i%100) / 100}
	e.RuleScore, e.Score, e.Blended, e.Grade, e.Stage = 20, 35, .25, "B", model.MQL
	r := &Record{}
	r.Fill(Request{At: at, Route: "/v1/score", ID: fmt.Sprintf("r-%d", i)}, m, l, e, 2)
	return r
}

// journal is a log that tests can read.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// options have a clock that stands at noon.
func options(log *journal) Options {
	o := Options{Clock: func() time.Time { return noon }, Every: time.Millisecond}
	if log != nil {
		o.Logger = slog.New(slog.NewJSONHandler(log, nil))
	}
	return o
}

func closed(t testing.TB, w *Writer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("never: %s", what)
		}
	}
}

// names lists a folder, hidden files too.
func names(t testing.TB, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// read is the table of a file of the log.
func read(t testing.TB, path string) *datasets.Table {
	t.Helper()
	table, err := datasets.Read(context.Background(), path, datasets.ReadOptions{Schema: model.LogSchema()})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// ids are the leads of all files of a folder in the order of the files.
func ids(t testing.TB, dir string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		table := read(t, f)
		for _, b := range table.Batches {
			for row := range b.Rows() {
				all = append(all, b.Value(b.Schema().Index(model.LogLeadID), row).Str)
			}
		}
	}
	return all
}
