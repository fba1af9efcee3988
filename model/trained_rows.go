package model

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// TrainedRows tells later whether a row was among those that the model was trained on. It keeps digests, not rows:
// a digest is the first 48 bits of SHA-256 over the salt and the cells of Columns, which are the id and the as-of
// column, or without an id every column of the leads that was read.
//
// Of more than MaxTrainedRows different digests the least ones are kept (a bottom-k sketch: Cohen & Kaplan 2007), which is a
// random sample of the training rows that does not depend on their order. A row whose digest is above the greatest kept
// one cannot be told; of the others the sketch says surely. A file that was trained on is found with a probability of
// 1 − (1 − k/N)ⁿ for its n rows of N training rows: with ten million training rows and 10,000 rows of a file 1 − 10⁻⁷.
// A Bloom filter was rejected: for ten million rows it is a hundred times as large.
//
// Limits. Nobody can read a row out of its digest, but who holds the model and guesses an id can test the guess, as
// with any digest of few possible values. Rows without an id are equal where all their cells are (see Seen.Any). A row of the
// same lead at another moment is another row.
type TrainedRows struct {
	Salt    string   `json:"salt"` // 32 hex digits
	ByID    bool     `json:"by_id"`
	Columns []string `json:"columns"` // the id first, where ByID
	Rows    int      `json:"rows"`    // of training, whose digest could be had
	All     bool     `json:"all"`     // whether every digest is kept
	Kept    int      `json:"kept_rows"`
	Once    int      `json:"once"`    // kept digests that one training row has; Kept counts the rows of all kept digests
	Digests string   `json:"digests"` // base64 of 6 bytes each, big-endian, rising
}

// MaxTrainedRows is the most digests that an artifact keeps: 128 KiB of its file.
const MaxTrainedRows = 1 << 14

// digestBytes is the length of a digest. Two different rows have the same one with a probability of 4e-15, so that of a
// million rows looked up among all digests of 16,384 one is mistaken with a probability below 1e-4.
const digestBytes = 6

// RowDigest names a row; NoDigest is that of a row without an id, or of one without any cell.
type RowDigest uint64

// NoDigest is no digest of any row.
const NoDigest RowDigest = math.MaxUint64

// RowDigester computes digests of rows under one schema. It is for one goroutine.
type RowDigester struct {
	salt    [16]byte
	columns []int
	byID    bool
	buffer  []byte
	words   map[*string][]uint64 // of dictionaries, by their first level
}

// NewRowDigester returns a digester of the columns of a schema, the id first where byID. The salt is 32 hex digits.
func NewRowDigester(s *datasets.Schema, salt string, columns []string, byID bool) (*RowDigester, error) {
	d := &RowDigester{byID: byID, words: map[*string][]uint64{}}
	b, err := hex.DecodeString(salt)
	if err != nil || len(b) != len(d.salt) {
		return nil, fmt.Errorf("digesting rows: the salt %q is not 32 hex digits", salt)
	}
	copy(d.salt[:], b)
	if len(columns) == 0 {
		return nil, fmt.Errorf("digesting rows: no columns")
	}
	for _, name := range columns {
		i := s.Index(name)
		if i < 0 {
			return nil, fmt.Errorf("digesting rows: no column %q", name)
		}
		d.columns = append(d.columns, i)
	}
	return d, nil
}

// missingWord stands for a missing cell.
const missingWord = 0x9ae16a3b2f90404f

// Batch returns the digest of each row.
func (d *RowDigester) Batch(b *datasets.Batch) []RowDigest {
	out := make([]RowDigest, b.Rows())
	for i := range out {
		d.buffer = append(d.buffer[:0], d.salt[:]...)
		found := false
		for k, j := range d.columns {
			ok := d.cell(b.Column(j), i)
			found = found || ok
			if k == 0 && d.byID && !ok {
				found = false
				break
			}
		}
		out[i] = NoDigest
		if found {
			sum := sha256.Sum256(d.buffer)
			out[i] = RowDigest(binary.BigEndian.Uint64(sum[:8]) >> (64 - 8*digestBytes))
		}
	}
	return out
}

// cell appends a cell to the buffer and reports whether it is there. Texts stand with their length; those of a dictionary, which
// come again and again, are hashed once.
func (d *RowDigester) cell(c *datasets.Column, row int) bool {
	word, ok := uint64(missingWord), false
	switch c.Kind {
	case datasets.Numeric, datasets.Boolean:
		if x := c.Numbers[row]; x == x {
			word, ok = math.Float64bits(x+0), true // −0 is 0
		}
	case datasets.Time:
		if t := c.Times[row]; t != datasets.MissingTime {
			word, ok = uint64(t), true
		}
	case datasets.Categorical:
		if k := c.Codes[row]; k >= 0 {
			word, ok = d.levels(c.Levels)[k], true
		}
	case datasets.Text:
		if s := c.Texts[row]; s != "" {
			d.buffer = append(binary.LittleEndian.AppendUint64(d.buffer, uint64(len(s))), s...)
			return true
		}
	}
	d.buffer = binary.LittleEndian.AppendUint64(d.buffer, word)
	return ok
}

// levels returns the hashes of a dictionary.
func (d *RowDigester) levels(of []string) []uint64 {
	words := d.words[&of[0]]
	if len(words) < len(of) {
		words = make([]uint64, len(of))
		for l, s := range of {
			sum := sha256.Sum256(append(d.salt[:], s...))
			words[l] = binary.LittleEndian.Uint64(sum[:])
		}
		d.words[&of[0]] = words
	}
	return words
}

// RowSketch gathers digests of training rows in memory for twice MaxTrainedRows of them. What it holds does not
// depend on the order in which they come.
type RowSketch struct {
	rows   int
	counts []digestCount // the least, rising
	fresh  []RowDigest   // since counts was made
	last   RowDigest     // once there are MaxTrainedRows, the greatest that counts
	full   bool
}

type digestCount struct {
	digest RowDigest
	rows   int
}

// Add takes digests in; NoDigest is passed over.
func (s *RowSketch) Add(digests []RowDigest) {
	for _, d := range digests {
		if d == NoDigest {
			continue
		}
		s.rows++
		if s.full && d > s.last {
			continue
		}
		if s.fresh = append(s.fresh, d); len(s.fresh) >= MaxTrainedRows {
			s.settle()
		}
	}
}

// settle counts what is fresh.
func (s *RowSketch) settle() {
	slices.Sort(s.fresh) // faster than sorting counts
	var counts []digestCount
	for _, d := range s.fresh {
		if n := len(counts); n > 0 && counts[n-1].digest == d {
			counts[n-1].rows++
		} else {
			counts = append(counts, digestCount{d, 1})
		}
	}
	s.fresh = s.fresh[:0]
	s.take(counts)
}

// take merges rising counts in and leaves the least out of more than MaxTrainedRows. A digest that is
// in the end among the least was so all the time, so that none of its rows was passed over.
func (s *RowSketch) take(more []digestCount) {
	old := s.counts
	all := make([]digestCount, 0, min(len(old)+len(more), MaxTrainedRows+1))
	for len(all) <= MaxTrainedRows && len(old)+len(more) > 0 {
		switch {
		case len(more) == 0 || len(old) > 0 && old[0].digest < more[0].digest:
			all, old = append(all, old[0]), old[1:]
		case len(old) == 0 || more[0].digest < old[0].digest:
			all, more = append(all, more[0]), more[1:]
		default:
			all = append(all, digestCount{old[0].digest, old[0].rows + more[0].rows})
			old, more = old[1:], more[1:]
		}
	}
	if len(all) > MaxTrainedRows {
		all = all[:MaxTrainedRows]
		s.full = true
	}
	s.counts = all
	if s.full {
		s.last = all[len(all)-1].digest
	}
}

// Merge takes in what another sketch holds.
func (s *RowSketch) Merge(o *RowSketch) {
	o.settle()
	s.settle()
	s.rows += o.rows
	if o.full { // what o passed over is not among the least of both
		s.full = true
	}
	s.take(o.counts)
}

// TrainedRows returns what the artifact keeps; nil without a row.
func (s *RowSketch) TrainedRows(salt string, columns []string, byID bool) *TrainedRows {
	s.settle()
	if len(s.counts) == 0 {
		return nil
	}
	t := &TrainedRows{Salt: salt, Columns: columns, ByID: byID, Rows: s.rows, All: !s.full}
	bytes := make([]byte, 0, digestBytes*len(s.counts))
	for _, c := range s.counts {
		bytes = append(bytes, binary.BigEndian.AppendUint64(nil, uint64(c.digest))[8-digestBytes:]...)
		t.Kept += c.rows
		if c.rows == 1 {
			t.Once++
		}
	}
	t.Digests = base64.StdEncoding.EncodeToString(bytes)
	return t
}

// decode returns the digests, rising.
func (t *TrainedRows) decode() ([]RowDigest, error) {
	b, err := base64.StdEncoding.DecodeString(t.Digests)
	if err != nil {
		return nil, fmt.Errorf("the digests are not base64: %w", err)
	}
	if len(b) == 0 || len(b)%digestBytes != 0 || len(b) > digestBytes*MaxTrainedRows {
		return nil, fmt.Errorf("%d bytes of digests; want 1 to %d of %d bytes each", len(b), MaxTrainedRows, digestBytes)
	}
	out := make([]RowDigest, len(b)/digestBytes)
	for i := range out {
		var wide [8]byte
		copy(wide[8-digestBytes:], b[digestBytes*i:])
		out[i] = RowDigest(binary.BigEndian.Uint64(wide[:]))
		if i > 0 && out[i] <= out[i-1] {
			return nil, fmt.Errorf("digest %d is not above the one before it", i+1)
		}
	}
	return out, nil
}

// trainedRows checks what is kept of the training rows.
func (c *checker) trainedRows() {
	t := c.a.TrainedRows
	if t == nil {
		return
	}
	if _, err := NewRowDigester(c.a.Schema, t.Salt, t.Columns, t.ByID); err != nil {
		c.say("trained_rows: %s", err)
	}
	digests, err := t.decode()
	if err != nil {
		c.say("trained_rows: %s", err)
		return
	}
	n := len(digests)
	switch {
	case t.Once < 0 || t.Once > n || t.Kept < t.Once+2*(n-t.Once) || t.Once == n && t.Kept != n:
		c.say("trained_rows: %d digests, %d of them of one row, cannot be those of %d rows", n, t.Once, t.Kept)
	case t.Rows < t.Kept || t.All != (t.Rows == t.Kept):
		c.say("trained_rows: the digests of %d of %d rows are kept, and all: %v", t.Kept, t.Rows, t.All)
	case !t.All && n != MaxTrainedRows:
		c.say("trained_rows: %d digests are not all; want %d then", n, MaxTrainedRows)
	}
}
