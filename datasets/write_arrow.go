package datasets

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// arrowRows is the size of a record batch of an Arrow file.
const arrowRows = 65_536

// arrowWriter writes an Arrow IPC file, uncompressed and with text as plain utf8 columns: a
// dictionary that grows while the file is streamed needs delta dictionaries, which half of
// the programs that read Arrow files refuse.
type arrowWriter struct {
	file   *pendingFile
	w      *ipc.FileWriter
	schema *Schema
	arrow  *arrow.Schema
	cut    rowCutter
}

func newArrowWriter(file *pendingFile, s *Schema) (Writer, error) {
	w := &arrowWriter{file: file, schema: s, arrow: arrowSchema(s)}
	var err error
	if w.w, err = ipc.NewFileWriter(&offsetWriter{w: file}, ipc.WithSchema(w.arrow)); err != nil {
		return nil, err
	}
	w.cut = rowCutter{size: arrowRows, flush: w.flush}
	return w, nil
}

func (w *arrowWriter) Write(b *Batch) error { return recovered(func() error { return w.cut.add(b) }) }

func (w *arrowWriter) flush(spans []span, rows int) error {
	columns := make([]arrow.Array, len(w.schema.Fields))
	for i := range w.schema.Fields {
		var err error
		if columns[i], err = arrowColumn(&w.schema.Fields[i], i, spans, rows); err != nil {
			return err
		}
	}
	record := array.NewRecord(w.arrow, columns, int64(rows))
	defer record.Release()
	return w.w.Write(record)
}

func (w *arrowWriter) Close() error {
	err := recovered(func() error {
		if err := w.cut.end(); err != nil {
			return err
		}
		return w.w.Close()
	})
	if err != nil {
		w.file.abort()
		return err
	}
	return w.file.commit()
}

func (w *arrowWriter) Abort() { w.file.abort() }

// offsetWriter answers the one Seek that the IPC file writer makes: where am I?
type offsetWriter struct {
	w   io.Writer
	off int64
}

func (o *offsetWriter) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.off += int64(n)
	return n, err
}

func (o *offsetWriter) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, fmt.Errorf("seeking in a file that is streamed")
	}
	return o.off, nil
}

// recovered turns a panic of the Arrow library into an error. Its readers trust offsets,
// lengths and codes that stand in the file, and panic where they point nowhere.
func recovered(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged data: %v", p)
		}
	}()
	return f()
}
