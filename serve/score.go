package serve

import (
	"bytes"
	"fmt"
	"log/slog"

	"leadscore/serve/api"
)

// score answers POST /v1/score.
func (s *Server) score(k *call) (any, error) {
	m, err := s.single(k)
	if err != nil {
		return nil, err
	}
	k.out, err = s.scoreOne(k, m, k.body, k.out[:0])
	if err != nil {
		return nil, err
	}
	k.exchange.model = k.answering
	k.out = append(k.out, '\n')
	return encoded(k.out), nil
}

// explain answers POST /v1/explain.
func (s *Server) explain(k *call) (any, error) {
	m, err := s.single(k)
	if err != nil {
		return nil, err
	}
	if m, err = s.decode(k, m, k.body); err != nil {
		return nil, err
	}
	k.exchange.model = m
	e, err := m.in(k.decoded.lang).Explain(&k.decoded.lead, k.decoded.explain)
	if err != nil {
		return nil, fmt.Errorf("explaining a lead: %w", err)
	}
	m.counts.lead(&k.decoded.lead, &e.Prediction)
	if m.shadow != nil {
		s.shadows.offer(m.shadow, k.body, k.requestID, &e.Prediction)
	}
	x := newExplanation(m.scorer.Artifact(), e)
	keepTargets(&x.Answer, m.scorer.Artifact(), k.decoded.targets)
	x.Model = m.ref
	if len(k.decoded.warnings) > 0 {
		x.Warnings = append(k.decoded.warnings, x.Warnings...)
	}
	s.predicted(k, m, &k.decoded.lead, e, len(x.Warnings))
	return x, nil
}

// single does what the routes of one lead have in common: it finds the model and reads the body.
func (s *Server) single(k *call) (*loaded, error) {
	m, err := s.queried(k)
	if err != nil {
		return nil, err
	}
	media := mediaType(k.request)
	switch media {
	case "application/json", "", "application/x-www-form-urlencoded": // the last is what curl -d says when not told
	default:
		return nil, badMedia(k.request, "application/json")
	}
	if k.body, err = s.readBody(k, k.body, s.limits.Body); err != nil {
		return nil, err
	}
	if media != "application/json" && !bytes.HasPrefix(bytes.TrimLeft(k.body, " \t\r\n"), []byte("{")) {
		return nil, badMedia(k.request, "application/json") // a real form, or nobody knows what
	}
	return m, s.admit(k)
}

// scoreOne decodes and scores one lead and appends the answer to out, which is returned as it was when it cannot.
func (s *Server) scoreOne(k *call, m *loaded, body, out []byte) ([]byte, error) {
	m, err := s.decode(k, m, body)
	if err != nil {
		return out, err
	}
	if err := m.in(k.decoded.lang).Advise(&k.decoded.lead, k.decoded.explain, &k.advice); err != nil {
		return out, fmt.Errorf("scoring a lead: %w", err)
	}
	m.counts.lead(&k.decoded.lead, &k.advice.Prediction)
	if m.shadow != nil {
		s.shadows.offer(m.shadow, body, k.requestID, &k.advice.Prediction)
	}
	fillAnswer(&k.answer, m.scorer.Artifact(), &k.advice)
	k.chances = chances(k.chances[:0], m.byName, m.scorer.Artifact(), &k.advice, k.decoded.targets)
	k.answer.Model = m.ref
	if len(k.decoded.warnings) > 0 {
		k.answer.Warnings = append(k.decoded.warnings, k.answer.Warnings...)
	}
	answered, err := appendAnswer(out, &k.answer, k.chances)
	if err == nil {
		s.predicted(k, m, &k.decoded.lead, &k.advice, len(k.answer.Warnings))
	}
	return answered, err
}

// decode reads one request into k.decoded and warns of what it asks for in vain. It returns the model that answers: m, or where
// m's leads are shared out the challenger, which then reads the request itself.
func (s *Server) decode(k *call, m *loaded, body []byte) (*loaded, error) {
	q := &k.decoded
	q.warnAll = k.asked.warn
	err := q.decode(m.columns, body)
	if m.split != nil {
		if c := m.forLead(q.lead.Values); c != m {
			m, err = c, q.decode(c.columns, body)
		}
	}
	if err != nil {
		s.refused(err)
		return m, err
	}
	k.asked.fill(q, m.asOf)
	k.aged, k.answering = s.aged(m), m
	if len(q.lead.Events) > 0 && !m.events {
		q.warnings = append(q.warnings, "events: this model has no rules, so nothing reads them")
	}
	q.warnings = append(q.warnings, m.in(q.lang).Assumed(&q.lead, q.sent)...)
	return m, nil
}

// refused counts a lead that was not scored.
func (s *Server) refused(err error) {
	code := api.CodeInternal
	if f := asFault(err); f != nil {
		code = f.code
	}
	s.metrics.rowFails.WithLabelValues(code).Inc()
}

// rowProblem is a row's error inside a batch; our own bugs are logged as they would be alone.
func (s *Server) rowProblem(k *call, row int, err error) *api.Problem {
	if asFault(err) == nil {
		s.log.LogAttrs(k.request.Context(), slog.LevelError, "a row failed",
			k.exchange.traced([]slog.Attr{slog.String("request_id", k.requestID), slog.Int("row", row), slog.String("error", err.Error())})...)
	}
	return problem(err, k.requestID)
}
