package serve

import (
	"context"

	"leadscore/datasets"
	"leadscore/model"
)

// shadowRows are leads of a table that wait, in one of three forms, and what the champion said of them.
type shadowRows struct {
	said []verdict

	batch *datasets.Batch // the cells that the champion read

	block *datasets.Block // or the block that they are read from
	again datasets.Rereader
	at    []int // where they stand in it
	none  error // why no row can be read; nil: they can

	values []datasets.Value // or the cells of a facade, row by row
	asOf   int64
}

// shadowReader gives the rows of one table, block by block, to the challenger of its champion.
type shadowReader struct {
	shadows   *shadows
	pair      *shadow
	requestID string
	asked     asked
	again     datasets.Rereader // it belongs to the one goroutine that scores shadows; nil: both read alike
	none      error             // why no row can be read; nil: they can
}

// shade plans how the challenger reads a stream.
func (b *columnar) shade(in datasets.StreamReader) {
	s := b.model.shadow
	b.shadow = &shadowReader{shadows: b.server.shadows, pair: s, requestID: b.call.requestID, asked: b.call.asked}
	if s.alike {
		return
	}
	r := reading{model: s.challenger, asked: b.call.asked}
	again, err := in.Under(r.model.columns.schema, r.model.unread)
	if err != nil {
		err = b.broken(err)
	} else {
		err = r.strangers(again.Unknown(), b.csv)
	}
	if b.shadow.again = again; err == nil {
		return
	}
	if b.shadow.none = err; asFault(err) != nil {
		r.none = asFault(err)
		f := r.refusal(0)
		b.shadow.none = badRequest(f.code, "", f.detail)
	}
}

// offer gives the rows of a share to the challenger, or drops what does not fit. It copies what the champion said, whose memory is used again; the
// cells and the block belong to nobody else.
func (r *shadowReader) offer(s *share, p *tablePiece) {
	n := s.leads.Rows()
	if n == 0 {
		return
	}
	rows := &shadowRows{}
	bytes := int64(n) * 64
	if r.pair.alike {
		rows.batch = s.leads
		bytes += batchBytes(s.leads)
	} else {
		rows.block, rows.again = p.block, r.again
		bytes += int64(p.block.Kept()) + batchBytes(p.block.Batch)
	}
	if n = r.shadows.take(r.pair, n, bytes); n == 0 {
		return
	}
	rows.said = make([]verdict, n)
	if rows.block != nil {
		rows.at = make([]int, n)
	}
	for i := range n {
		at := i
		if s.rows != nil {
			at = s.rows[i]
		}
		rows.said[i] = verdict{row: p.first + at + 1, probability: s.columns.Probability[i], stage: s.columns.Stage[i]}
		if rows.block != nil {
			rows.at[i] = at
		}
	}
	if r.none != nil {
		rows.none, rows.block = r.none, nil
	}
	r.shadows.queue <- &shadowJob{pair: r.pair, requestID: r.requestID, asked: r.asked, leads: n, bytes: bytes, rows: rows}
}

// scoreRows scores the leads of a table.
func (s *shadows) scoreRows(ctx context.Context, w *shadowWorker, j *shadowJob) {
	told := 0
	tell := func(i int, challenger verdict, err error) {
		s.tell(ctx, j, j.rows.said[i], challenger, err)
		told = i + 1
	}
	if err := w.rows(j, tell); err != nil {
		for i := told; i < len(j.rows.said); i++ {
			tell(i, verdict{}, err)
		}
	}
}

// rows scores leads in their order, and tells of each.
func (w *shadowWorker) rows(j *shadowJob, tell func(i int, challenger verdict, err error)) (err error) {
	defer w.survive(&err)
	r, scorer := j.rows, j.pair.challenger.scorer
	if r.none != nil {
		return r.none
	}
	if r.values != nil {
		width := len(r.values) / len(r.said)
		lead := model.Lead{AsOf: r.asOf}
		for i := range r.said {
			if code := r.said[i].refused; code != "" {
				tell(i, verdict{}, badRequest(code, "", ""))
				continue
			}
			lead.Values = r.values[i*width : (i+1)*width]
			err := scorer.Score(&lead, &w.advice.Prediction)
			tell(i, verdict{probability: w.advice.Probability, stage: w.advice.Stage}, err)
		}
		return nil
	}
	leads, bad, refusals := r.batch, []int(nil), []datasets.Refused(nil)
	if r.block != nil {
		block, err := r.again.Read(r.block)
		if err != nil {
			return err
		}
		leads, _, bad = among(block, r.at)
		refusals = block.Refused
	} else if len(r.said) < leads.Rows() {
		leads = leads.Pick(firstOf(len(r.said)))
	}
	if w.columns.AsOf = nil; j.asked.timed {
		w.columns.AsOf = &j.asked.asOf
	}
	if err := scorer.ScoreBatch(leads, &w.columns); err != nil {
		return err
	}
	scored := 0
	for i := range r.said {
		if len(bad) > 0 && refusals[bad[0]].Row == r.at[i] {
			f := refusalOf(&refusals[bad[0]])
			tell(i, verdict{}, badRequest(f.code, "", f.detail))
			bad = bad[1:]
			continue
		}
		tell(i, verdict{probability: w.columns.Probability[scored], stage: w.columns.Stage[scored]}, nil)
		scored++
	}
	return nil
}

func firstOf(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// batchBytes is about how much memory the cells of a batch take; levels, which batches share, are guessed.
func batchBytes(b *datasets.Batch) (n int64) {
	for i := range b.Schema().Fields {
		c := b.Column(i)
		n += int64(8*len(c.Numbers) + 4*len(c.Codes) + 32*len(c.Levels) + 8*len(c.Times) + 16*len(c.Texts))
		for _, text := range c.Texts {
			n += int64(len(text))
		}
	}
	return n
}
