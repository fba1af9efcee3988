package datasets

import (
	"encoding/binary"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/klauspost/compress/zstd"
)

const (
	slotBatchBuffers     = 2
	slotBatchCompression = 3
	slotCompressionCodec = 0
	codecZstd            = 1
	bufferBytes          = 16 // a Buffer: offset int64, length int64
)

// commonWindow is what every decoder of zstd is to take (RFC 8878, 3.1.1.1.2): writers say it of short buffers too.
const commonWindow = 8 << 20

// checkWindows refuses a record batch with a buffer of zstd whose window is larger than that and than the message may become: Arrow's decoder takes
// up to 512 MiB for one before the first byte is decoded. What else may be wrong with the buffers the decoder finds.
func checkWindows(batch arrowTable, body []byte, most int64) error {
	compression, ok := batch.child(slotBatchCompression)
	if !ok {
		return nil
	}
	if at := compression.slot(slotCompressionCodec); at == 0 || compression.GetByte(at+compression.Pos) != codecZstd {
		return nil // LZ4: blocks of at most 4 MiB
	}
	start, n, err := batch.vector(slotBatchBuffers, bufferBytes)
	if err != nil {
		return &StreamError{Reason: "not a readable Arrow stream: " + err.Error()}
	}
	most = max(most, commonWindow)
	for i := range n {
		at := start + flatbuffers.UOffsetT(bufferBytes*i)
		offset, length := batch.GetInt64(at), batch.GetInt64(at+8)
		if offset < 0 || length < 8 || offset > int64(len(body)) || length > int64(len(body))-offset {
			continue // the library sees it
		}
		if window := largestWindow(body[offset+8 : offset+length]); window > uint64(most) { // behind the length that it becomes
			return &StreamError{Reason: fmt.Sprintf("an Arrow buffer whose zstd window is %d bytes; want at most %d", window, most), TooLarge: true}
		}
	}
	return nil
}

// largestWindow is that of the frames of zstd one behind the other (RFC 8878, 3.1.1), as far as they can be made out.
func largestWindow(frames []byte) (largest uint64) {
	for len(frames) > 0 {
		var h zstd.Header
		if h.Decode(frames) != nil {
			return largest
		}
		rest := frames[h.HeaderSize:]
		if h.Skippable {
			if uint64(h.SkippableSize) > uint64(len(rest)) {
				return largest
			}
			frames = rest[h.SkippableSize:]
			continue
		}
		if largest = max(largest, h.WindowSize); h.SingleSegment {
			largest = max(largest, h.FrameContentSize)
		}
		for last := false; !last; {
			if len(rest) < 3 {
				return largest
			}
			head := uint32(binary.LittleEndian.Uint16(rest)) | uint32(rest[2])<<16
			size := int(head >> 3)
			if last = head&1 == 1; head>>1&3 == 1 { // one byte, repeated
				size = 1
			}
			if rest = rest[3:]; size > len(rest) {
				return largest
			}
			rest = rest[size:]
		}
		if h.HasCheckSum {
			rest = rest[min(4, len(rest)):]
		}
		frames = rest
	}
	return largest
}
