package serve

import (
	"fmt"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// sheetReader reads the cells of a sheet as one model does. There is one, the champion's, and it tells what is wrong at once; where a challenger answers some
// of the rows, or scores in the shadow, and reads other columns, it has one of its own, and what is wrong with a row is told when it is known
// whose the row is.
type sheetReader struct {
	model    *loaded
	columns  *columns
	values   []datasets.Value // of the present row
	seen     []bool
	required []int
	id       output
	strange  []cellFault // columns of the table that the model does not know
	wrongs   []cellFault // of the present row; no more than a problem lists
}

// cellFault is something that is wrong for one model. What has the same name, which is not empty, is told once.
type cellFault struct{ code, field, detail, once string }

// spot is where the cells of a column go: a place for each reader.
type spot [3]int

// noPlace is the place of a column that nothing is read from.
const noPlace = -1

// read makes the readers of a model whose columns the request has been made ready for.
func (t *sheet) read(m *loaded) {
	t.readers = append(t.readers[:0], newSheetReader(m, t.q.lead.Values, t.q.seen))
	another := func(m *loaded) {
		t.readers = append(t.readers, newSheetReader(m, make([]datasets.Value, len(m.columns.schema.Fields)), make([]bool, len(m.columns.names))))
	}
	if m.split != nil && m.split.ids != nil {
		another(m.split.challenger)
	}
	t.answer = len(t.readers)
	if m.shadow == nil {
		return
	}
	t.shade = &sheetShadow{pair: m.shadow}
	if !m.shadow.alike {
		t.shade.reader = len(t.readers)
		another(m.shadow.challenger)
	}
}

func newSheetReader(m *loaded, values []datasets.Value, seen []bool) sheetReader {
	r := sheetReader{model: m, columns: m.columns, values: values, seen: seen, id: leadID(m.scorer.Artifact())}
	for i := range m.columns.schema.Fields {
		if m.columns.schema.Fields[i].Required {
			r.required = append(r.required, i)
		}
	}
	return r
}

func (r *sheetReader) clear() {
	clear(r.values)
	clear(r.seen)
	r.wrongs = r.wrongs[:0]
}

// cell reads one value. NaN, which the protocols' own clients write for a missing number, is null. A column
// that training could not read is accepted and not looked at, and so are outcomes.
func (r *sheetReader) cell(place int, raw []byte) error {
	if raw[0] == '{' || raw[0] == '[' {
		return errNested
	}
	if place == noPlace || place >= len(r.values) || r.columns.schema.Fields[place].Kind == datasets.Unknown {
		return nil
	}
	if raw[0] == 'N' {
		raw = jsonNull
	}
	v, err := r.columns.schema.ParseJSON(place, raw)
	r.values[place] = v
	return err
}

// column finds where a column of the whole table goes; where says where its name stood. A name that training did not have is wrong once,
// however many rows have it; where several models answer, for the rows of those that do not know it.
func (t *sheet) column(name []byte, where func() string) spot { return t.find(name, where, true) }

// key is column for the present row alone.
func (t *sheet) key(name []byte, where func() string) spot { return t.find(name, where, false) }

func (t *sheet) find(name []byte, where func() string, whole bool) spot {
	at := spot{noPlace, noPlace, noPlace}
	known := false // to a model that may answer
	for i := range t.readers {
		if place, ok := t.readers[i].columns.place[string(name)]; ok {
			at[i], known = place, known || i < t.answer
		}
	}
	if t.unknown {
		return at
	}
	const tail = `; the option "unknown": "warn" has such columns passed over`
	if !known {
		t.once(cellFault{api.CodeUnknownAttribute, "", "training had no such attribute" + didYouMean(string(name), t.q.columns.names) + tail, string(name)}, where)
	}
	for i := range t.readers {
		r := &t.readers[i]
		if at[i] != noPlace || i < t.answer && !known {
			continue
		}
		f := cellFault{api.CodeUnknownAttribute, "", fmt.Sprintf("training of %s, which answers some of these leads, had no such attribute%s%s",
			r.model.logName, didYouMean(string(name), r.columns.names), tail), r.model.logName + "\x00" + string(name)}
		if f.field = where(); whole {
			r.strange = append(r.strange, f)
		} else {
			r.note(f)
		}
	}
	return at
}

// once tells of something unless it has been told.
func (t *sheet) once(f cellFault, where func() string) {
	if t.told[f.once] {
		return
	}
	if t.told == nil {
		t.told = map[string]bool{}
	}
	t.told[f.once] = true
	t.q.fail(f.code, where(), f.detail)
}

// name is that of a column in quotes; empty for one that nobody knows.
func (t *sheet) name(at spot) string {
	for i := range t.readers {
		if at[i] != noPlace {
			return quoted(t.readers[i].columns.names[at[i]])
		}
	}
	return ""
}

// wrong tells of something that is wrong with the present row for one reader.
func (t *sheet) wrong(i int, code, field, detail string) {
	if i == 0 && t.answer == 1 {
		t.q.fail(code, field, detail)
		return
	}
	t.readers[i].note(cellFault{code: code, field: field, detail: detail})
}

func (r *sheetReader) note(f cellFault) {
	if len(r.wrongs) <= maxFieldErrors {
		r.wrongs = append(r.wrongs, f)
	}
}

// answering is the model that answers the present row, and its reader.
func (t *sheet) answering() (*loaded, *sheetReader) {
	m := t.model.forLead(t.readers[0].values)
	if m != t.model && t.model.split.ids != nil {
		return m, &t.readers[1]
	}
	return m, &t.readers[0]
}

// settle tells what is wrong with the present row for the model that answers it.
func (t *sheet) settle(r *sheetReader, where func() string) {
	for _, i := range r.required {
		if !r.seen[i] {
			t.q.fail(api.CodeInvalidValue, where()+"."+r.columns.names[i], "is missing; "+model.NeededText)
		}
	}
	for _, faults := range [][]cellFault{r.strange, r.wrongs} {
		for _, f := range faults {
			if f.once != "" {
				t.once(f, func() string { return f.field })
			} else {
				t.q.fail(f.code, f.field, f.detail)
			}
		}
	}
}

// outputsAs are the outputs that another model has under the names of some of a model's own, in their order. One that it does not have is a conflict: neither
// protocol has a place for a value that is not there.
func (l *loaded) outputsAs(own []output) ([]output, error) {
	if l.split == nil {
		return own, nil
	}
	c := l.split.challenger
	theirs := make([]output, len(own))
	for k, o := range own {
		i := slices.IndexFunc(c.outputs, func(x output) bool { return x.name == o.name })
		if i < 0 {
			return nil, l.notShared(fmt.Sprintf("which answers no %q", o.name))
		}
		theirs[k] = c.outputs[i]
	}
	return theirs, nil
}

// sheetShadow gathers the rows of a sheet that the champion answers for its challenger in the shadow.
type sheetShadow struct {
	pair   *shadow
	reader int // whose cells they are
	rows   shadowRows
	over   int // rows that did not fit
	bytes  int64
}

// add keeps the present row.
func (h *sheetShadow) add(t *sheet) {
	r := &t.readers[h.reader]
	if h.bytes > maxShadowBytes || int64(len(h.rows.said)) >= t.server.shadows.room {
		h.over++
		return
	}
	said := verdict{row: t.rows, probability: t.p.Probability, stage: t.p.Stage}
	switch {
	case h.reader == 0:
	case len(r.strange) > 0:
		said.refused = r.strange[0].code
	case len(r.wrongs) > 0:
		said.refused = r.wrongs[0].code
	case slices.ContainsFunc(r.required, func(i int) bool { return !r.seen[i] }):
		said.refused = api.CodeInvalidValue
	}
	for i := range r.values {
		h.bytes += 64 + int64(len(r.values[i].Str))
	}
	h.rows.said = append(h.rows.said, said)
	h.rows.values = append(h.rows.values, r.values...)
}

// offer gives the rows to the challenger, or drops what does not fit.
func (h *sheetShadow) offer(t *sheet) {
	s := t.server.shadows
	s.drop(h.pair, h.over)
	n := s.take(h.pair, len(h.rows.said), h.bytes)
	if n == 0 {
		return
	}
	h.rows.said, h.rows.values, h.rows.asOf = h.rows.said[:n], h.rows.values[:n*len(t.readers[h.reader].values)], t.asOf
	s.queue <- &shadowJob{pair: h.pair, requestID: t.call.requestID, leads: n, bytes: h.bytes, rows: &h.rows}
}
