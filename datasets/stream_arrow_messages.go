package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	headerDictionary    = 2
	slotDictionaryID    = 0
	slotDictionaryData  = 1
	slotDictionaryDelta = 2
	maxArrowMetadata    = 16 << 20
)

// arrowMessages reads the messages of an Arrow stream, as ipc.MessageReader, and checks each before the library sees it. Memory for one
// grows as its bytes arrive, so that a length alone costs nothing.
type arrowMessages struct {
	r            io.Reader
	limit        int64
	memory       messageMemory
	rows         int             // of the record batch read last, −1: it was another message
	dictionaries map[int64]int64 // bytes by id, unpacked
	current      int64           // dictionary that is being unpacked
	unpacking    bool
	delta        bool
	last         *ipc.Message
	body         []byte // of the last message; the library copies what it takes of one
	err          error
}

// maxKeptBody is the largest body that is kept from one stream to the next.
const maxKeptBody = 8 << 20

var keptBodies sync.Pool // of *[]byte

// close gives memory back, when no message will be asked for any more.
func (m *arrowMessages) close() {
	if b := m.body; cap(b) > 0 && cap(b) <= maxKeptBody {
		keptBodies.Put(&b)
	}
	m.body, m.last = nil, nil
}

var _ ipc.MessageReader = (*arrowMessages)(nil)

// Retain and Release do nothing: the messages are the garbage collector's.
func (m *arrowMessages) Retain()  {}
func (m *arrowMessages) Release() {}

// Message returns the next message, or io.EOF behind the last. Other errors are kept in m.err too: the library loses some.
func (m *arrowMessages) Message() (*ipc.Message, error) {
	if m.err != nil {
		return nil, m.err
	}
	m.rows = -1
	if m.err = m.settle(); m.err == nil {
		m.err = recovered(m.read)
	}
	if m.err != nil {
		return nil, m.err
	}
	return m.last, nil
}

// settle counts what the dictionary before has been unpacked to.
func (m *arrowMessages) settle() error {
	if m.unpacking {
		if m.unpacking = false; !m.delta {
			m.dictionaries[m.current] = 0
		}
		m.dictionaries[m.current] += m.memory.used
		total := int64(0)
		for _, n := range m.dictionaries {
			total += n
		}
		if total > m.limit {
			return &StreamError{Reason: fmt.Sprintf("the dictionaries hold more than %d bytes", m.limit), TooLarge: true}
		}
	}
	m.memory = messageMemory{limit: m.limit}
	return nil
}

func (m *arrowMessages) read() error {
	n, err := m.length()
	if err != nil {
		return err
	}
	if n == 0 { // the end is said; nothing may follow
		if _, err := m.word(); !errors.Is(err, io.EOF) {
			if err == nil {
				err = &StreamError{Reason: "bytes after the end of the Arrow stream"}
			}
			return err
		}
		return io.EOF
	}
	if int64(n) > min(m.limit, maxArrowMetadata) {
		return &StreamError{Reason: fmt.Sprintf("not an Arrow stream, or one with a message of %d bytes of metadata", n)}
	}
	metadata, err := m.bytes(nil, int64(n))
	if err != nil {
		return err
	}
	if len(metadata) < 8 {
		return &StreamError{Reason: "not an Arrow stream: a message of too few bytes"}
	}
	rows, length, err := checkMessage(metadata)
	if err != nil {
		return &StreamError{Reason: "not a readable Arrow stream: " + err.Error()}
	}
	switch {
	case length > m.limit:
		return &StreamError{Reason: fmt.Sprintf("an Arrow message of %d bytes; want record batches of at most %d bytes", length, m.limit), TooLarge: true}
	case rows > maxRecordRows:
		return &StreamError{Reason: fmt.Sprintf("a record batch of %d rows; want at most %d, more of them in more batches", rows, maxRecordRows), TooLarge: true}
	}
	if err := m.dictionary(metadata); err != nil {
		return err
	}
	if cap(m.body) == 0 && length > 0 {
		if kept, ok := keptBodies.Get().(*[]byte); ok {
			m.body = *kept
		}
	}
	body, err := m.bytes(m.body, length)
	if err != nil {
		return err
	}
	if err := m.windows(metadata, body); err != nil {
		return err
	}
	m.body = body
	m.rows = rows
	m.last = ipc.NewMessage(memory.NewBufferBytes(metadata), memory.NewBufferBytes(body))
	return nil
}

// windows is checkWindows of a message that holds a record batch, or a dictionary, which is one too.
func (m *arrowMessages) windows(metadata, body []byte) error {
	message := rootTable(metadata)
	batch, ok := message.child(slotMessageHeader)
	at := message.slot(slotMessageHeaderType)
	if !ok || at == 0 {
		return nil
	}
	switch message.GetByte(at + message.Pos) {
	case headerRecordBatch:
	case headerDictionary:
		if batch, ok = batch.child(slotDictionaryData); !ok {
			return nil
		}
	default:
		return nil
	}
	return checkWindows(batch, body, m.limit)
}

// dictionary notes which dictionary comes next, and checks what checkMessage does not.
func (m *arrowMessages) dictionary(metadata []byte) error {
	message := rootTable(metadata)
	if at := message.slot(slotMessageHeaderType); at == 0 || message.GetByte(at+message.Pos) != headerDictionary {
		return nil
	}
	header, _ := message.child(slotMessageHeader)
	m.current, m.delta, m.unpacking = 0, false, true
	if at := header.slot(slotDictionaryID); at != 0 {
		m.current = header.GetInt64(at + header.Pos)
	}
	if at := header.slot(slotDictionaryDelta); at != 0 {
		m.delta = header.GetBool(at + header.Pos)
	}
	data, ok := header.child(slotDictionaryData)
	if !ok {
		return &StreamError{Reason: "not a readable Arrow stream: a dictionary without values"}
	}
	start, n, err := data.vector(slotBatchVariadic, 8)
	for i := 0; i < n && err == nil; i++ {
		if count := data.GetInt64(start + flatbuffers.UOffsetT(8*i)); count < 0 || count > int64(len(metadata)) {
			err = fmt.Errorf("a column of %d buffers", count)
		}
	}
	if err != nil {
		return &StreamError{Reason: "not a readable Arrow stream: " + err.Error()}
	}
	return nil
}

// length reads how long the next metadata is; io.EOF: the stream ends here, which needs no marker.
func (m *arrowMessages) length() (uint32, error) {
	n, err := m.word()
	if err == nil && n == continuation {
		if n, err = m.word(); errors.Is(err, io.EOF) {
			err = errCutArrow
		}
	}
	return n, err
}

var errCutArrow = &StreamError{Reason: "the Arrow stream ends within a message"}

func (m *arrowMessages) word() (uint32, error) {
	var b [4]byte
	n, err := io.ReadFull(m.r, b[:])
	if errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
		err = errCutArrow
	}
	return binary.LittleEndian.Uint32(b[:]), err
}

// bytes reads n bytes, into the memory of room where that is enough to begin with.
func (m *arrowMessages) bytes(room []byte, n int64) ([]byte, error) {
	buf := room[:0]
	if int64(cap(buf)) < min(n, 1<<20) {
		buf = make([]byte, 0, min(n, 1<<20))
	}
	for int64(len(buf)) < n {
		if len(buf) == cap(buf) {
			bigger := make([]byte, len(buf), min(n, 2*int64(cap(buf))))
			copy(bigger, buf)
			buf = bigger
		}
		got, err := io.ReadFull(m.r, buf[len(buf):min(int64(cap(buf)), n)])
		buf = buf[:len(buf)+got]
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && int64(len(buf)) < n {
			return nil, errCutArrow
		}
		if err != nil {
			return nil, err
		}
	}
	return buf, nil
}

// messageMemory is Arrow's allocator with a limit to what one message becomes, so that a length in it is an error (by way of recovered)
// and neither an allocation nor an unpacking without end.
type messageMemory struct {
	memory.GoAllocator
	limit, used int64
}

func (m *messageMemory) take(size int) {
	if size < 0 || int64(size) > m.limit-m.used {
		panic(&StreamError{Reason: fmt.Sprintf("an Arrow message becomes larger than %d bytes", m.limit), TooLarge: true})
	}
	m.used += int64(size)
}

func (m *messageMemory) Allocate(size int) []byte {
	m.take(size)
	return m.GoAllocator.Allocate(size)
}

func (m *messageMemory) Reallocate(size int, b []byte) []byte {
	m.take(max(size-len(b), 0))
	return m.GoAllocator.Reallocate(size, b)
}
