package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

var update = flag.Bool("update", false, "write testdata/model.v1.json anew (only before format 1 is released)")

const golden = "testdata/model.v1.json"

// The kept file of each format: what was written then is read now, and scores as it did then.
func TestOldFormatsStayReadable(t *testing.T) {
	table := leads(t, 400, 1)
	if *update {
		a := fixture(t, table, features.Linear)
		if err := a.Save(golden); err != nil {
			t.Fatal(err)
		}
	}
	a, err := Load(golden)
	if err != nil {
		t.Fatal(err)
	}
	if a.Format != 1 || a.Name != "won" || a.Version != a.Digest[:12] || a.Card.Run != nil {
		t.Errorf("format %d, name %q, version %q, digest %q, run %v", a.Format, a.Name, a.Version, a.Digest, a.Card.Run)
	}
	values, _, err := a.ParseLead(map[string]json.RawMessage{
		"source": json.RawMessage(`"referral"`), "visits": json.RawMessage(`7`), "do_not_email": json.RawMessage(`false`),
		"created_at": json.RawMessage(`"2023-11-20T10:00:00Z"`), "email": json.RawMessage(`"a@acme.example"`),
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	var p Prediction
	if err := scorer(t, a).Score(&Lead{Values: values, AsOf: datasets.MissingTime}, &p); err != nil {
		t.Fatal(err)
	}
	const probability, score = 0.011968468120644102, 17.36548354112631 // of the file as it was kept
	if math.Abs(p.Probability-probability) > 1e-15 || math.Abs(p.Score-score) > 1e-12 || p.RuleScore != 30 {
		t.Errorf("probability %v, score %v, rule score %v; the file gave %v, %v and 30 when it was written", p.Probability, p.Score, p.RuleScore, probability, score)
	}
}

func file(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := fixture(t, leads(t, 300, 1), features.Linear).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// reseal gives an edited file the digest that fits it, so that what is behind the digest can be tested.
func reseal(b []byte) []byte {
	var raw, compact bytes.Buffer
	h, err := readHead(b)
	if err != nil {
		return b
	}
	put := func(version, digest string) []byte {
		raw.Reset()
		at := 0
		for i, s := range h.spans {
			raw.Write(b[at:s[0]])
			text := digest
			if (i == 0) == (bytes.Index(b, []byte(`"version"`)) < bytes.Index(b, []byte(`"digest"`))) {
				text = version
			}
			raw.WriteString(`"` + text + `"`)
			at = s[1]
		}
		raw.Write(b[at:])
		return append([]byte(nil), raw.Bytes()...)
	}
	if json.Compact(&compact, put("", "")) != nil {
		return b
	}
	sum := sha256.Sum256(compact.Bytes())
	digest := hex.EncodeToString(sum[:])
	return put(digest[:12], digest)
}

func TestLoadRefuses(t *testing.T) {
	good := file(t)
	if _, err := Read(bytes.NewReader(reseal(good))); err != nil {
		t.Fatalf("the unchanged file: %v", err)
	}
	swap := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("no %s in the file", old)
		}
		return bytes.Replace(good, []byte(old), []byte(new), 1)
	}
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"empty":                    {nil, "empty"},
		"white space":              {[]byte(" \n"), "empty"},
		"truncated":                {good[:len(good)*2/3], "truncated"},
		"truncated by a byte":      {bytes.TrimSpace(good)[:len(bytes.TrimSpace(good))-1], "truncated"},
		"bytes after the end":      {append(bytes.Clone(good), "{}"...), "after top-level value"},
		"not JSON":                 {[]byte("format: 1\n"), "line 1: not JSON"},
		"a list":                   {[]byte("[1]"), "want a JSON object"},
		"another JSON":             {[]byte(`{"name":"won"}`), "no format"},
		"newer":                    {[]byte(`{"format": 2, "soul": []}`), "model.json has format 2; this leadscore reads formats up to 1: use a newer leadscore"},
		"a format there never was": {[]byte(`{"format": 0.5}`), "there never was"},
		"a format in words":        {[]byte(`{"format": "1"}`), "not a number"},
		"no digest":                {[]byte(`{"format": 1}`), "no digest"},
		"edited":                   {swap(`"base_rate": 0.3`, `"base_rate": 0.4`), "edited or damaged: its digest says"},
		"an edited version":        {swap(`"version": "`, `"version": "x`), "edited: its version is"},
		"an edited digest":         {swap(`"digest": "`, `"digest": "x`), "edited or damaged"},
		"a digest that is no text": {[]byte(`{"format": 1, "digest": 3}`), "digest is not a text"},
		"an unknown key":           {reseal(swap(`"base_rate"`, `"soul": 1, "base_rate"`)), `unknown field "soul"`},
		"an unknown outer key":     {reseal(swap(`"id": "lead_id"`, `"id": "lead_id", "soul": 1`)), `unknown field "soul"`},
		"a key twice":              {reseal(swap(`"base_rate": 0.3`, `"base_rate": 0.3, "base_rate": 0.4`)), `the key "base_rate" stands twice`},
		"a text for a number":      {reseal(swap(`"base_rate": 0.3`, `"base_rate": "much"`)), "cannot be a string"},
	} {
		_, err := Read(bytes.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.says)
		}
		if err != nil && (strings.Contains(err.Error(), "Artifact") || strings.Contains(err.Error(), "float64")) {
			t.Errorf("%s: the message names a Go type: %v", name, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "model.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Whatever single byte is changed, the file is refused, or it is the same model in other white space.
func TestEveryEditIsNoticed(t *testing.T) {
	good := file(t)
	a, err := Read(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(good); i += 41 {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		b, err := Read(bytes.NewReader(bad))
		if err == nil && b.Digest != a.Digest {
			t.Errorf("byte %d changed from %q to %q: loaded", i, good[i], bad[i])
		}
	}
	for cut := 0; cut < len(bytes.TrimSpace(good)); cut += 97 {
		if _, err := Read(bytes.NewReader(good[:cut])); err == nil {
			t.Errorf("cut after %d bytes: loaded", cut)
		}
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, good, "\t", "   "); err != nil {
		t.Fatal(err)
	}
	if b, err := Read(&spaced); err != nil || b.Digest != a.Digest {
		t.Errorf("other white space: %v", err)
	}
}

func TestSaveIsWholeOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.json")
	a := fixture(t, leads(t, 300, 1), features.Linear)
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	digest := a.Digest
	if a.Card.Run == nil {
		t.Error("saving took the run out of the caller's card")
	}
	a.Card.Run.At = "another day"
	if err := a.Seal(); err != nil || a.Digest != digest {
		t.Errorf("another run of the same training has the digest %s, want %s (%v)", a.Digest, digest, err)
	}
	a.Targets[0].Intercept = math.NaN()
	if err := a.Save(path); err == nil || !strings.Contains(err.Error(), "intercept NaN") {
		t.Errorf("an intercept that is not a number: %v", err)
	}
	a.Targets[0].Intercept = 0
	a.Card.Targets["won"].Comparisons = []Comparison{{P: 1}, {P: math.NaN()}}
	if err := a.Save(path); err == nil || !strings.Contains(err.Error(), "card.targets.won.comparisons[1].p is not a finite number") {
		t.Errorf("a figure of the card that is not a number: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("a failed Save changed the file (%v)", err)
	}
	if err := a.Save(filepath.Join(t.TempDir(), "no", "such", "model.json")); err == nil {
		t.Error("saved into a directory that is not there")
	}
}

// NewScorer names all that is wrong, and nothing that it accepts can make scoring panic.
func TestNewScorerRefuses(t *testing.T) {
	table := leads(t, 300, 1)
	for name, c := range map[string]struct {
		spoil func(*Artifact)
		says  string
	}{
		"format":              {func(a *Artifact) { a.Format = 0 }, "format 0"},
		"no name":             {func(a *Artifact) { a.Name = "" }, "no name"},
		"no schema":           {func(a *Artifact) { a.Schema = nil }, "no schema"},
		"no pipeline":         {func(a *Artifact) { a.Pipeline = nil }, "no pipeline"},
		"no targets":          {func(a *Artifact) { a.Targets = nil }, "no targets"},
		"target twice":        {func(a *Artifact) { a.Targets[1].Name = "won" }, "stands twice"},
		"id":                  {func(a *Artifact) { a.ID = "nobody" }, `id: no column "nobody"`},
		"as-of":               {func(a *Artifact) { a.AsOf = "visits" }, `as_of: column "visits" is numeric, want time`},
		"outcome in schema":   {func(a *Artifact) { a.Outcomes = []string{"visits"} }, `outcomes: column "visits"`},
		"base rate":           {func(a *Artifact) { a.Targets[0].BaseRate = 1 }, "base rate 1"},
		"effects":             {func(a *Artifact) { a.Targets[0].Effects = a.Targets[0].Effects[1:] }, "effects for"},
		"short table":         {func(a *Artifact) { e := &a.Targets[1].Effects[0]; e.Table = append(e.Table, 1) }, "levels"},
		"infinite effect":     {func(a *Artifact) { a.Targets[1].Effects[0].Table[0] = math.Inf(1) }, "not usable"},
		"huge effect":         {func(a *Artifact) { a.Targets[1].Effects[0].Table[0] = 1e300 }, "not usable"},
		"slope":               {func(a *Artifact) { a.Targets[0].Effects[1].Slope = math.NaN() }, "not usable"},
		"mean":                {func(a *Artifact) { a.Targets[0].Effects[1].Mean = math.NaN() }, "not usable"},
		"slope of a level":    {func(a *Artifact) { a.Targets[0].Effects[0].Slope = 1 }, "a slope for a feature that is not linear"},
		"counts":              {func(a *Artifact) { e := &a.Targets[0].Effects[0]; e.Positives[0] = e.Rows[0] + 1 }, "positives of"},
		"given nobody":        {func(a *Artifact) { a.Targets[1].Given = "mql" }, `given "mql", which is no target before it`},
		"given itself":        {func(a *Artifact) { a.Targets[1].Given = "sql" }, `given "sql"`},
		"primary given":       {func(a *Artifact) { a.Targets[0].Given = "sql" }, `given "sql"`},
		"calibration":         {func(a *Artifact) { a.Targets[0].Calibration = &Calibration{Method: "magic"} }, "unknown calibration"},
		"blend":               {func(a *Artifact) { a.Blend.Method = "magic" }, `unknown blend method "magic"; want model, rules, linear, logit, gate`},
		"blend without rules": {func(a *Artifact) { a.Rules = nil }, `blend method "logit" without rules`},
		"weight":              {func(a *Artifact) { a.Blend = Blend{Method: BlendLinear, Weight: 1.5} }, "weight 1.5"},
		"gate":                {func(a *Artifact) { a.Blend = Blend{Method: BlendGate, Low: 2, High: 1} }, "low 2 is above high 1"},
		"threshold":           {func(a *Artifact) { a.Policy.MQL.MinScore = math.Inf(1) }, "min_score of MQL"},
		"leave":               {func(a *Artifact) { x := 46.0; a.Policy.MQL.Leave = &x }, "leave of MQL is 46; want a number up to its min_score, 45"},
		"stay":                {func(a *Artifact) { a.Policy.SQL.Stay = -1 }, "stay of SQL is -1"},
		"stage's target":      {func(a *Artifact) { a.Policy.SQL.Target = "lost" }, `SQL is decided by target "lost", which there is not`},
		"grades of no axis":   {func(a *Artifact) { a.Policy.Grades = &Grades{[]float64{3, 2, 1}, []float64{3, 2, 1}} }, "grades of engagement, and no group"},
		"rising grades":       {func(a *Artifact) { a.Policy.Grades = &Grades{[]float64{1, 2, 3}, []float64{3, 2, 1}} }, "want numbers that do not rise"},
		"two grades":          {func(a *Artifact) { a.Policy.Grades = &Grades{[]float64{2, 1}, []float64{3, 2, 1}} }, "2 cut-offs of fit; want 3"},
		"no rules, grades":    {func(a *Artifact) { a.Rules, a.Blend, a.Policy.Grades = nil, Blend{Method: BlendModel}, &Grades{} }, "grades without rules"},
		"groups":              {func(a *Artifact) { a.Blend.Groups = []GroupWeight{{"fitness", 1}} }, `weights of the groups ["fitness"]; the rules have ["fit"]`},
		"infinite group":      {func(a *Artifact) { a.Blend.Groups = []GroupWeight{{"fit", math.Inf(1)}} }, `the weight of group "fit"`},
		"groups of a gate":    {func(a *Artifact) { a.Blend = Blend{Method: BlendGate, High: 1, Groups: []GroupWeight{{"fit", 1}}} }, "with method logit only"},
		"upgrade":             {func(a *Artifact) { a.Blend = Blend{Method: BlendGate, High: 1, Upgrade: 101} }, "upgrade 101"},
		"upgrade of a logit":  {func(a *Artifact) { a.Blend.Upgrade = 50 }, "with method gate"},
		"required":            {func(a *Artifact) { a.Policy.SQL.Required = []string{"phone"} }, `required for SQL: no column "phone"`},
		"rules":               {func(a *Artifact) { a.Rules.Scorecards[0].Groups[0].Rules[0].When.Field = "sauce" }, "rules: "},
		"another schema": {func(a *Artifact) {
			s := *a.Schema
			s.Fields = append([]datasets.Field(nil), s.Fields[1:]...)
			s.Fields[1].Name, a.ID = "visit", ""
			a.Schema = &s
		}, `"visits"`},
	} {
		a := fixture(t, table, features.Linear)
		c.spoil(a)
		_, err := NewScorer(a)
		var invalid *InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.says)
		}
		if a.Save(filepath.Join(t.TempDir(), "model.json")) == nil {
			t.Errorf("%s: saved", name)
		}
	}
	a := fixture(t, table, features.Linear)
	a.Name, a.Targets[0].BaseRate, a.Blend.Method = "", 2, "magic"
	var invalid *InvalidError
	if _, err := NewScorer(a); !errors.As(err, &invalid) || len(invalid.Problems) != 3 {
		t.Errorf("three mistakes: %v", err)
	}
}

// small is a file of two columns without rules: the fuzzer shortens what it finds, and on a long file does nothing else.
func small(f testing.TB) []byte {
	schema := &datasets.Schema{Fields: []datasets.Field{{Name: "n", Kind: datasets.Numeric}, {Name: "c", Kind: datasets.Categorical}}}
	n, c := datasets.Column{Kind: datasets.Numeric}, datasets.Column{Kind: datasets.Categorical, Levels: []string{"x", "y"}}
	for i := range 100 {
		n.Numbers, c.Codes = append(n.Numbers, float64(i%50)), append(c.Codes, int32(i%3-1))
	}
	b, err := datasets.NewBatch(schema, 100, []datasets.Column{n, c})
	if err != nil {
		f.Fatal(err)
	}
	pipeline, _, err := features.Fit(&datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}, nil, features.Spec{})
	if err != nil {
		f.Fatal(err)
	}
	a := &Artifact{Format: Format, Name: "m", Schema: schema, Pipeline: pipeline, Targets: []Target{{Name: "t", BaseRate: .5}}, Blend: Blend{Method: BlendModel},
		TrainedRows: &TrainedRows{Salt: testSalt, Columns: []string{"n"}, Rows: 3, Kept: 3, Once: 1, All: true, Digests: "AAAAAAABAAAAAAAC"}}
	for _, feature := range pipeline.Features() {
		e := TermEffect{Effect: features.Effect{Table: make([]float64, len(feature.Levels))}}
		if feature.Linear {
			e.Slope = 1
		}
		a.Targets[0].Effects = append(a.Targets[0].Effects, e)
	}
	var out bytes.Buffer
	if err := a.Write(&out); err != nil {
		f.Fatal(err)
	}
	return out.Bytes()
}

func FuzzLoad(f *testing.F) {
	good := small(f)
	var compact bytes.Buffer
	if err := json.Compact(&compact, good); err != nil {
		f.Fatal(err)
	}
	f.Add(compact.Bytes())
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"format":1,"version":"","digest":"","schema":{"fields":[{"name":"a","kind":"numeric"}]},"targets":[{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Read(bytes.NewReader(reseal(b)))
		if err != nil {
			return
		}
		s, err := NewScorer(a)
		if err != nil {
			t.Fatalf("it loaded but does not compile: %v", err)
		}
		values := make([]datasets.Value, len(a.Schema.Fields))
		for i := range a.Schema.Fields {
			v, err := a.Schema.Fields[i].Parse("1")
			if err == nil {
				values[i] = v
			}
		}
		for _, l := range []*Lead{{Values: values}, {Values: make([]datasets.Value, len(values)), AsOf: datasets.MissingTime}} {
			e, err := s.Explain(l, 3)
			if err == nil && (!(e.Probability > 0 && e.Probability < 1) || math.IsNaN(e.Score) || e.Score < 0 || e.Score > 100) {
				t.Fatalf("probability %v, score %v", e.Probability, e.Score)
			}
		}
		var again bytes.Buffer
		if err := a.Write(&again); err != nil {
			t.Fatalf("it loaded but cannot be saved: %v", err)
		}
	})
}
