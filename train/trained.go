package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// trainedRows digests the rows that train any target, in the background; the result waits for it. It is called while the leads have
// their ids and have no event features yet, which are made of other files.
func (d *data) trainedRows(workers int) (result func() (*model.TrainedRows, error)) {
	columns, byID := d.namingColumns()
	trains := make([]bool, d.rows())
	salt := sha256.New()
	_, _ = fmt.Fprintf(salt, "leadscore rows %q", columns) // a hash takes all that is written to it
	labels := make([]byte, d.rows())
	for i := range trains {
		for t := range d.outcomes {
			trains[i] = trains[i] || d.trains(t, i)
		}
		if trains[i] {
			labels[i] = byte(1 + d.outcomes[0].Label[i])
		}
	}
	_, _ = salt.Write(labels)
	key := hex.EncodeToString(salt.Sum(nil)[:16]) // of training rows alone: a hold-out row changes nothing in the artifact but the card

	leads := d.leads // as they are now
	var done sync.WaitGroup
	var rows *model.TrainedRows
	var err error
	done.Go(func() { rows, err = sketch(leads, trains, key, columns, byID, workers) })
	return func() (*model.TrainedRows, error) {
		done.Wait()
		return rows, err
	}
}

// sketch digests the rows of a table that train.
func sketch(leads *datasets.Table, trains []bool, key string, columns []string, byID bool, workers int) (*model.TrainedRows, error) {
	first, row := make([]int, len(leads.Batches)), 0
	for k, b := range leads.Batches {
		first[k] = row
		row += b.Rows()
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(1, min(workers, len(first)))
	sketches, failed := make([]*model.RowSketch, workers), make([]error, workers)
	each(workers, workers, func(w int) { // one sketch a worker: which rows it gets makes no difference
		sketches[w] = &model.RowSketch{}
		var digester *model.RowDigester
		if digester, failed[w] = model.NewRowDigester(leads.Schema, key, columns, byID); failed[w] != nil {
			return
		}
		for k := w; k < len(first); k += workers {
			digests := digester.Batch(leads.Batches[k])
			used := digests[:0]
			for i, x := range digests {
				if trains[first[k]+i] {
					used = append(used, x)
				}
			}
			sketches[w].Add(used)
		}
	})
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	all := &model.RowSketch{}
	for _, s := range sketches {
		all.Merge(s)
	}
	return all.TrainedRows(key, columns, byID), nil
}

// namingColumns returns the columns that tell one row from another: the id and the as-of column, or without an
// id every column that was read.
func (d *data) namingColumns() (names []string, byID bool) {
	if d.ids >= 0 {
		names = []string{d.leads.Schema.Fields[d.ids].Name}
		if as := d.form.column(); as != "" && as != names[0] {
			names = append(names, as)
		}
		return names, true
	}
	for _, f := range d.leads.Schema.Fields {
		if f.Kind != datasets.Unknown {
			names = append(names, f.Name)
		}
	}
	return names, false
}

// digests returns the digests of the rows that are measured, as those of the training rows were made.
func digests(t *model.TrainedRows, leads *datasets.Table, rows []bool) ([]model.RowDigest, error) {
	digester, err := model.NewRowDigester(leads.Schema, t.Salt, t.Columns, t.ByID)
	if err != nil {
		return nil, err
	}
	var out []model.RowDigest
	row := 0
	for _, b := range leads.Batches {
		for i, x := range digester.Batch(b) {
			if rows[row+i] {
				out = append(out, x)
			}
		}
		row += b.Rows()
	}
	return out, nil
}

// seenText says how many rows were in the training of a model; "" where none is known to have been.
func seenText(s model.Seen, who string) string {
	switch {
	case !s.Any():
		return ""
	case s.Looked == s.Rows:
		return fmt.Sprintf("%d of %d rows were in the training of %s", s.Found, s.Rows, who)
	}
	share := evaluate.Wilson(float64(s.Found), float64(s.Looked))
	return fmt.Sprintf("about %.0f %% (%.0f to %.0f %%) of the %d rows were in the training of %s, by the %d of them that its sample of the training rows speaks of",
		100*share.Value, 100*share.Lower, 100*share.Upper, s.Rows, who, s.Looked)
}
