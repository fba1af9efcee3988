package datasets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that ReadReport.Encoding names.
const (
	encodingUTF8    = "utf-8"
	encodingUTF16LE = "utf-16le"
	encodingUTF16BE = "utf-16be"
	encodingLatin1  = "latin-1"
)

// A decoder turns a file's bytes into UTF-8 as they stream by. A byte order mark decides;
// without one, the first character that is not ASCII does: when it is UTF-8 the file is, else the
// file is Latin-1 in Microsoft's reading (Windows-1252, as Excel saves it). Everything before
// that character is the same in both, so nothing need be read twice. A file that decided for
// UTF-8 and breaks it later has bad rows, not a new encoding: reading all of it as Latin-1
// would spoil what was right.
type decoder struct {
	r        io.Reader
	encoding string
	decided  bool
	held     []byte // read from r, or decoded, and not yet given out
	raw      []byte // room for Latin-1 bytes before decoding
	err      error  // of r, once held is given out
}

func newDecoder(r io.Reader) (*decoder, error) {
	// Not io.ReadFull: it says io.ErrUnexpectedEOF of a short file, as unpacking does of a damaged one.
	head, d := make([]byte, 0, 3), &decoder{r: r, encoding: encodingUTF8}
	for len(head) < cap(head) && d.err == nil {
		var n int
		n, d.err = r.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
	}
	if d.err != nil && !errors.Is(d.err, io.EOF) {
		return nil, d.err
	}
	d.held = head
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		d.held, d.decided = nil, true
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		d.utf16(unicode.LittleEndian, encodingUTF16LE)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		d.utf16(unicode.BigEndian, encodingUTF16BE)
	}
	return d, nil
}

func (d *decoder) utf16(order unicode.Endianness, name string) {
	all := io.MultiReader(bytes.NewReader(d.held[2:]), d.r)
	if d.err != nil {
		all = bytes.NewReader(d.held[2:])
	}
	d.r = transform.NewReader(all, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder())
	d.encoding, d.decided, d.held, d.err = name, true, nil, nil
}

func (d *decoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if d.decided && d.encoding == encodingLatin1 {
		return d.readLatin1(p)
	}
	n := copy(p, d.held)
	d.held = d.held[n:]
	if n == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, d.err = d.r.Read(p)
	}
	if !d.decided {
		n = d.decide(p[:n])
	}
	if n == 0 && d.err != nil && len(d.held) == 0 {
		return 0, d.err
	}
	return n, nil
}

// decide looks for the first character that is not ASCII and returns how many bytes of p may
// be given out now; the others are held back.
func (d *decoder) decide(p []byte) int {
	i := firstNonASCII(p)
	if i == len(p) {
		return i
	}
	start := append(bytes.Clone(p[i:]), d.held...)
	for len(start) < utf8.UTFMax && d.err == nil && !utf8.FullRune(start) {
		var more [utf8.UTFMax]byte
		var n int
		n, d.err = d.r.Read(more[:])
		start = append(start, more[:n]...)
	}
	d.decided, d.held = true, start
	if r, size := utf8.DecodeRune(start); r == utf8.RuneError && size <= 1 {
		d.encoding = encodingLatin1
		d.held = appendLatin1(nil, start)
	}
	return i
}

func (d *decoder) readLatin1(p []byte) (int, error) {
	for len(d.held) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		if d.raw == nil {
			d.raw = make([]byte, 64<<10)
		}
		var n int
		n, d.err = d.r.Read(d.raw)
		d.held = appendLatin1(d.held[:0], d.raw[:n])
	}
	n := copy(p, d.held)
	d.held = d.held[n:]
	return n, nil
}

func appendLatin1(dst, src []byte) []byte {
	for _, c := range src {
		if c < utf8.RuneSelf {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, charmap.Windows1252.DecodeByte(c))
		}
	}
	return dst
}

// firstNonASCII returns the index of the first byte from 0x80 on, or len(p).
func firstNonASCII(p []byte) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+32 <= len(p); i += 32 {
		q := p[i : i+32]
		if (binary.LittleEndian.Uint64(q)|binary.LittleEndian.Uint64(q[8:])|
			binary.LittleEndian.Uint64(q[16:])|binary.LittleEndian.Uint64(q[24:]))&high != 0 {
			break
		}
	}
	for i < len(p) && p[i] < utf8.RuneSelf {
		i++
	}
	return i
}
