package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// replay is blocks as a stream.
type replay struct {
	blocks []*Block
	end    error
}

func (r *replay) Next() (*Block, error) {
	if len(r.blocks) == 0 {
		return nil, r.end
	}
	b := r.blocks[0]
	r.blocks = r.blocks[1:]
	return b, nil
}

func (*replay) Unknown() []string                         { return nil }
func (*replay) Under(*Schema, []string) (Rereader, error) { return nil, errors.ErrUnsupported }

// thin is a schema that reads next to nothing.
var thin = &Schema{Fields: []Field{{Name: "id", Kind: Text}}}

// readTwice reads a stream under thin, and its blocks under another schema, from the last to the first while the stream goes on.
func readTwice(t testing.TB, s StreamReader, schema *Schema) (rows []string, groups []int, end error) {
	t.Helper()
	again, err := s.Under(schema, nil)
	if err != nil {
		return nil, nil, err
	}
	var kept []*Block
	for {
		var b *Block
		if b, end = s.Next(); end != nil {
			break
		}
		kept = append(kept, b)
	}
	out := make([]*Block, len(kept))
	for i, b := range slices.Backward(kept) {
		if out[i], err = again.Read(b); err != nil {
			out, end = out[:i], err
			for k, b := range kept[:i] {
				if out[k], err = again.Read(b); err != nil {
					out, end = out[:k], err
					break
				}
			}
			break
		}
		if out[i].Rows != b.Rows || out[i].Ends != b.Ends {
			t.Fatalf("a block of %d rows, ending %t, is one of %d, ending %t", b.Rows, b.Ends, out[i].Rows, out[i].Ends)
		}
	}
	return told(t, &replay{out, end}, nil)
}

// TestStreamsAreReadAgain: a block that is read under another schema, later, has what a stream under that schema has.
func TestStreamsAreReadAgain(t *testing.T) {
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	big := "id,n,few,at,yes\n"
	for i := range 9000 {
		big += fmt.Sprintf("L-%d,%d,l%d,2026-01-%02d,no\n", i, i, i%300, 1+i%31)
	}
	for name, test := range map[string]struct {
		text  string
		arrow bool
	}{
		"bad cells and records": {"id,n,at,more\na,1,,\nb,many,never,\nc\n\"d\",2,2026-01-02,x\n" + strings.Repeat("y", 60) + ",1,,\ne,,,\n\xff,1,,\n", false},
		"blocks":                {big, false},
		"arrow": {arrowOf(t, map[string]arrow.Array{"id": arrowCells(t, arrow.BinaryTypes.String, `["a", null, "c"]`), "n": arrowCells(t, arrow.BinaryTypes.String, `["1", "many", null]`),
			"few": arrowCells(t, dictionary, `["x", "y", "x"]`), "more": arrowCells(t, arrow.PrimitiveTypes.Int64, `[1, 2, 3]`)}), true},
	} {
		open := func(s *Schema, keep bool) (StreamReader, error) {
			o := StreamOptions{Schema: s, MaxRow: 50, Keep: keep}
			if test.arrow {
				return ReadArrowStream(strings.NewReader(test.text), o)
			}
			return ReadCSVStream(strings.NewReader(test.text), o)
		}
		straight, err := open(streamSchema, false)
		want, groups, _ := told(t, straight, err)
		twice, err := open(thin, true)
		if err != nil {
			t.Fatal(err)
		}
		got, ends, end := readTwice(t, twice, streamSchema)
		if !errors.Is(end, io.EOF) || len(got) < 3 || fmt.Sprint(got) != fmt.Sprint(want) || fmt.Sprint(ends) != fmt.Sprint(groups) {
			t.Errorf("%s: %v, %d rows of %d", name, end, len(got), len(want))
		}
		again, err := twice.Under(streamSchema, nil)
		if err != nil || fmt.Sprint(again.Unknown()) != fmt.Sprint(straight.Unknown()) {
			t.Errorf("%s: %v, unknown are %v", name, err, again.Unknown())
		}
		loose, err := open(thin, false)
		if err != nil {
			t.Fatal(err)
		}
		b, err := loose.Next()
		if err != nil || b.Kept() != 0 {
			t.Fatal(b, err)
		}
		if _, err := again.Read(b); !errors.Is(err, errNotKept) {
			t.Errorf("%s: a block that was not kept is read again: %v", name, err)
		}
		var e *StreamError
		if _, err := twice.Under(&Schema{Fields: []Field{{Name: "gone", Kind: Numeric, Required: true}}}, nil); !errors.As(err, &e) {
			t.Errorf("%s: a column that must be there is not: %v", name, err)
		}
	}
}

// TestBlocksKeepWhatTheyAreReadFrom, and say how much that is.
func TestBlocksKeepWhatTheyAreReadFrom(t *testing.T) {
	s, err := ReadCSVStream(strings.NewReader("id,n\na,1\nb,2\n"), StreamOptions{Schema: thin, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.Next(); err != nil || b.Kept() != len("a,1\nb,2\n") {
		t.Error(b.Kept(), err)
	}
	text := arrowOf(t, map[string]arrow.Array{"n": arrowCells(t, arrow.PrimitiveTypes.Float64, `[1, 2]`)})
	if s, err = ReadArrowStream(strings.NewReader(text), StreamOptions{Schema: thin, Keep: true}); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Next(); err != nil || b.Kept() < 16 || b.Kept() > 200 {
		t.Error(b.Kept(), err)
	}
}

// dictionaries is a stream of record batches of one column, a dictionary that grows by a value with each.
func dictionaries(t testing.TB, batches int) *bytes.Buffer {
	t.Helper()
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	of := arrow.NewSchema([]arrow.Field{{Name: "few", Type: dictionary}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(of), ipc.WithDictionaryDeltas(true))
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, dictionary).(*array.BinaryDictionaryBuilder)
	for i := range batches {
		for _, value := range []string{"x", "y", fmt.Sprint("z", i/4)} { // some dictionaries are those before
			if err := b.AppendString(value); err != nil {
				t.Fatal(err)
			}
		}
		b.AppendNull()
		if err := w.Write(array.NewRecord(of, []arrow.Array{b.NewArray()}, 4)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestArrowStreamsOfDictionaries have one for all their record batches, or one that grows.
func TestArrowStreamsOfDictionaries(t *testing.T) {
	s, err := ReadArrowStream(dictionaries(t, 9), StreamOptions{Schema: streamSchema})
	rows, _, end := told(t, s, err)
	if !errors.Is(end, io.EOF) || len(rows) != 9*4 {
		t.Fatalf("%d rows, %v", len(rows), end)
	}
	for i := range 9 {
		if got, want := fmt.Sprint(rows[4*i:4*i+4]), fmt.Sprintf("[|x||||| |y||||| |z%d||||| ||||||]", i/4); got != want {
			t.Errorf("record batch %d: %s, want %s", i, got, want)
		}
	}
}

// TestStreamsAreReadAgainTogether: several goroutines read the blocks of one stream, whose dictionary they share.
func TestStreamsAreReadAgainTogether(t *testing.T) {
	s, err := ReadArrowStream(dictionaries(t, 40), StreamOptions{Schema: thin, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	blocks, done := make(chan *Block), make(chan error)
	for range 3 {
		again, err := s.Under(streamSchema, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			var failed error
			for b := range blocks {
				got, err := again.Read(b)
				if err == nil && (got.Rows != 4 || got.Batch.Value(1, 0).String() != "x" || got.Batch.Value(1, 2).String()[0] != 'z' || !got.Batch.Value(1, 3).Missing()) {
					err = errors.New("other cells")
				}
				failed = errors.Join(failed, err)
			}
			done <- failed
		}()
	}
	for {
		b, err := s.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks <- b
	}
	close(blocks)
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// FuzzStreamAgain: whatever bytes arrive, a block that is read again has the rows that a stream under its schema has, as far as both can be read.
func FuzzStreamAgain(f *testing.F) {
	f.Add([]byte("id,n,at\na,1,\nb,many,never\nc\n\"d\n"))
	f.Add([]byte("n\n1\n\xff\n\"\"\"\n"))
	f.Add([]byte(arrowOf(f, map[string]arrow.Array{"id": arrowCells(f, arrow.BinaryTypes.String, `["a", null]`), "n": arrowCells(f, arrow.PrimitiveTypes.Float64, `[1, null]`)})))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, open := range []func(io.Reader, StreamOptions) (StreamReader, error){ReadCSVStream, ReadArrowStream} {
			straight, err := open(bytes.NewReader(data), StreamOptions{Schema: streamSchema, MaxRow: 40, MaxMessage: 1 << 20})
			twice, failed := open(bytes.NewReader(data), StreamOptions{Schema: thin, MaxRow: 40, MaxMessage: 1 << 20, Keep: true})
			if err != nil || failed != nil {
				continue
			}
			want, _, _ := told(t, straight, nil)
			got, _, end := readTwice(t, twice, streamSchema)
			n := min(len(got), len(want))
			if errors.Is(end, io.EOF) {
				n = len(want)
			}
			if len(got) < n || fmt.Sprint(got[:n]) != fmt.Sprint(want[:n]) {
				t.Fatalf("%q, read again %q, %v", want, got, end)
			}
		}
	})
}
