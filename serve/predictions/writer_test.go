package predictions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// TestRecordAsJSON holds every column of a record.
func TestRecordAsJSON(t *testing.T) {
	var out bytes.Buffer
	w, err := ToStream(&out, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	r := recordOf(madeModel(t), 7, noon)
	w.Log(r)
	plain := artifact()
	plain.Rules, plain.AsOf = nil, ""
	m, err := NewModel(plain)
	if err != nil {
		t.Fatal(err)
	}
	e := &model.Explanation{Previous: model.Nurture}
	e.Changed, e.Probabilities = true, []float64{.5, .5}
	r.Fill(Request{At: noon, ID: "x", Row: 3}, m, &model.Lead{AsOf: noon.Add(time.Microsecond).UnixMicro()}, e, 0)
	w.Log(r)
	closed(t, w)
	want := []string{
		`{"time":"2026-11-26T12:00:00Z","route":"/v1/score","request_id":"r-7","row":null,"lead_id":"L-7","as_of":"2026-11-26T12:00:00Z",` +
			`"model":"won","version":"abc","digest":"abcdef","target":"won","probability":0.125,"probabilities":"{\"won\":0.125,\"say \\\"sql\\\"\":0.07}",` +
			`"rule_score":20,"rule_probability":0.401312339887548,"blended":0.25,"score":35,"grade":"B","stage":"MQL","changed":null,"blend":"logit",` +
			`"blend_weights":"{\"method\":\"logit\",\"logit\":0.5,\"rule\":2,\"rule_intercept\":-1,\"rule_slope\":3}",` +
			`"reasons":"[{\"feature\":\"visits\",\"effect\":0.25},{\"feature\":\"source\",\"effect\":-0.5}]","warnings":2}`,
		`{"time":"2026-11-26T12:00:00Z","route":null,"request_id":"x","row":3,"lead_id":null,"as_of":"2026-11-26T12:00:00.000001Z",` +
			`"model":"won","version":"abc","digest":"abcdef","target":"won","probability":0,"probabilities":"{\"won\":0.5,\"say \\\"sql\\\"\":0.5}",` +
			`"rule_score":null,"rule_probability":null,"blended":0,"score":0,"grade":null,"stage":null,"changed":true,"blend":"logit",` +
			`"blend_weights":"{\"method\":\"logit\",\"logit\":0.5,\"rule\":2,\"rule_intercept\":-1,\"rule_slope\":3}","reasons":"[]","warnings":0}`, "",
	}
	if got := strings.Split(out.String(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if w.Stats() != (Stats{Written: 2}) {
		t.Errorf("%+v", w.Stats())
	}
}

// TestColumnsAreThoseOfTheSchema, in its order.
func TestColumnsAreThoseOfTheSchema(t *testing.T) {
	s := model.LogSchema()
	var got []string
	for _, c := range columns(nil) {
		got = append(got, c.name)
	}
	var want []string
	for _, f := range s.Fields {
		want = append(want, f.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("columns %v\nschema  %v", got, want)
	}
}

// TestManyTargetsAndLongIDs: probabilities beyond the fixed ones are kept too; an id beyond its bound is not.
func TestManyTargetsAndLongIDs(t *testing.T) {
	a := artifact()
	a.Targets = nil
	var p []float64
	for i := range 7 {
		a.Targets = append(a.Targets, model.Target{Name: string(rune('a' + i))})
		p = append(p, float64(i)/8)
	}
	m, err := NewModel(a)
	if err != nil {
		t.Fatal(err)
	}
	e := &model.Explanation{LeadID: strings.Repeat("x", maxID+1), Reasons: make([]model.EffectLine, 9)}
	e.Probabilities = p
	var r Record
	r.Fill(Request{At: noon}, m, &model.Lead{Values: make([]datasets.Value, 1), AsOf: datasets.MissingTime}, e, 0)
	p[6] = -1 // the record has its own
	if got := probabilities(&r); got != `{"a":0,"b":0.125,"c":0.25,"d":0.375,"e":0.5,"f":0.625,"g":0.75}` {
		t.Error(got)
	}
	if r.leadID != "" || r.reasonCount != MaxReasons || r.asOf != datasets.MissingTime {
		t.Errorf("id of %d bytes, %d reasons, as of %d", len(r.leadID), r.reasonCount, r.asOf)
	}
}

// TestNothingIsLostByClosing: many log at once, and each row is in the files when Close has returned.
func TestNothingIsLostByClosing(t *testing.T) {
	dir := t.TempDir()
	w, err := ToFolder(dir, "host", 1, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	var all sync.WaitGroup
	const writers, each = 8, 700
	for k := range writers {
		all.Go(func() {
			for i := range each {
				w.Log(recordOf(m, k*each+i, noon))
			}
		})
	}
	all.Wait()
	closed(t, w)
	got := ids(t, dir)
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != writers*each || w.Stats() != (Stats{Written: writers * each}) {
		t.Errorf("%d leads, %+v", n, w.Stats())
	}
	if files := names(t, dir); files != "2026-11-26T12-host-1.parquet" {
		t.Errorf("an hour is %s", files)
	}
	w.Log(recordOf(m, 0, noon))
	if w.Stats().Dropped != 1 {
		t.Error("a record after the end was not counted as dropped")
	}
}

// blocking is a stream that takes nothing until it is told.
type blocking struct {
	begun, free chan struct{}
	once        sync.Once
}

func (b *blocking) Write(p []byte) (int, error) {
	b.once.Do(func() { close(b.begun) })
	<-b.free
	return len(p), nil
}

// TestABlockedDiskDropsAndNeverWaits: with a stream that hangs, Log returns at once, what goes beyond the buffer is counted, and Close tells what is lost.
func TestABlockedDiskDropsAndNeverWaits(t *testing.T) {
	b := &blocking{begun: make(chan struct{}), free: make(chan struct{})}
	o := options(nil)
	o.Buffer = 100
	w, err := ToStream(b, o)
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	w.Log(recordOf(m, 0, noon))
	<-b.begun
	start := time.Now()
	for i := range 1000 {
		w.Log(recordOf(m, i, noon))
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("1,000 records took %s", took)
	}
	if got := w.Stats(); got.Dropped != 900 || got.Written != 0 {
		t.Errorf("%+v, want 900 dropped", got)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Close(gone); err == nil || !strings.Contains(err.Error(), "last 101 rows") {
		t.Errorf("closing: %v", err)
	}
	close(b.free)
	<-w.done
	if got := w.Stats(); got.Written != 101 {
		t.Errorf("%+v", got)
	}
}

// failing is a stream that fails with what it is told to.
type failing struct {
	mu  sync.Mutex
	err error
	buf bytes.Buffer
}

func (f *failing) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return 0, f.err
	}
	return f.buf.Write(p)
}

func (f *failing) with(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// TestFailuresAreCountedAndToldOnce, and the log goes on when it can; when it fails again, that is told.
func TestFailuresAreCountedAndToldOnce(t *testing.T) {
	f, log := &failing{}, &journal{}
	w, err := ToStream(f, options(log))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	for i, err := range []error{errors.New("first"), errors.New("second"), errors.New("first"), nil, errors.New("first")} {
		f.with(err)
		w.Log(recordOf(m, i, noon))
		eventually(t, "the record is through", func() bool { s := w.Stats(); return s.Written+s.Dropped == uint64(i+1) })
	}
	closed(t, w)
	if got := w.Stats(); got != (Stats{Written: 1, Dropped: 4, Failures: 4}) {
		t.Errorf("%+v", got)
	}
	if text := log.String(); strings.Count(text, "first") != 2 || strings.Count(text, "second") != 1 || !strings.Contains(text, "written again") || strings.Contains(text, "L-") {
		t.Errorf("the log: %s", text)
	}
	if !strings.Contains(f.buf.String(), "L-3") {
		t.Error("the last record is not there")
	}
}

// TestFullDisk writes to a device that is full.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		full, err = os.Open(filepath.Join(t.TempDir(), "..")) // no such device here: a folder cannot be written to either
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = full.Close() }()
	log := &journal{}
	w, err := ToStream(full, options(log))
	if err != nil {
		t.Fatal(err)
	}
	m := madeModel(t)
	for i := range 10 {
		w.Log(recordOf(m, i, noon))
	}
	closed(t, w)
	if got := w.Stats(); got.Dropped != 10 || got.Written != 0 || got.Failures == 0 || strings.Count(log.String(), `"msg"`) != 1 {
		t.Errorf("%+v\n%s", got, log)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	if _, err := ToStream(&bytes.Buffer{}, Options{}); err == nil {
		t.Error("no clock was taken")
	}
	o := options(nil)
	o.Buffer = -1
	if _, err := ToStream(&bytes.Buffer{}, o); err == nil {
		t.Error("a buffer below 0 was taken")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{file: "not a folder", file + "x": "there is no folder"} {
		if _, err := ToFolder(path, "h", 1, options(nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// BenchmarkLog is what an answer pays: its record is filled and copied.
func BenchmarkLog(b *testing.B) {
	w, err := newWriter(Options{Clock: time.Now, Buffer: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	emptied := make(chan struct{})
	go func() { // as the goroutine of the writer does, but writing nothing: that is BenchmarkWrite
		for {
			select {
			case <-emptied:
				return
			case <-time.After(time.Millisecond):
				w.mu.Lock()
				full := w.full
				w.full, w.queued = nil, 0
				w.mu.Unlock()
				for _, x := range full {
					x.n = 0
					w.blocks.Put(x)
				}
			}
		}
	}()
	defer close(emptied)
	m := madeModel(b)
	l := &model.Lead{Values: []datasets.Value{datasets.At(noon.UnixMicro())}, AsOf: datasets.MissingTime}
	e := &model.Explanation{LeadID: "L-1", Reasons: make([]model.EffectLine, 6)}
	e.Probabilities = []float64{.1, .2}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		var r Record
		for pb.Next() {
			r.Fill(Request{At: noon, Route: "/v1/score", ID: "r"}, m, l, e, 0)
			w.Log(&r)
		}
	})
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkWrite is what the background pays for a record.
func BenchmarkWrite(b *testing.B) {
	m := madeModel(b)
	records := make([]Record, blockRecords)
	for i := range records {
		records[i] = *recordOf(m, i, noon)
	}
	schema, cs := model.LogSchema(), columns(nil)
	s := &stream{out: &discard{}}
	b.ReportAllocs()
	for n := 0; n < b.N; n += blockRecords {
		made, err := batch(schema, cs, records)
		if err == nil {
			err = s.write(made)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
