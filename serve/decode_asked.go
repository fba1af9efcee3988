package serve

import (
	"strconv"
	"strings"

	"leadscore/serve/api"
)

// targetNames reads which targets' probabilities a request wants.
func (q *request) targetNames(s *scanner) error {
	const key, want = "targets", "an array of names of targets"
	if s.space() != '[' {
		return q.wrongType(s, key, want)
	}
	if err := s.open('[', want); err != nil {
		return err
	}
	q.marked = append(q.marked[:0], make([]bool, len(q.columns.targets))...)
	for first, n := true, 0; ; first, n = false, n+1 {
		more, err := s.item(first)
		if err != nil {
			return err
		}
		if !more {
			if n == 0 {
				q.fail(api.CodeInvalidValue, key, "is empty; want at least one of "+strings.Join(q.columns.targets, ", "))
			}
			q.targets = q.marked
			return nil
		}
		if q.full() { // what is wrong is told of others
			q.total++
			if _, err := s.value(); err != nil {
				return err
			}
			continue
		}
		if s.space() != '"' {
			if err := q.wrongType(s, "targets["+strconv.Itoa(n)+"]", "a text"); err != nil {
				return err
			}
			continue
		}
		raw, plain, err := s.text()
		if err != nil {
			return err
		}
		if problem := mark(q.marked, q.columns.targets, string(unquote(raw, plain))); problem != "" {
			q.fail(api.CodeInvalidValue, "targets["+strconv.Itoa(n)+"]", problem)
		}
	}
}

// reasonCount reads how many reasons a request wants.
func (q *request) reasonCount(s *scanner) error {
	const key = "explain"
	if c := s.space(); c != '-' && (c < '0' || c > '9') {
		return q.wrongType(s, key, wantReasons)
	}
	raw, err := s.value()
	if err != nil {
		return err
	}
	n, ok := reasonCount(string(raw))
	if !ok {
		q.fail(api.CodeInvalidValue, key, clip(string(raw), nameLength)+"; "+wantReasons)
		return nil
	}
	q.explain = n
	return nil
}
