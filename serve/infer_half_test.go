package serve

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"strconv"
	"testing"
)

// TestHalvesAreNumpys: each of the 65,536 values of FP16 and of BF16 is, to the bit, what numpy makes of it (testdata/half.py).
func TestHalvesAreNumpys(t *testing.T) {
	f, err := os.Open("testdata/half.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	all := 0
	for _, row := range rows[1:] {
		d := &datatypes[position(datatypeNames, []byte(row[0]))]
		if row[1] == "all" {
			all++
			var values []byte
			for bits := range uint64(65536) {
				values = binary.LittleEndian.AppendUint64(values, math.Float64bits(d.float(bits)))
				if math.IsNaN(d.float(bits)) {
					binary.LittleEndian.PutUint64(values[len(values)-8:], 0x7ff8000000000001)
				}
			}
			if sum := sha256.Sum256(values); hex.EncodeToString(sum[:]) != row[2] {
				t.Errorf("%s: the values are not numpy's", row[0])
			}
			continue
		}
		bits, err := strconv.ParseUint(row[1], 16, 16)
		want, bad := strconv.ParseFloat(row[2], 64)
		if err := errors.Join(err, bad); err != nil {
			t.Fatal(err)
		}
		if got := d.float(bits); math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s %s: %v, numpy %v", row[0], row[1], got, want)
		}
	}
	if all != 2 {
		t.Errorf("%d of 2 datatypes are there whole", all)
	}
}

// TestHalvesAsCells: the text that a value becomes reads back as the same bits; NaN is missing and an infinity refused.
func TestHalvesAsCells(t *testing.T) {
	for _, name := range []string{"FP16", "BF16"} {
		d := &datatypes[position(datatypeNames, []byte(name))]
		for bits := range uint64(65536) {
			want := d.float(bits)
			text, err := (&binaryCursor{rest: []byte{byte(bits), byte(bits >> 8)}, of: d}).next()
			switch {
			case math.IsInf(want, 0):
				if err == nil {
					t.Fatalf("%s %#04x is taken: %s", name, bits, text)
				}
			case math.IsNaN(want):
				if string(text) != "null" || err != nil {
					t.Fatalf("%s %#04x: %s, %v; want null", name, bits, text, err)
				}
			default:
				x, bad := strconv.ParseFloat(string(text), 64)
				if err := errors.Join(err, bad); err != nil || math.Float64bits(x) != math.Float64bits(want) {
					t.Fatalf("%s %#04x: %s, %v; want %v", name, bits, text, err, want)
				}
			}
		}
	}
}
