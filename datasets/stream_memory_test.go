package datasets

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// Streams take over the memory of others: none may see what was in it, nor lose what it has given out.
func TestArrowStreamsDoNotSeeEachOther(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	table := randomTable(rng)
	schema := plainSchema(table.Schema)
	type open struct {
		in    StreamReader
		want  []*Batch
		given []*Block
	}
	var streams []*open
	advance := func(s *open) bool {
		b, err := s.in.Next()
		if err == nil {
			s.given = append(s.given, b)
		} else if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		return err == nil
	}
	for i, sizes := range [][]int{{700, 3, 0, 90}, {20, 400}, {1, 1, 1}, {300}, {5000, 8}} {
		e, s := NewArrowEncoder(schema), &open{}
		var text []byte
		var err error
		for _, rows := range sizes {
			b := randomBatch(rng, table.Schema, rows)
			b.schema = schema
			s.want = append(s.want, b)
			if text, err = e.Append(text, b); err == nil {
				text, err = e.Cut(text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if text, err = e.Close(text); err != nil {
			t.Fatal(err)
		}
		if s.in, err = ReadArrowStream(bytes.NewReader(text), StreamOptions{Schema: schema}); err != nil {
			t.Fatal(err)
		}
		for i%2 == 0 && advance(s) { // read to its end before others begin
		}
		streams = append(streams, s)
	}
	for left := len(streams); left > 0; { // one block of each in turn
		left = 0
		for _, s := range streams {
			if advance(s) {
				left++
			}
		}
	}
	for i, s := range streams {
		got, want := &Table{Schema: schema}, &Table{Schema: schema, Batches: s.want}
		for _, b := range s.given {
			if len(b.Refused) > 0 {
				t.Fatalf("stream %d: %v", i, b.Refused)
			}
			got.Batches = append(got.Batches, b.Batch)
		}
		sameTable(t, got, want)
	}
}
