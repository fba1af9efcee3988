package serve

import (
	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// previousKeys are the keys of the stage that a lead was in.
var previousKeys = []string{"stage", "since"}

// stageNames are the stages by name.
var stageNames = func() (names []string) {
	for _, stage := range model.Stages() {
		names = append(names, string(stage))
	}
	return names
}()

// previous reads the stage that the lead was in. A stage is one of the names as an answer has them.
func (q *request) previous(s *scanner) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	p := &q.lead.Previous
	p.Since = datasets.MissingTime
	var has [2]bool
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		k := position(previousKeys, key)
		switch {
		case k < 0:
			q.fail(api.CodeUnknownField, "previous."+clip(string(key), nameLength), "no such key; want "+oneOf(previousKeys)+didYouMean(string(key), previousKeys))
			_, err = s.value()
		case has[k]:
			q.fail(api.CodeDuplicateKey, "previous."+previousKeys[k], "stands twice")
			_, err = s.value()
		case k == 0:
			has[k] = true
			err = q.stage(s, "previous.stage", &p.Stage)
		default:
			has[k] = true
			var at int64
			var ok bool
			if at, ok, err = q.moment(s, "previous.since"); ok {
				p.Since = at
			}
		}
		if err != nil {
			return err
		}
	}
	if !has[0] {
		q.fail(api.CodeInvalidValue, "previous.stage", "is missing; want "+oneOf(stageNames))
	}
	return nil
}

// stage reads the name of a stage.
func (q *request) stage(s *scanner, field string, to *model.Stage) error {
	if s.space() != '"' {
		return q.wrongType(s, field, oneOf(stageNames))
	}
	raw, plain, err := s.text()
	if err != nil {
		return err
	}
	if k := position(stageNames, unquote(raw, plain)); k >= 0 {
		*to = model.Stages()[k]
		return nil
	}
	q.fail(api.CodeInvalidValue, field, "want "+oneOf(stageNames))
	return nil
}
