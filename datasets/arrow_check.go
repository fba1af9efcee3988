package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Before the Arrow library sees an Arrow file its metadata is checked here, because the library
// allocates what lengths in it say and follows its references without a limit: a few wrong
// bytes end in an allocation of terabytes or in an endless recursion, which no recover
// catches. Everything else that damage can do there panics, and is recovered. What is read on
// the way, the number of rows of each record batch, the library has no way to tell.
//
// Slots are those of Schema.fbs, Message.fbs and File.fbs of the Arrow format.

const (
	slotFooterSchema  = 1
	slotFooterRecords = 3

	slotMessageHeaderType = 1
	slotMessageHeader     = 2
	slotMessageBody       = 3
	headerSchema          = 1
	headerRecordBatch     = 3

	slotSchemaFields   = 1
	slotSchemaMetadata = 2

	slotFieldChildren = 5
	slotFieldMetadata = 6

	slotBatchLength   = 0
	slotBatchVariadic = 4

	blockBytes = 24 // a Block: offset int64, metadata length int32, padding, body length int64
)

// arrowTable is a flatbuffers table whose references stay inside its bytes.
type arrowTable struct{ flatbuffers.Table }

func rootTable(b []byte) arrowTable {
	return arrowTable{flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}}
}

// slot returns the place of the table's n-th field, 0 where it is not set.
func (t arrowTable) slot(n int) flatbuffers.UOffsetT {
	return flatbuffers.UOffsetT(t.Offset(flatbuffers.VOffsetT(4 + 2*n)))
}

func (t arrowTable) child(n int) (arrowTable, bool) {
	at := t.slot(n)
	if at == 0 {
		return arrowTable{}, false
	}
	return arrowTable{flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(at + t.Pos)}}, true
}

// vector returns where the elements of a vector start and how many there are, each of width bytes.
func (t arrowTable) vector(n, width int) (start flatbuffers.UOffsetT, length int, err error) {
	at := t.slot(n)
	if at == 0 {
		return 0, 0, nil
	}
	start, length = t.Vector(at), t.VectorLen(at)
	if int64(start)+int64(length)*int64(width) > int64(len(t.Bytes)) {
		return 0, 0, errors.New("a list in the metadata is longer than the metadata")
	}
	return start, length, nil
}

// checkSchema walks all fields. There cannot be more of them than the bytes could hold.
func checkSchema(schema arrowTable) error {
	if _, _, err := schema.vector(slotSchemaMetadata, 4); err != nil {
		return err
	}
	budget := len(schema.Bytes) / 8
	return checkFields(schema, slotSchemaFields, 64, &budget)
}

func checkFields(parent arrowTable, slot, depth int, budget *int) error {
	start, n, err := parent.vector(slot, 4)
	if err != nil {
		return err
	}
	if *budget -= n; *budget < 0 || depth == 0 {
		return errors.New("the metadata refers to itself")
	}
	for i := range n {
		field := arrowTable{flatbuffers.Table{Bytes: parent.Bytes, Pos: parent.Indirect(start + flatbuffers.UOffsetT(4*i))}}
		if _, _, err := field.vector(slotFieldMetadata, 4); err != nil {
			return err
		}
		if err := checkFields(field, slotFieldChildren, depth-1, budget); err != nil {
			return err
		}
	}
	return nil
}

// checkMessage checks the metadata of one message. rows is -1 unless it is a record batch; body
// is the number of bytes that follow.
func checkMessage(metadata []byte) (rows int, body int64, err error) {
	message := rootTable(metadata)
	if at := message.slot(slotMessageBody); at != 0 {
		body = message.GetInt64(at + message.Pos)
	}
	if body < 0 {
		return 0, 0, errors.New("a message of a negative length")
	}
	header, ok := message.child(slotMessageHeader)
	if !ok {
		return 0, 0, errors.New("a message without a header")
	}
	var kind byte
	if at := message.slot(slotMessageHeaderType); at != 0 {
		kind = message.GetByte(at + message.Pos)
	}
	switch kind {
	case headerSchema:
		return -1, body, checkSchema(header)
	case headerRecordBatch:
		start, n, err := header.vector(slotBatchVariadic, 8)
		if err != nil {
			return 0, 0, err
		}
		for i := range n {
			if count := header.GetInt64(start + flatbuffers.UOffsetT(8*i)); count < 0 || count > int64(len(metadata)) {
				return 0, 0, fmt.Errorf("a column of %d buffers", count)
			}
		}
		var length int64
		if at := header.slot(slotBatchLength); at != 0 {
			length = header.GetInt64(at + header.Pos)
		}
		if length < 0 || length > maxGroupRows {
			return 0, 0, fmt.Errorf("a record batch of %d rows", length)
		}
		return int(length), body, nil
	}
	return -1, body, nil
}

// checkArrowFile checks an Arrow file of that size and returns the rows of its record batches.
func checkArrowFile(r io.ReaderAt, size int64) (rows []int, err error) {
	tail := make([]byte, 4+len(arrowMagic))
	if size < int64(2*len(tail)) {
		return nil, errors.New("the file is cut off")
	}
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	if string(tail[4:]) != string(arrowMagic) {
		return nil, errors.New("the file is cut off: its end is not that of an Arrow file")
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > size-int64(len(tail)) {
		return nil, errors.New("the footer is longer than the file")
	}
	b := make([]byte, n)
	if _, err := r.ReadAt(b, size-int64(len(tail))-n); err != nil {
		return nil, err
	}
	footer := rootTable(b)
	schema, ok := footer.child(slotFooterSchema)
	if !ok {
		return nil, errors.New("the footer has no schema")
	}
	if err := checkSchema(schema); err != nil {
		return nil, err
	}
	start, records, err := footer.vector(slotFooterRecords, blockBytes)
	if err != nil {
		return nil, err
	}
	for i := range records {
		block := b[int(start)+i*blockBytes:]
		offset, length := int64(binary.LittleEndian.Uint64(block)), int64(int32(binary.LittleEndian.Uint32(block[8:])))
		if offset < 0 || length < 8 || length > size || offset > size-length {
			return nil, fmt.Errorf("record batch %d lies outside the file", i+1)
		}
		metadata := make([]byte, length)
		if _, err := r.ReadAt(metadata, offset); err != nil {
			return nil, err
		}
		if binary.LittleEndian.Uint32(metadata) == continuation {
			metadata = metadata[4:]
		}
		batch, _, err := checkMessage(metadata[4:])
		if err != nil {
			return nil, fmt.Errorf("record batch %d: %w", i+1, err)
		}
		if batch < 0 {
			return nil, fmt.Errorf("record batch %d is something else", i+1)
		}
		rows = append(rows, batch)
	}
	return rows, nil
}

// continuation stands before the length of a message since version 0.15 of the format.
const continuation = 0xFFFFFFFF

// checkArrowStream checks the messages of the streaming format.
func checkArrowStream(r io.ReaderAt, size int64) (rows []int, err error) {
	for at := int64(0); ; {
		var word [4]byte
		next := func() (uint32, bool) {
			if size-at < 4 {
				return 0, false
			}
			_, err = r.ReadAt(word[:], at)
			at += 4
			return binary.LittleEndian.Uint32(word[:]), err == nil
		}
		n, ok := next()
		if ok && n == continuation {
			n, ok = next()
		}
		if !ok || n == 0 {
			return rows, err
		}
		if int64(n) > size-at {
			return nil, errors.New("a message is longer than the file")
		}
		metadata := make([]byte, n)
		if _, err := r.ReadAt(metadata, at); err != nil {
			return nil, err
		}
		batch, body, err := checkMessage(metadata)
		if err != nil {
			return nil, err
		}
		if batch >= 0 {
			rows = append(rows, batch)
		}
		if at += int64(n); body > size-at {
			return nil, errors.New("a message is longer than the file")
		}
		at += body
	}
}
