package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"leadscore/datasets"
	"leadscore/model"
)

// testColumns are those of the fixture's model.
func testColumns() *columns {
	return newColumns(&model.Artifact{Schema: schema, Outcomes: []string{"status", "closed_at"}}, nil)
}

// TestDecodeReadsWhatParseLeadReads: the lead that HTTP scores is the lead that the command line scores.
func TestDecodeReadsWhatParseLeadReads(t *testing.T) {
	a := &model.Artifact{Schema: schema, Outcomes: []string{"status", "closed_at"}}
	var bodies [][]byte
	table := leads(t, 50, 11)
	for row := range 50 {
		bodies = append(bodies, body(t, table, row))
	}
	for _, lead := range []string{
		`{}`, `{"visits":1e3,"revenue":"1.234,50"}`, `{"visits":"n/a"}`, `{"do_not_email":"YES"}`, `{"do_not_email":1}`, `{"first_seen":"13/13/2025"}`,
		`{"status":1,"empty":2}`, `{"nobody":1}`, `{"visits":-0.0}`, `{"lead_id":12345678901234567890}`, `{"source":7}`, `{"notes":" a "}`, `{"visits":1e999}`,
	} {
		bodies = append(bodies, []byte(`{"lead":`+lead+`}`))
	}
	c := testColumns()
	var q request
	for _, b := range bodies {
		for _, unknownOK := range []bool{false, true} {
			text := string(b)
			if unknownOK {
				text = strings.Replace(text, "{", `{"unknown":"warn",`, 1)
			}
			var plain struct{ Lead map[string]json.RawMessage }
			if err := json.Unmarshal(b, &plain); err != nil {
				t.Fatal(err)
			}
			want, _, wantErr := a.ParseLead(plain.Lead, unknownOK)
			err := q.decode(c, []byte(text))
			if (err == nil) != (wantErr == nil) || err == nil && !slices.Equal(q.lead.Values, want) {
				t.Errorf("%s\ngot  %v, %v\nwant %v, %v", text, q.lead.Values, err, want, wantErr)
			}
			var fields model.FieldErrors
			if f := asFault(err); errors.As(wantErr, &fields) && (f == nil || f.field != "lead."+fields[0].Field) {
				t.Errorf("%s: fault %+v, want field %s", text, f, fields[0].Field)
			}
		}
	}
}

// TestDecodeForgetsTheLastRequest: a reused request holds nothing of the one before.
func TestDecodeForgetsTheLastRequest(t *testing.T) {
	c := testColumns()
	var used request
	for _, text := range []string{good, `{"lead":{"a":1,"visits":"x"},"zzz":1}`, `{"lead":{"visits":3},"unknown":"warn","as_of":"2026-01-01T00:00:00Z"}`, `{"lead":{}}`, `{"lead":`} {
		var fresh request
		errFresh, errUsed := fresh.decode(c, []byte(text)), used.decode(c, []byte(text))
		if !reflect.DeepEqual(errFresh, errUsed) || !slices.Equal(fresh.lead.Values, used.lead.Values) || fresh.lead.AsOf != used.lead.AsOf ||
			!reflect.DeepEqual(append([]datasets.Event{}, fresh.lead.Events...), append([]datasets.Event{}, used.lead.Events...)) || !slices.Equal(fresh.warnings, used.warnings) {
			t.Errorf("%s: fresh %+v, %v; used %+v, %v", text, fresh.lead, errFresh, used.lead, errUsed)
		}
	}
}

// TestDecodeKeepsNothingOfTheBody: the body's memory may be used again.
func TestDecodeKeepsNothingOfTheBody(t *testing.T) {
	var q request
	b := []byte(good)
	if err := q.decode(testColumns(), b); err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprintf("%v %v", q.lead, q.warnings)
	for i := range b {
		b[i] = 'x'
	}
	if after := fmt.Sprintf("%v %v", q.lead, q.warnings); after != before {
		t.Errorf("%s became %s", before, after)
	}
}

// TestProblemsStaySmall: neither many nor long mistakes make a long answer, nor a slow one.
func TestProblemsStaySmall(t *testing.T) {
	var many bytes.Buffer
	many.WriteString(`{"lead":{`)
	for i := range 20_000 {
		fmt.Fprintf(&many, `"visit%d":1,`, i)
	}
	fmt.Fprintf(&many, `"%s":"%s","visits":"%s"}}`, strings.Repeat("k", 100_000), strings.Repeat("v", 100_000), strings.Repeat("w", 100_000))
	var q request
	err := q.decode(testColumns(), many.Bytes())
	f := asFault(err)
	if f == nil || len(f.errors) != maxFieldErrors || !strings.Contains(f.detail, "20001 more fields") {
		t.Fatalf("fault %v", f)
	}
	if b, _ := toJSON(problem(err, "r")); len(b) > 10_000 {
		t.Errorf("a problem of %d bytes", len(b))
	}
	if err := q.decode(testColumns(), bytes.Replace(many.Bytes(), []byte(`"visits":`), []byte(`"empty":`), 1)); err == nil {
		t.Error("unknown attributes were taken")
	}
	if err := q.decode(testColumns(), append([]byte(`{"unknown":"warn",`), bytes.Replace(many.Bytes()[1:], []byte(`"visits":`), []byte(`"empty":`), 1)...)); err != nil || len(q.warnings) != maxFieldErrors+1 {
		t.Errorf("%d warnings, error %v", len(q.warnings), err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{good, `{"lead":{}}`, `{"lead":{"a":1,"a":2},"unknown":"warn"}`, `[]`, `{"lead":{"visits":1e999,"source":"\ud83d\ude00"}}`,
		`{"lead":{"visits":-1.5E+3},"events":[{"type":"x","at":"2026-01-01T00:00:00.5+02:00","properties":{"a":[1,{"b":[]}]}}]}`, `{"lead":{"x":"\u0000\/"}}`, `{"lead":{},"previous":{"stage":"MQL","since":"2026-01-01T00:00:00Z"},"as_of":"2026-01-01T00:00:00Z"}`, "\ufeff{}"} {
		f.Add([]byte(s))
	}
	c := testColumns()
	a := &model.Artifact{Schema: schema, Outcomes: []string{"status", "closed_at"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		var q request
		kept := bytes.Clone(data)
		err := q.decode(c, data)
		if !bytes.Equal(kept, data) {
			t.Fatal("decoding changed the body")
		}
		if err != nil {
			p := problem(err, "r")
			if p.Status != 400 || p.Detail == "" || titles[p.Code] == "" {
				t.Fatalf("not a problem of the request: %+v (%v)", p, err)
			}
			return
		}
		if !json.Valid(data) || !utf8.Valid(data) {
			t.Fatal("took what is not JSON")
		}
		var plain struct {
			Lead map[string]json.RawMessage `json:"lead"`
		}
		if err := json.Unmarshal(data, &plain); err != nil {
			t.Fatal(err)
		}
		for name, raw := range plain.Lead { // encoding/json takes LEAD for lead and the last of two; neither gets here
			if i := schema.Index(name); i >= 0 && (raw[0] == '{' || raw[0] == '[') {
				t.Fatal("took a nested attribute")
			}
		}
		want, _, err := a.ParseLead(plain.Lead, true)
		if err != nil || !reflect.DeepEqual(want, q.lead.Values) {
			t.Fatalf("got %v, ParseLead gives %v, %v", q.lead.Values, want, err)
		}
		for _, v := range q.lead.Values {
			if v.Kind == datasets.Numeric && v.Num-v.Num != 0 {
				t.Fatal("took a number that is none")
			}
		}
	})
}
