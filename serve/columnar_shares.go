package serve

import (
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/predictions"
)

// share is the rows of a block that one model answers, and what it says of them.
type share struct {
	reading          *reading // of the table
	model            *loaded  // of the reading, or its challenger
	leads            *datasets.Batch
	rows             []int // where they stand in the block; nil: they are all of it
	columns          model.Columns
	notes            model.Notes
	because, reasons []string // empty: not asked for
	logged           [][]model.EffectLine
}

// tableMemory is what one goroutine scores tables with.
type tableMemory struct {
	call   *call
	record predictions.Record
	shares [2]share             // the champion's, the challenger's
	again  [2]datasets.Rereader // likewise, where they read tables differently
	read   []int                // where the rows stand in the block that could be read
}

// share deals the rows of a block out to the models that answer them: as lead by lead, by the hash of their ids.
func (m *tableMemory) share(r *reading, p *tablePiece) []share {
	champion, leads := r.model, p.block.Batch
	m.read = m.read[:0]
	if refused := p.refused; len(refused) > 0 {
		for row := range p.block.Rows {
			if len(refused) > 0 && refused[0].row == row {
				refused = refused[1:]
				continue
			}
			m.read = append(m.read, row)
		}
	}
	mine := &m.shares[0]
	mine.reading, mine.model, mine.leads, mine.rows = r, champion, leads, nil
	if len(p.refused) > 0 {
		mine.rows = m.read
	}
	if champion.split == nil {
		return m.shares[:1]
	}
	var dealt [2][]int
	for row := range leads.Rows() {
		to := 0
		if champion.split.takes(leads.Value(champion.split.id, row)) {
			to = 1
		}
		dealt[to] = append(dealt[to], row)
	}
	models := [2]*loaded{champion, champion.split.challenger}
	for i := range m.shares {
		s := &m.shares[i]
		s.reading, s.model, s.leads, s.rows = r, models[i], leads.Pick(dealt[i]), slices.Clone(dealt[i])
		if len(p.refused) > 0 {
			for k, row := range s.rows {
				s.rows[k] = m.read[row]
			}
		}
	}
	return m.shares[:]
}

// predict scores a share.
func (b *columnar) predict(k *call, s *share) error {
	s.columns.AsOf, s.because, s.reasons, s.logged = nil, nil, nil, nil
	asked := &s.reading.asked
	if asked.timed {
		s.columns.AsOf = &asked.asOf
	}
	scorer := s.model.in(asked.lang)
	if err := scorer.ScoreBatch(s.leads, &s.columns); err != nil {
		return err
	}
	scorer.Note(s.leads, &s.columns, s.reading.ahead, &s.notes)
	if n := asked.reasons(0); n > 0 {
		return b.explain(k, s, scorer, n)
	}
	return nil
}

// explain says why, row by row: because, its lines joined, and the reasons as JSON.
func (b *columnar) explain(k *call, s *share, scorer scorer, n int) error {
	lead := model.Lead{Values: make([]datasets.Value, len(s.leads.Schema().Fields))}
	for row := range s.leads.Rows() {
		s.leads.Row(row, lead.Values)
		lead.AsOf = datasets.MissingTime
		if asked := &s.reading.asked; asked.timed && (s.model.asOf < 0 || lead.Values[s.model.asOf].Missing()) {
			lead.AsOf = asked.asOf
		}
		if err := scorer.Advise(&lead, n, &k.advice); err != nil {
			return err
		}
		s.because = append(s.because, strings.Join(k.advice.Because, "; "))
		k.answer.Reasons = appendEffects(k.answer.Reasons[:0], k.advice.Reasons)
		k.out = append(k.out[:0], '[')
		for i := range k.answer.Reasons {
			if i > 0 {
				k.out = append(k.out, ',')
			}
			k.out = appendEffect(k.out, &k.answer.Reasons[i])
		}
		s.reasons = append(s.reasons, string(append(k.out, ']')))
		if b.server.predictions != nil {
			s.logged = append(s.logged, slices.Clone(k.advice.Reasons[:min(len(k.advice.Reasons), predictions.MaxReasons)]))
		}
	}
	return nil
}

// answered counts the rows of a share and gives them to the shadow and to the log of predictions.
func (b *columnar) answered(m *tableMemory, s *share, p *tablePiece) {
	s.model.counts.batch(s.leads, &s.columns)
	if s.model.shadow != nil {
		b.shadow.offer(s, p)
	}
	if b.server.predictions == nil {
		return
	}
	q := predictions.Request{At: b.server.clock(), Route: m.call.route, ID: m.call.requestID}
	for row := range s.leads.Rows() {
		if q.Row = p.first + row + 1; s.rows != nil {
			q.Row = p.first + s.rows[row] + 1
		}
		warnings := 0
		if code := s.notes.Warnings[row]; code >= 0 {
			if warnings = int(s.notes.Counts[code]); s.reading.ahead != "" {
				warnings += s.reading.strange - 1
			}
		}
		var reasons []model.EffectLine
		if s.logged != nil {
			reasons = s.logged[row]
		}
		m.record.FillRow(q, s.model.logged, s.leads, &s.columns, row, s.notes.LeadIDs[row], reasons, warnings)
		b.server.predictions.Log(&m.record)
	}
}
