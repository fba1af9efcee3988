package datasets

import "errors"

// errNotKept: a block is read again that a stream without Keep gave out, or another kind of stream.
var errNotKept = errors.New("reading a block again: it was not kept, or is of another stream")

// csvAgain is the Rereader of CSV. The records of a block were cut by the stream, so that their number is the same under each schema.
type csvAgain struct {
	schema  *Schema
	parser  *parser
	unknown []string
}

func (s *csvStream) Under(schema *Schema, skip []string) (Rereader, error) {
	again := &csvAgain{schema: schema.blind(skip)}
	var err error
	if again.parser, again.unknown, err = csvPlan(s.names, again.schema); err != nil {
		return nil, err
	}
	return again, nil
}

func (c *csvAgain) Unknown() []string { return c.unknown }

func (c *csvAgain) Read(b *Block) (*Block, error) {
	switch {
	case b.text != nil:
		return csvRows(c.parser, c.schema, append(c.parser.takeBuffer()[:0], b.text...)), nil
	case b.Rows == len(b.Refused): // the row was too long to be looked at
		return &Block{Rows: b.Rows, Batch: noRows(c.schema), Refused: b.Refused, Ends: b.Ends}, nil
	}
	return nil, errNotKept
}

// arrowAgain is the Rereader of Arrow.
type arrowAgain struct{ arrowReading }

func (s *arrowStream) Under(schema *Schema, skip []string) (Rereader, error) {
	reading, err := s.plan(schema.blind(skip), skip)
	if err != nil {
		return nil, err
	}
	return &arrowAgain{reading}, nil
}

func (a *arrowAgain) Read(b *Block) (again *Block, err error) {
	if b.record == nil {
		return nil, errNotKept
	}
	err = recovered(func() (err error) {
		again, err = a.block(b.record, b.from, b.Rows)
		return err
	})
	if err != nil {
		return nil, &StreamError{Reason: "not a readable Arrow stream: " + err.Error()}
	}
	again.Ends = b.Ends
	return again, nil
}
