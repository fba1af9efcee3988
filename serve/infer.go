package serve

import (
	"fmt"
	"strconv"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// inferLength is the header with the length of the JSON that binary tensors follow.
const inferLength = "Inference-Header-Content-Length"

// binaryExtension is the one extension of the Open Inference Protocol that is spoken.
const binaryExtension = "binary_tensor_data"

type (
	inferLive struct {
		Live bool `json:"live"`
	}
	inferReady struct {
		Ready bool `json:"ready"`
	}
	modelReady struct {
		Name  string `json:"name"`
		Ready bool   `json:"ready"`
	}
	serverMetadata struct {
		Name       string   `json:"name"`
		Version    string   `json:"version"`
		Extensions []string `json:"extensions"`
	}
	modelMetadata struct {
		Name     string           `json:"name"`
		Versions []string         `json:"versions"`
		Platform string           `json:"platform"`
		Inputs   []tensorMetadata `json:"inputs"`
		Outputs  []tensorMetadata `json:"outputs"`
	}
	tensorMetadata struct {
		Name     string `json:"name"`
		Datatype string `json:"datatype"`
		Shape    []int  `json:"shape"`
	}
)

func (s *Server) inferLive(*call) (any, error) { return inferLive{true}, nil }

func (s *Server) inferReady(k *call) (any, error) {
	if _, err := s.readiness(k); err != nil {
		return nil, err
	}
	return inferReady{true}, nil
}

func (s *Server) inferServer(*call) (any, error) {
	return serverMetadata{Name: "leadscore", Version: s.version, Extensions: []string{binaryExtension}}, nil
}

// inferModel finds the model of the path: /v2/models/{name}[/versions/{version}].
func (s *Server) inferModel(k *call) (*loaded, error) {
	if k.request.URL.RawQuery != "" {
		return nil, badRequest(api.CodeUnknownParameter, "", "this path takes no query parameters")
	}
	if k.name == "" {
		return nil, badRequest(api.CodeInvalidValue, "name", "is empty; want the name of a model")
	}
	if k.version != "" {
		return k.models.find(k.name + "@" + k.version)
	}
	return k.models.find(k.name)
}

func (s *Server) inferModelReady(k *call) (any, error) {
	m, err := s.inferModel(k)
	if err == nil && s.draining.Load() {
		err = notReady("the server is stopping")
	}
	if err != nil {
		return nil, err
	}
	return modelReady{m.info.Name, true}, nil
}

// anyRows is the shape of a tensor of one value a lead.
var anyRows = []int{-1}

func (s *Server) inferModelMetadata(k *call) (any, error) {
	m, err := s.inferModel(k)
	if err != nil {
		return nil, err
	}
	out := modelMetadata{Name: m.info.Name, Versions: []string{m.info.Version}, Platform: "leadscore"}
	for i := range m.columns.schema.Fields {
		if f := &m.columns.schema.Fields[i]; f.Kind != datasets.Unknown {
			out.Inputs = append(out.Inputs, tensorMetadata{f.Name, datatypeOf(f.Kind), anyRows})
		}
	}
	for i := range m.outputs {
		out.Outputs = append(out.Outputs, tensorMetadata{m.outputs[i].name, m.outputs[i].datatype(), anyRows})
	}
	return out, nil
}

// datatypeOf is the datatype of a tensor that suits a kind of column. Texts suit every kind.
func datatypeOf(k datasets.Kind) string {
	switch k {
	case datasets.Numeric:
		return "FP64"
	case datasets.Boolean:
		return "BOOL"
	}
	return "BYTES"
}

func (o *output) datatype() string {
	if o.number != nil {
		return "FP64"
	}
	return "BYTES"
}

// infer answers POST /v2/models/{name}/infer: one tensor a column, one value a lead.
func (s *Server) infer(k *call) (any, error) {
	m, err := s.inferModel(k)
	if err != nil {
		return nil, err
	}
	switch mediaType(k.request) {
	case "application/json", "application/octet-stream", "", "application/x-www-form-urlencoded": // the last is what curl -d says
	default:
		return nil, badMedia(k.request, "application/json, or application/octet-stream with "+inferLength)
	}
	if k.body, err = s.readBody(k, k.body, s.limits.InferBody); err != nil {
		return nil, err
	}
	if err := s.admitTable(k); err != nil {
		return nil, err
	}
	k.exchange.model = m
	head, tensors := k.body, []byte(nil)
	if h := k.request.Header.Get(inferLength); h != "" {
		n, err := strconv.ParseUint(h, 10, 63)
		if err != nil || n > uint64(len(k.body)) {
			return nil, badRequest(api.CodeInvalidValue, inferLength, fmt.Sprintf("is %q; want the length of the JSON, at most that of the body, %d", clip(h, nameLength), len(k.body)))
		}
		head, tensors = k.body[:n], k.body[n:]
	}
	q := &inferRequest{sheet: s.newSheet(k)}
	if err := q.begin(m); err != nil {
		s.refused(err)
		return nil, err
	}
	answer, err := s.inferTables(k, q, head, tensors)
	k.exchange.rows = q.rows
	if err != nil {
		s.refused(err)
		return nil, err
	}
	q.answered()
	return answer, nil
}

func (s *Server) inferTables(k *call, q *inferRequest, head, tensors []byte) (any, error) {
	if err := q.decode(head, tensors); err != nil {
		return nil, err
	}
	columns := make([]tensorColumn, len(q.outputs))
	for i, o := range q.outputs {
		columns[i].wanted = o
	}
	q.keep = func(l *model.Lead, p *model.Prediction) error {
		for i := range columns {
			if err := columns[i].add(l, p); err != nil {
				return err
			}
		}
		return nil
	}
	if err := q.score(); err != nil {
		return nil, err
	}
	head, whole := appendInference(k.out[:0], q, columns)
	k.out = whole
	if len(head) == len(whole) {
		return payload{contentType: jsonType, body: whole, large: true}, nil
	}
	return payload{contentType: octetType, body: whole, large: true, header: inferLength, value: strconv.Itoa(len(head))}, nil
}

var octetType = []string{"application/octet-stream"}
