package serve

import (
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/serve/api"
)

// reading is how one model reads the rows of a table. Where the challenger's is another than the champion's, the stream itself is read for its ids
// alone, and each block once more by each model that has rows of it. So a row is scored, or refused, as it would be if the whole table
// were sent to its model by name.
type reading struct {
	model   *loaded
	asked   asked
	ahead   string // what the warnings of every row begin with
	strange int    // how many warnings that is
	none    *fault // why no row of the model's can be scored; nil: rows are read one by one
}

// apart reports whether the champion and the challenger read tables differently.
func (b *columnar) apart() bool { return b.model.split != nil && b.model.split.ids != nil }

// read plans the readings of a stream. A table that no model can read is a fault.
func (b *columnar) read(in datasets.StreamReader) error {
	if b.model.shadow != nil {
		b.shade(in)
	}
	if !b.apart() {
		return b.readings[0].strangers(in.Unknown(), b.csv)
	}
	b.readings = append(b.readings, reading{model: b.model.split.challenger, asked: b.call.asked})
	var first error
	readable := false
	for i := range b.readings {
		r := &b.readings[i]
		again, err := in.Under(r.model.columns.schema, r.model.unread)
		if err != nil {
			err = b.broken(err)
		} else {
			err = r.strangers(again.Unknown(), b.csv)
		}
		if err == nil && i > 0 {
			r.asked, err = b.call.asked.of(r.model)
		}
		if err != nil {
			if r.none = asFault(err); r.none == nil {
				return err
			}
		}
		readable = readable || err == nil
		if i == 0 {
			first = err
		}
	}
	if !readable {
		return first
	}
	return nil
}

// readers makes what one goroutine reads blocks again with.
func (b *columnar) readers(in datasets.StreamReader, m *tableMemory) error {
	if !b.apart() {
		return nil
	}
	for i := range b.readings {
		r := &b.readings[i]
		if r.none != nil {
			continue
		}
		var err error
		if m.again[i], err = in.Under(r.model.columns.schema, r.model.unread); err != nil {
			return err // it went well a moment ago
		}
	}
	return nil
}

// strangers refuses columns that training did not have, or warns of them in every row.
func (r *reading) strangers(names []string, csv bool) error {
	var problems wrong
	var warnings []string
	known := r.model.columns
	for _, name := range names {
		if _, ok := known.place[name]; ok {
			continue
		}
		text := strangerText(name, known.names)
		if csv && strings.ContainsAny(name, ";\t|") {
			text += "; the columns of CSV are separated by commas"
		}
		problems.add(api.CodeUnknownAttribute, clip(name, nameLength), text+"; ask with ?unknown=warn to have such columns passed over")
		if len(warnings) < maxFieldErrors {
			warnings = append(warnings, strangerWarning(name, text))
		}
	}
	if !r.asked.warn {
		return problems.err()
	}
	if more := problems.total - len(warnings); more > 0 {
		warnings = append(warnings, strangersWarning(more))
	}
	r.ahead, r.strange = strings.Join(warnings, "; "), len(warnings)
	return nil
}

// deal gives the rows of a block to the models that answer them, by the hash of their ids as lead by lead, and notes in p what is refused.
func (b *columnar) deal(m *tableMemory, p *tablePiece) ([]share, error) {
	if b.apart() {
		return b.dealApart(m, p)
	}
	for i := range p.block.Refused {
		p.refused = append(p.refused, refusalOf(&p.block.Refused[i]))
	}
	return m.share(&b.readings[0], p), nil
}

// dealApart deals rows that each model reads for itself. A row whose id cannot be read has none, and is the champion's.
func (b *columnar) dealApart(m *tableMemory, p *tablePiece) ([]share, error) {
	var dealt [2][]int
	refused, read := p.block.Refused, 0
	for row := range p.block.Rows {
		to := 0
		if len(refused) > 0 && refused[0].Row == row {
			bad := &refused[0]
			if refused = refused[1:]; bad.Why != datasets.BadCell {
				p.refused = append(p.refused, refusalOf(bad))
				continue
			}
		} else {
			if b.model.split.takes(p.block.Batch.Value(0, read)) {
				to = 1
			}
			read++
		}
		dealt[to] = append(dealt[to], row)
	}
	shares := m.shares[:0]
	for i := range b.readings {
		r := &b.readings[i]
		if len(dealt[i]) == 0 {
			continue
		}
		if r.none != nil {
			for _, row := range dealt[i] {
				p.refused = append(p.refused, r.refusal(row))
			}
			continue
		}
		block, err := m.again[i].Read(p.block)
		if err != nil {
			return nil, err
		}
		leads, rows, bad := among(block, dealt[i])
		for _, k := range bad {
			p.refused = append(p.refused, refusalOf(&block.Refused[k]))
		}
		s := &m.shares[len(shares)]
		s.reading, s.model, s.leads, s.rows = r, r.model, leads, rows
		shares = m.shares[:len(shares)+1]
	}
	slices.SortFunc(p.refused, func(x, y refusal) int { return x.row - y.row })
	return shares, nil
}

// among picks of a block the rows that are wanted, by their places in it, in order: those that could be read, and which of block.Refused the others are.
func among(block *datasets.Block, wanted []int) (leads *datasets.Batch, rows, bad []int) {
	rows = make([]int, 0, len(wanted))
	pick := make([]int, 0, len(wanted))
	next := 0 // of block.Refused
	for _, row := range wanted {
		for next < len(block.Refused) && block.Refused[next].Row < row {
			next++
		}
		if next < len(block.Refused) && block.Refused[next].Row == row {
			bad = append(bad, next)
			continue
		}
		rows, pick = append(rows, row), append(pick, row-next)
	}
	if len(pick) == block.Batch.Rows() {
		return block.Batch, rows, bad
	}
	return block.Batch.Pick(pick), rows, bad
}

// refusal is that of a row whose model cannot score any. What the stream lacks is here the fault of a value: a lead of its own would lack it too.
func (r *reading) refusal(row int) refusal {
	code := r.none.code
	if code == api.CodeInvalidCSV || code == api.CodeInvalidArrow {
		code = api.CodeInvalidValue
	}
	return refusal{row, code, r.none.detail}
}
