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
	q.lead.Previous.Since = datasets.MissingTime
	has, err := q.members(s, "an object", previousKeys, (*request).previousPath, (*request).previousMember)
	if err != nil {
		return err
	}
	if !has[0] {
		q.fail(api.CodeInvalidValue, "previous.stage", "is missing; want "+oneOf(stageNames))
	}
	return nil
}

func (q *request) previousPath(key string) string { return "previous." + key }

func (q *request) previousMember(s *scanner, k int) error {
	if k == 0 {
		return q.stage(s, "previous.stage", &q.lead.Previous.Stage)
	}
	at, ok, err := q.moment(s, "previous.since")
	if ok {
		q.lead.Previous.Since = at
	}
	return err
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
	name := unquote(raw, plain)
	if k := position(stageNames, name); k >= 0 {
		*to = model.Stages()[k]
		return nil
	}
	q.fail(api.CodeInvalidValue, field, datasets.Quoted(string(name))+"; want "+oneOf(stageNames)+didYouMean(string(name), stageNames))
	return nil
}
