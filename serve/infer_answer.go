package serve

import (
	"encoding/binary"
	"math"
	"strconv"

	"leadscore/model"
)

// tensorColumn is an output with its values so far.
type tensorColumn struct {
	wanted
	numbers []float64
	texts   []string
}

// add appends what a model says, whose output o is.
func (c *tensorColumn) add(o *output, l *model.Lead, p *model.Prediction) error {
	if o.number == nil {
		c.texts = append(c.texts, o.text(l, p))
		return nil
	}
	x, err := o.of(p)
	c.numbers = append(c.numbers, x)
	return err
}

// size is the length of the values in binary.
func (c *tensorColumn) size() int {
	n := 8 * len(c.numbers)
	for _, t := range c.texts {
		n += 4 + len(t)
	}
	return n
}

// appendInference appends the answer: the JSON, then the binary values of the outputs that are wanted so, in their order. head is the
// JSON alone.
func appendInference(b []byte, q *inferRequest, columns []tensorColumn) (head, whole []byte) {
	b = append(b, `{"model_name":`...)
	b = appendText(b, q.model.info.Name)
	b = append(b, `,"model_version":`...)
	b = appendText(b, q.model.info.Version)
	if q.id != nil {
		b = append(append(b, `,"id":`...), q.id...)
	}
	b = append(b, `,"outputs":[`...)
	for i := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTensor(b, &columns[i], q.rows)
	}
	b = append(b, `]}`...)
	n := len(b)
	for i := range columns {
		if columns[i].binary {
			b = appendBinary(b, &columns[i])
		}
	}
	return b[:n], b
}

func appendTensor(b []byte, c *tensorColumn, rows int) []byte {
	b = append(b, `{"name":`...)
	b = appendText(b, c.name)
	b = append(b, `,"shape":[`...)
	b = strconv.AppendInt(b, int64(rows), 10)
	b = append(b, `],"datatype":`...)
	b = appendText(b, c.datatype())
	if c.binary {
		b = append(b, `,"parameters":{"binary_data_size":`...)
		return append(strconv.AppendInt(b, int64(c.size()), 10), `}}`...)
	}
	b = append(b, `,"data":[`...)
	for i, x := range c.numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFloat(b, x)
	}
	for i, t := range c.texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, t)
	}
	return append(b, `]}`...)
}

func appendBinary(b []byte, c *tensorColumn) []byte {
	for _, x := range c.numbers {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	for _, t := range c.texts {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(t))), t...)
	}
	return b
}
