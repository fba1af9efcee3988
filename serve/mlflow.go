package serve

import (
	"fmt"
	"net/url"

	"leadscore/model"
	"leadscore/serve/api"
)

var textType = []string{"text/plain; charset=utf-8"}

// mlflowVersion answers with the bare version, as MLflow's scoring server does; it is ours.
func (s *Server) mlflowVersion(*call) (any, error) {
	return payload{contentType: textType, body: []byte(s.version)}, nil
}

// named finds the model that ?model=NAME or NAME@VERSION asks for; other parameters of our own stand in params.
func (s *Server) named(k *call) (*loaded, error) {
	q, err := url.ParseQuery(k.request.URL.RawQuery)
	if err != nil { // what can be read of it may name another model than was meant
		return nil, unreadableQuery(err)
	}
	for _, key := range sortedKeys(q) {
		if key != "model" || len(q[key]) != 1 {
			return nil, badRequest(api.CodeUnknownParameter, clip(key, nameLength), `want at most one query parameter, "model"; as_of and others stand in "params"`)
		}
	}
	return k.models.find(q.Get("model"))
}

// invocations answers POST /invocations: a table in one of MLflow's forms, a record for each row.
func (s *Server) invocations(k *call) (any, error) {
	m, err := s.named(k)
	if err != nil {
		return nil, err
	}
	media := mediaType(k.request)
	switch media {
	case "application/json", "text/csv", "", "application/x-www-form-urlencoded":
	default:
		return nil, badMedia(k.request, "application/json or text/csv")
	}
	if k.body, err = s.readBody(k, k.body, s.limits.InferBody); err != nil {
		return nil, err
	}
	if err := s.admitTable(k); err != nil {
		return nil, err
	}
	k.exchange.model = m
	q := &invocation{sheet: s.newSheet(k), out: append(k.out[:0], `{"predictions":[`...)}
	if media == "text/csv" {
		if err = q.use(m); err == nil {
			err = q.csv(k.body)
		}
	} else {
		err = q.json(m, k.body)
	}
	k.exchange.rows = q.rows
	if err != nil {
		s.refused(err)
		return nil, err
	}
	q.answered()
	q.out = append(q.out, "]}\n"...)
	k.out = q.out
	return payload{contentType: jsonType, body: k.out, large: true}, nil
}

// invocation is a request to MLflow's scoring server.
type invocation struct {
	*sheet
	chosen string // model named in params
	out    []byte // of the answer
}

// use makes the table one of leads of a model; each row becomes a record of lead_id and the outputs.
func (q *invocation) use(m *loaded) error {
	if err := q.begin(m); err != nil {
		return err
	}
	outputs := append([]output{leadID(m.scorer.Artifact())}, m.outputs...)
	q.keep = func(l *model.Lead, p *model.Prediction) error {
		if q.rows > 1 {
			q.out = append(q.out, ',')
		}
		for i := range outputs {
			o := &outputs[i]
			q.out = append(q.out, "{,"[min(i, 1)])
			q.out = append(appendText(q.out, o.name), ':')
			if o.number == nil {
				q.out = appendText(q.out, o.text(l, p))
				continue
			}
			x, err := o.of(p)
			if err != nil {
				return err
			}
			q.out = appendFloat(q.out, x)
		}
		q.out = append(q.out, '}')
		return nil
	}
	return nil
}

var (
	mlflowKeys   = []string{"dataframe_split", "dataframe_records", "inputs", "instances", "params"}
	mlflowTables = mlflowKeys[:4]
	mlflowParams = []string{"as_of", "unknown", "model"}
)

// json reads a body of one table and params. The table is read last, when params are known.
func (q *invocation) json(m *loaded, body []byte) error {
	s := &q.q.scan
	*s = scanner{data: body, nan: true}
	var table scanner
	var form string
	_, _, err := q.object(s, "", "an object with one of "+oneOf(mlflowTables), mlflowKeys, func(k int) error {
		if mlflowKeys[k] == "params" {
			return q.params(s)
		}
		if form != "" {
			q.q.fail(api.CodeInvalidValue, mlflowKeys[k], fmt.Sprintf("stands beside %q; want one of them", form))
		}
		form, table = mlflowKeys[k], *s
		_, err := s.value()
		return err
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return err
	}
	if q.chosen != "" {
		if q.call.request.URL.RawQuery != "" {
			q.q.fail(api.CodeInvalidValue, "params.model", "is named in the query too; want it in one place")
		}
		if m, err = q.call.models.find(q.chosen); err != nil {
			return err
		}
	}
	if form == "" {
		q.q.fail(api.CodeInvalidValue, mlflowKeys[0], "is missing, and so are the other forms of a table; want one of "+oneOf(mlflowTables))
		return q.judge()
	}
	if err := q.use(m); err != nil {
		return err
	}
	if err := q.table(&table, form); err != nil {
		return err
	}
	return q.judge()
}

// params reads the options: as_of, unknown and the model, NAME or NAME@VERSION.
func (q *invocation) params(s *scanner) error {
	if null(s) {
		return nil
	}
	_, _, err := q.object(s, "params", "an object", mlflowParams, func(k int) (err error) {
		path := "params." + mlflowParams[k]
		if mlflowParams[k] != "model" {
			return q.option(s, path, mlflowParams[k])
		}
		if null(s) {
			return nil
		}
		q.chosen, _, err = q.text(s, path, "NAME or NAME@VERSION of a model")
		return err
	})
	return err
}
