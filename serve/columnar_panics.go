package serve

import (
	"errors"
	"runtime/debug"
	"slices"

	"leadscore/serve/api"
)

// tablePanic is a panic while rows of a table were scored.
type tablePanic struct {
	value any
	stack []byte
}

func (*tablePanic) Error() string { return "scoring rows: a panic" }

// recovering does work on rows of a table. A panic is a *tablePanic.
func recovering(m *tableMemory, work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if aborts(v) {
				panic(v)
			}
			m.call.forget()
			err = &tablePanic{v, debug.Stack()}
		}
	}()
	return work()
}

// answer scores the rows of a piece. The share of a model is scored as a whole: where that panics each row is tried alone, those that panic
// again are refused, and the others are scored together, to the bits that they would have got without them.
func (b *columnar) answer(m *tableMemory, p *tablePiece) error {
	var shares []share
	err := recovering(m, func() (err error) {
		shares, err = b.deal(m, p)
		return err
	})
	if err != nil {
		return err
	}
	score := func() (err error) {
		for i := range shares {
			if err := b.predict(m.call, &shares[i]); err != nil {
				return err
			}
		}
		p.out, err = b.table.batch(p.block.Rows, p.refused, shares)
		return err
	}
	err = recovering(m, score)
	var panicked *tablePanic
	if errors.As(err, &panicked) {
		if !b.refusePanics(m, p, shares) { // it is not one row's
			return err
		}
		err = recovering(m, score)
	}
	if err != nil {
		return err
	}
	for i := range shares {
		b.answered(m, &shares[i], p)
	}
	return nil
}

// refusePanics moves the rows that panic alone from their shares to the refused ones of the piece, and reports whether there are any. What
// shares had of memory is in an unknown state and is not used again.
func (b *columnar) refusePanics(m *tableMemory, p *tablePiece, shares []share) bool {
	before := len(p.refused)
	for i := range shares {
		s := share{reading: shares[i].reading, model: shares[i].model, leads: shares[i].leads, rows: shares[i].rows}
		var fine, rows []int
		for k := range s.leads.Rows() {
			row := k
			if s.rows != nil {
				row = s.rows[k]
			}
			one := share{reading: s.reading, model: s.model, leads: s.leads.Pick([]int{k})}
			err := recovering(m, func() error { return b.predict(m.call, &one) })
			var panicked *tablePanic
			if errors.As(err, &panicked) {
				b.server.rowPanicked(m.call, p.first+row+1, panicked.value, panicked.stack)
				p.refused = append(p.refused, refusal{row, api.CodeInternal, ourBug.detail})
				continue
			}
			fine, rows = append(fine, k), append(rows, row)
		}
		s.leads, s.rows = s.leads.Pick(fine), rows
		shares[i] = s
	}
	slices.SortFunc(p.refused, func(x, y refusal) int { return x.row - y.row })
	return len(p.refused) > before
}
