package serve

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"leadscore/serve/api"
)

// datatype is one that a tensor may have.
type datatype struct {
	name string
	size int // bytes of a value in binary; 0: a length of four bytes, then as many
	kind dataKind
	raw  bool // values come in binary alone
}

type dataKind int

const (
	booleans dataKind = iota
	signed
	unsigned
	floats
	bfloats // the upper half of a float of 32 bits
	texts
)

// datatypes are those of the protocol. FP16 and BF16 come as binary data: the protocol says that they "must be represented as raw content"
// (ModelInferRequest in its proto), and Triton refuses them in JSON too.
var datatypes = []datatype{
	{name: "BOOL", size: 1, kind: booleans},
	{name: "INT8", size: 1, kind: signed}, {name: "INT16", size: 2, kind: signed}, {name: "INT32", size: 4, kind: signed}, {name: "INT64", size: 8, kind: signed},
	{name: "UINT8", size: 1, kind: unsigned}, {name: "UINT16", size: 2, kind: unsigned}, {name: "UINT32", size: 4, kind: unsigned}, {name: "UINT64", size: 8, kind: unsigned},
	{name: "FP16", size: 2, kind: floats, raw: true}, {name: "BF16", size: 2, kind: bfloats, raw: true}, {name: "FP32", size: 4, kind: floats}, {name: "FP64", size: 8, kind: floats},
	{name: "BYTES", kind: texts},
}

var datatypeNames = func() (names []string) {
	for _, d := range datatypes {
		names = append(names, d.name)
	}
	return names
}()

// errShort is the end of a tensor's values.
var errShort = errors.New("no more values")

// cursor goes through the values of a tensor, each as JSON. What it returns is valid until the next call; errShort after the last.
type cursor interface {
	next() ([]byte, error)
}

// jsonCursor reads "data", flat or, of shape [n, 1], an array a value. The body has been read once, so that its JSON is known to be sound.
type jsonCursor struct {
	scan    scanner
	deep    bool
	begun   bool
	of      *datatype
	content string
	buf     []byte
}

func (c *jsonCursor) next() ([]byte, error) {
	more, err := c.scan.item(!c.begun)
	if c.begun = true; err != nil {
		return nil, err
	}
	if !more {
		c.scan = scanner{data: []byte("]")} // so that it stays at its end
		return nil, errShort
	}
	raw, err := c.scan.value()
	if err != nil {
		return nil, err
	}
	if raw[0] == '[' && c.deep {
		inner := scanner{data: raw, pos: 1, nan: true}
		inner.space()
		if raw, err = inner.value(); err != nil || inner.space() != ']' || inner.pos != len(inner.data)-1 {
			return nil, errors.New("is not an array of one value, as the shape says")
		}
	}
	return c.check(raw)
}

// check holds a value against the datatype.
func (c *jsonCursor) check(raw []byte) ([]byte, error) {
	if string(raw) == "null" || string(raw) == "NaN" {
		return raw, nil
	}
	fits := false
	switch c.of.kind {
	case booleans:
		fits = raw[0] == 't' || raw[0] == 'f'
	case signed:
		_, err := strconv.ParseInt(string(raw), 10, 8*c.of.size)
		fits = err == nil
	case unsigned:
		_, err := strconv.ParseUint(string(raw), 10, 8*c.of.size)
		fits = err == nil
	case floats:
		fits = raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
	case texts:
		if raw[0] == '"' {
			return c.unpack(raw)
		}
		fits = raw[0] != '[' && raw[0] != '{' // the protocol's own client makes numbers of texts such as "12": the column's kind judges
	}
	if !fits {
		return nil, fmt.Errorf("is %s, which is not %s; want a value of the datatype, or null", clip(string(raw), nameLength), c.of.name)
	}
	return raw, nil
}

// unpack takes a value out of a text as MLServer's codecs put it in: pd_json is JSON in the text, base64 the bytes of a text.
func (c *jsonCursor) unpack(raw []byte) ([]byte, error) {
	if c.content != "pd_json" && c.content != "base64" {
		return raw, nil
	}
	inner, plain, err := (&scanner{data: raw}).text()
	if err != nil {
		return nil, err
	}
	value := unquote(inner, plain)
	if c.content == "pd_json" {
		return jsonElement(value)
	}
	text, err := base64.StdEncoding.DecodeString(string(value))
	if err != nil {
		return nil, fmt.Errorf("is not base64: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, errNotUTF8
	}
	c.buf = appendText(c.buf[:0], string(text))
	return c.buf, nil
}

var errNotUTF8 = errors.New("is not UTF-8")

// jsonElement is one whole value of JSON.
func jsonElement(text []byte) ([]byte, error) {
	s := scanner{data: text, nan: true}
	raw, err := s.value()
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, fmt.Errorf("is not JSON, as its content type pd_json says: %w", err)
	}
	return raw, nil
}

// binaryCursor reads the values of a tensor of the binary extension: little-endian, one after the other.
type binaryCursor struct {
	rest    []byte
	of      *datatype
	content string
	buf     []byte
}

func (c *binaryCursor) next() ([]byte, error) {
	if len(c.rest) == 0 {
		return nil, errShort
	}
	if c.of.kind == texts {
		return c.text()
	}
	if len(c.rest) < c.of.size {
		c.rest = nil
		return nil, errors.New("is cut off")
	}
	bits := uint64(0)
	for i := range c.of.size {
		bits |= uint64(c.rest[i]) << (8 * i)
	}
	c.rest = c.rest[c.of.size:]
	switch c.of.kind {
	case booleans:
		if bits > 1 {
			return nil, fmt.Errorf("is %d; want a byte of 0 or 1", bits)
		}
		c.buf = strconv.AppendBool(c.buf[:0], bits == 1)
	case signed:
		unused := 64 - 8*c.of.size
		c.buf = strconv.AppendInt(c.buf[:0], int64(bits)<<unused>>unused, 10)
	case unsigned:
		c.buf = strconv.AppendUint(c.buf[:0], bits, 10)
	case floats, bfloats:
		x := c.of.float(bits)
		switch {
		case math.IsNaN(x):
			return jsonNull, nil
		case math.IsInf(x, 0):
			return nil, fmt.Errorf("is %v; want a finite number, or NaN where there is none", x)
		}
		c.buf = appendFloat(c.buf[:0], x)
	}
	return c.buf, nil
}

// float is the number that the bits of a floating-point datatype say; each of them is a float64.
func (d *datatype) float(bits uint64) float64 {
	switch {
	case d.kind == bfloats:
		return float64(math.Float32frombits(uint32(bits) << 16))
	case d.size == 2:
		return half(uint16(bits))
	case d.size == 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// half is a binary16 of IEEE 754: a sign, five bits of exponent with a bias of 15, ten of fraction; an exponent of 0 is that of 1
// without the leading one, one of 31 is infinite or, with a fraction, NaN.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	x := math.NaN()
	switch {
	case exponent == 0:
		x = math.Ldexp(fraction, -24)
	case exponent < 31:
		x = math.Ldexp(1024+fraction, exponent-25)
	case fraction == 0:
		x = math.Inf(1)
	}
	if bits>>15 == 1 {
		return -x
	}
	return x
}

func (c *binaryCursor) text() ([]byte, error) {
	if len(c.rest) < 4 {
		c.rest = nil
		return nil, errors.New("is cut off within its length")
	}
	n := binary.LittleEndian.Uint32(c.rest)
	if c.rest = c.rest[4:]; uint64(n) > uint64(len(c.rest)) {
		err := fmt.Errorf("is cut off: %d bytes of %d", len(c.rest), n)
		c.rest = nil
		return nil, err
	}
	text := c.rest[:n]
	c.rest = c.rest[n:]
	if c.content == "pd_json" {
		return jsonElement(text)
	}
	if !utf8.Valid(text) {
		return nil, errNotUTF8
	}
	c.buf = appendText(c.buf[:0], string(text))
	return c.buf, nil
}

// rows0 is the number of leads: that of the first tensor.
func (q *inferRequest) rows0() int {
	if len(q.inputs) == 0 {
		return 0
	}
	return q.inputs[0].shape.rows
}

// resolve finds the column and the values of each tensor; the binary data of tensors lie in their order.
func (q *inferRequest) resolve(binaries []byte) {
	seen := map[string]bool{}
	for i := range q.inputs {
		in := &q.inputs[i]
		path := fmt.Sprintf("inputs[%q]", clip(in.name, nameLength))
		if seen[in.name] {
			q.q.fail(api.CodeDuplicateKey, path, "stands twice")
		}
		seen[in.name] = true
		in.place = q.column([]byte(in.name), func() string { return path })
		if in.shape.rows >= 0 && q.rows0() >= 0 && in.shape.rows != q.rows0() {
			q.q.fail(api.CodeInvalidValue, path+".shape", fmt.Sprintf("has %d rows where the first tensor has %d; want one value a lead in each", in.shape.rows, q.rows0()))
		}
		if in.datatype == nil || in.shape.rows != q.rows0() || q.rows0() < 0 {
			binaries = nil // it is not known whose the rest is
			continue
		}
		switch {
		case in.data >= 0 && in.size >= 0:
			q.q.fail(api.CodeInvalidValue, path, "has data and binary_data_size; want one of them")
		case in.data >= 0 && in.datatype.raw:
			q.q.fail(api.CodeInvalidValue, path+".data", in.datatype.name+" has no values in JSON; want binary data (binary_data_size), or FP32")
		case in.data >= 0:
			in.values = &jsonCursor{scan: scanner{data: q.body, pos: in.data + 1, depth: 1, nan: true}, deep: in.shape.deep, of: in.datatype, content: in.content}
		case in.size < 0:
			q.q.fail(api.CodeInvalidValue, path+".data", "is missing")
		case in.size > int64(len(binaries)) && q.q.total > 0:
		case in.size > int64(len(binaries)):
			q.q.fail(api.CodeInvalidValue, path+".parameters.binary_data_size", fmt.Sprintf("is %d where %d bytes are left behind the JSON, whose length %s tells", in.size, len(binaries), inferLength))
			binaries = nil
		default:
			in.values = &binaryCursor{rest: binaries[:in.size], of: in.datatype, content: in.content}
			binaries = binaries[in.size:]
		}
	}
	if len(binaries) > 0 && q.q.total == 0 {
		q.q.fail(api.CodeInvalidValue, inferLength, fmt.Sprintf("leaves %d bytes that are no tensor's", len(binaries)))
	}
}

// score reads the values row by row and scores each row. Nothing is kept of the input: each tensor has a cursor of its own.
func (q *inferRequest) score() error {
	for row := range max(q.rows0(), 0) {
		for i := range q.inputs {
			in := &q.inputs[i]
			if in.values == nil {
				continue
			}
			raw, err := in.values.next()
			if errors.Is(err, errShort) {
				q.q.fail(api.CodeInvalidValue, fmt.Sprintf("inputs[%q].data", clip(in.name, nameLength)), fmt.Sprintf("has %d values where the shape says %d", row, in.shape.rows))
				in.values = nil
				continue
			}
			if err == nil {
				err = q.cell(in.place, raw)
			}
			if err != nil {
				q.wrong(in.place, err, func() string { return fmt.Sprintf("inputs[%q].data[%d]", clip(in.name, nameLength), row) })
			}
		}
		if err := q.row(func() string { return fmt.Sprintf("row %d", row) }); err != nil {
			return err
		}
	}
	for i := range q.inputs {
		in := &q.inputs[i]
		if in.values == nil {
			continue
		}
		if _, err := in.values.next(); !errors.Is(err, errShort) {
			q.q.fail(api.CodeInvalidValue, fmt.Sprintf("inputs[%q].data", clip(in.name, nameLength)), fmt.Sprintf("has more values than the %d that the shape says", in.shape.rows))
		}
	}
	return q.judge()
}
