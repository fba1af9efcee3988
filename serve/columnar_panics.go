package serve

import (
	"errors"
	"runtime/debug"
	"slices"

	"leadscore/datasets"
	"leadscore/serve/api"
)

// tablePanic is a panic while rows of a table were scored.
type tablePanic struct {
	value any
	stack []byte
}

func (*tablePanic) Error() string { return "scoring rows: a panic" }

// try scores the rows of a piece that could be read, and makes the answer. A panic is a *tablePanic.
func (b *columnar) try(m *tableMemory, p *tablePiece) (shares []share, err error) {
	defer func() {
		if v := recover(); v != nil {
			if aborts(v) {
				panic(v)
			}
			m.call.forget()
			m.shares = [2]share{}
			shares, err = nil, &tablePanic{v, debug.Stack()}
		}
	}()
	shares = m.share(b.model, p)
	for i := range shares {
		if err := b.predict(m.call, &shares[i]); err != nil {
			return nil, err
		}
	}
	p.out, err = b.table.batch(p.block.Rows, p.refused, shares)
	return shares, err
}

// answer scores the rows of a piece. A block is scored as a whole: where that panics each row is tried alone, those that panic again are
// refused, and the others are scored together, to the bits that they would have got without them.
func (b *columnar) answer(m *tableMemory, p *tablePiece) error {
	shares, err := b.try(m, p)
	var panicked *tablePanic
	if errors.As(err, &panicked) {
		if !b.refusePanics(m, p) { // it is not one row's
			return err
		}
		shares, err = b.try(m, p)
	}
	if err != nil {
		return err
	}
	for i := range shares {
		b.answered(m, &shares[i], p.first)
	}
	return nil
}

// refusePanics moves the rows of a piece that panic alone to the refused ones, and reports whether there are any.
func (b *columnar) refusePanics(m *tableMemory, p *tablePiece) bool {
	var fine []int
	var refused []refusal
	before, read := p.refused, -1
	for row := range p.block.Rows {
		if len(before) > 0 && before[0].row == row {
			refused, before = append(refused, before[0]), before[1:]
			continue
		}
		read++
		one := &tablePiece{block: &datasets.Block{Batch: p.block.Batch.Pick([]int{read}), Rows: 1}, first: p.first + row}
		_, err := b.try(m, one)
		var panicked *tablePanic
		if !errors.As(err, &panicked) {
			fine = append(fine, read)
			continue
		}
		b.server.rowPanicked(m.call, p.first+row+1, panicked.value, panicked.stack)
		refused = append(refused, refusal{row, api.CodeInternal, ourBug.detail})
	}
	if len(refused) == len(p.refused) {
		return false
	}
	block := *p.block
	block.Batch = p.block.Batch.Pick(fine)
	p.block, p.refused = &block, slices.Clip(refused)
	return true
}
