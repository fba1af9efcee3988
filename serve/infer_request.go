package serve

import (
	"bytes"
	"fmt"
	"strconv"

	"leadscore/serve/api"
)

// inferRequest is a request of the Open Inference Protocol: one tensor a column.
type inferRequest struct {
	*sheet
	id      []byte // as it came, with its quotes; nil: none
	inputs  []tensor
	outputs []wanted
	binary  bool // every output that does not say otherwise
	body    []byte
}

// tensor is one input, before its values are looked at.
type tensor struct {
	name     string
	shape    shape
	datatype *datatype
	content  string // content type of MLServer: how a BYTES element holds its value
	data     int    // place of "data" in the body; -1: none
	size     int64  // of its binary data; -1: none
	place    int
	values   cursor
}

// shape is [rows] or [rows,1].
type shape struct {
	rows int // -1: not known
	deep bool
}

// wanted is one output that is asked for.
type wanted struct {
	output
	binary bool
}

// mostTensors bounds the columns of one request, those that training did not have counted.
const mostTensors = 10_000

var (
	inferKeys       = []string{"id", "parameters", "inputs", "outputs"}
	inferParameters = []string{"as_of", "unknown", "binary_data_output", "content_type", "headers", "priority", "timeout"}
	tensorKeys      = []string{"name", "shape", "datatype", "parameters", "data"}
	tensorParams    = []string{"content_type", "binary_data_size"}
	outputKeys      = []string{"name", "parameters"}
	outputParams    = []string{"binary_data", "content_type"}
	contentTypes    = []string{"str", "np", "pd", "pd_json", "datetime", "base64"}
)

// decode reads all but the values: head is the JSON, tensors the binary data behind it. Of the parameters that clients send by
// themselves those that mean nothing here (priority, timeout, headers, the content type of the whole) are passed over; others are refused by name.
func (q *inferRequest) decode(head, tensors []byte) error {
	q.body = head
	s := &q.q.scan
	*s = scanner{data: head, nan: true}
	var outputs scanner // where they stand: they are read last, when it is known what binary_data_output says
	has, _, err := q.object(s, "", `an object: {"inputs": […]}`, inferKeys, func(k int) error {
		switch inferKeys[k] {
		case "id":
			return q.readID(s)
		case "parameters":
			return q.readParameters(s)
		case "inputs":
			return q.readInputs(s)
		}
		outputs = *s
		_, err := s.value()
		return err
	})
	if err != nil {
		return err
	}
	if err := s.end(); err != nil {
		return err
	}
	if !has[2] {
		q.q.fail(api.CodeInvalidValue, "inputs", "is missing; want an array of tensors, one a column")
	}
	if err := q.readOutputs(&outputs); err != nil {
		return err
	}
	q.resolve(tensors)
	if q.rows0() > q.server.limits.InferRows {
		return tooManyRows("table", q.server.limits.InferRows)
	}
	return nil
}

func (q *inferRequest) readID(s *scanner) error {
	if null(s) {
		return nil
	}
	if s.space() != '"' {
		return q.q.wrongType(s, "id", "a text")
	}
	raw, _, err := s.text()
	q.id = raw
	return err
}

// flag reads true or false.
func (q *inferRequest) flag(s *scanner, path string, to *bool) error {
	s.space()
	raw, err := s.value()
	if err != nil {
		return err
	}
	if *to = string(raw) == "true"; !*to && string(raw) != "false" {
		q.q.fail(api.CodeInvalidValue, path, "want true or false")
	}
	return nil
}

func (q *inferRequest) readParameters(s *scanner) error {
	if null(s) {
		return nil
	}
	_, _, err := q.object(s, "parameters", "an object", inferParameters, func(k int) error {
		path := "parameters." + inferParameters[k]
		switch key := inferParameters[k]; key {
		case "as_of", "unknown":
			return q.option(s, path, key)
		case "binary_data_output":
			return q.flag(s, path, &q.binary)
		}
		_, err := s.value()
		return err
	})
	q.q.lead.AsOf = q.asOf
	return err
}

// elementsOf reads an array of at most so many elements, each by read, which is told its path.
func elementsOf(s *scanner, name string, most int, read func(path string) error) error {
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := s.item(i == 0)
		if err != nil || !more {
			return err
		}
		if i == most {
			return badRequest(api.CodeInvalidValue, name, fmt.Sprintf("has more than %d elements; want at most so many", most))
		}
		if err := read(fmt.Sprintf("%s[%d]", name, i)); err != nil {
			return err
		}
	}
}

func (q *inferRequest) readInputs(s *scanner) error {
	if s.space() != '[' {
		return q.q.wrongType(s, "inputs", "an array of tensors, one a column")
	}
	err := elementsOf(s, "inputs", mostTensors, func(path string) error {
		if q.enough() {
			return q.judge()
		}
		return q.readTensor(s, path)
	})
	if err != nil {
		return err
	}
	if len(q.inputs) == 0 && q.q.total == 0 {
		q.q.fail(api.CodeInvalidValue, "inputs", "is empty; want one tensor a column")
	}
	return nil
}

func (q *inferRequest) readTensor(s *scanner, path string) error {
	in := tensor{shape: shape{rows: -1}, data: -1, size: -1}
	has, ok, err := q.object(s, path, "an object: a tensor", tensorKeys, func(k int) (err error) {
		at := path + "." + tensorKeys[k]
		switch tensorKeys[k] {
		case "name":
			in.name, _, err = q.text(s, at, "the name of a column")
		case "shape":
			in.shape, err = q.readShape(s, at)
		case "datatype":
			in.datatype, err = q.readDatatype(s, at)
		case "parameters":
			err = q.readTensorParameters(s, at, &in)
		case "data":
			if null(s) {
				return nil
			}
			if s.space() != '[' {
				return q.q.wrongType(s, at, "an array of values")
			}
			in.data = s.pos
			_, err = s.value()
		}
		return err
	})
	if err != nil || !ok {
		return err
	}
	for k, key := range tensorKeys[:3] {
		if !has[k] {
			q.q.fail(api.CodeInvalidValue, path+"."+key, "is missing")
		}
	}
	q.inputs = append(q.inputs, in)
	return nil
}

// readShape reads [n] or [n, 1].
func (q *inferRequest) readShape(s *scanner, path string) (shape, error) {
	const want = "want [n] or [n, 1], n the number of leads"
	s.space()
	raw, err := s.value()
	if err != nil {
		return shape{rows: -1}, err
	}
	if raw[0] == '[' {
		parts := bytes.SplitN(raw[1:len(raw)-1], []byte(","), 3) // a third is wrong, however many follow
		n, wrong := strconv.ParseInt(string(bytes.TrimSpace(parts[0])), 10, 64)
		if wrong == nil && n >= 0 && (len(parts) == 1 || len(parts) == 2 && string(bytes.TrimSpace(parts[1])) == "1") {
			return shape{rows: int(n), deep: len(parts) == 2}, nil
		}
	}
	q.q.fail(api.CodeInvalidValue, path, fmt.Sprintf("is %s; %s", clip(string(raw), nameLength), want))
	return shape{rows: -1}, nil
}

func (q *inferRequest) readDatatype(s *scanner, path string) (*datatype, error) {
	name, ok, err := q.text(s, path, oneOf(datatypeNames))
	if err != nil || !ok {
		return nil, err
	}
	if k := position(datatypeNames, []byte(name)); k >= 0 {
		return &datatypes[k], nil
	}
	q.q.fail(api.CodeInvalidValue, path, fmt.Sprintf("is %q; want %s", clip(name, nameLength), oneOf(datatypeNames)))
	return nil, nil
}

func (q *inferRequest) readTensorParameters(s *scanner, path string, in *tensor) error {
	if null(s) {
		return nil
	}
	_, _, err := q.object(s, path, "an object", tensorParams, func(k int) error {
		at := path + "." + tensorParams[k]
		if null(s) {
			return nil
		}
		if tensorParams[k] == "content_type" {
			text, ok, err := q.text(s, at, oneOf(contentTypes))
			if in.content = text; ok && position(contentTypes, []byte(text)) < 0 {
				q.q.fail(api.CodeInvalidValue, at, fmt.Sprintf("is %q; want %s", clip(text, nameLength), oneOf(contentTypes)))
			}
			return err
		}
		raw, err := s.value()
		if err != nil {
			return err
		}
		if n, wrong := strconv.ParseInt(string(raw), 10, 64); wrong == nil && n >= 0 {
			in.size = n
		} else {
			q.q.fail(api.CodeInvalidValue, at, fmt.Sprintf("is %s; want a number of bytes", clip(string(raw), nameLength)))
		}
		return nil
	})
	return err
}

// readOutputs reads what is asked for; nothing, or an empty list, asks for all.
func (q *inferRequest) readOutputs(s *scanner) error {
	all := q.model.outputs
	if s.data != nil && !null(s) {
		if s.space() != '[' {
			return q.q.wrongType(s, "outputs", "an array of outputs")
		}
		err := elementsOf(s, "outputs", len(all), func(path string) error { return q.readOutput(s, path, all) })
		if err != nil {
			return err
		}
	}
	if len(q.outputs) == 0 {
		for _, o := range all {
			q.outputs = append(q.outputs, wanted{o, q.binary})
		}
	}
	return nil
}

func (q *inferRequest) readOutput(s *scanner, path string, all []output) error {
	name, named, binary := "", false, q.binary
	has, ok, err := q.object(s, path, "an object: an output", outputKeys, func(k int) (err error) {
		at := path + "." + outputKeys[k]
		if outputKeys[k] == "name" {
			name, named, err = q.text(s, at, "the name of an output")
			return err
		}
		if null(s) {
			return nil
		}
		_, _, err = q.object(s, at, "an object", outputParams, func(k int) error {
			if outputParams[k] == "binary_data" {
				return q.flag(s, at+".binary_data", &binary)
			}
			_, err := s.value()
			return err
		})
		return err
	})
	if err != nil || !ok {
		return err
	}
	if !has[0] {
		q.q.fail(api.CodeInvalidValue, path+".name", "is missing")
	}
	if !named {
		return nil
	}
	var names []string
	for _, o := range all {
		if names = append(names, o.name); o.name != name {
			continue
		}
		for _, other := range q.outputs {
			if other.name == name {
				q.q.fail(api.CodeDuplicateKey, path+".name", fmt.Sprintf("%q is asked for twice", name))
				return nil
			}
		}
		q.outputs = append(q.outputs, wanted{o, binary})
		return nil
	}
	q.q.fail(api.CodeInvalidValue, path+".name", fmt.Sprintf("there is no output %q; there is %s", clip(name, nameLength), oneOf(names)))
	return nil
}
