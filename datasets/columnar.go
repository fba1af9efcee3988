package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
)

// batchRows bounds the rows of a batch of a columnar file. A row group becomes one batch or
// several, whatever the number of workers.
const batchRows = 65_536

// columnarFile is a file that holds its cells column by column, in groups of rows. Its methods
// may be called by many goroutines at once; they panic on damaged data.
type columnarFile interface {
	fields() []arrow.Field
	groups() []int // rows of each group
	// want is called once, before column: the columns that will be read, and of these the ones
	// whose distinct texts are better seen once (as dictionary codes).
	want(columns []int, coded []bool) error
	// column opens one column of one group.
	column(group, column int) (arrayReader, error)
	io.Closer
}

// arrayReader yields the next cells of a column, exactly as many as asked for.
type arrayReader interface {
	next(rows int) ([]arrow.Array, error)
}

// columnarScan is a columnar file under the schema that is wanted of it.
type columnarScan struct {
	file   columnarFile
	schema *Schema
	from   []int // column of the file for each field, -1 where there is none
	rows   []int // of each group
	report *ReadReport
	o      ReadOptions

	blankOnce sync.Once
	blanks    []Column
}

// readColumnar reads a whole Parquet or Arrow file.
func readColumnar(ctx context.Context, path string, o ReadOptions) (*Table, error) {
	s, err := openScan(path, o)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	defer s.file.Close()
	type digest struct {
		hex string
		err error
	}
	sum := make(chan digest, 1)
	go func() {
		d := digest{}
		d.hex, d.err = fileDigest(path)
		sum <- d
	}()
	t, err := s.readAll(ctx)
	d := <-sum
	if err == nil {
		err = d.err
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if err := s.report.refused(&o); err != nil {
		return nil, err
	}
	t.Report.Digest = d.hex
	return t, nil
}

// openColumnar starts reading a Parquet or Arrow file group by group, batch by batch.
func openColumnar(ctx context.Context, path string, o ReadOptions) (Reader, error) {
	if o.Schema == nil {
		return nil, fmt.Errorf("reading %s: a file is read in batches under a schema; none was given", path)
	}
	s, err := openScan(path, o)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return &columnarReader{ctx: ctx, scan: s}, nil
}

func openScan(path string, o ReadOptions) (s *columnarScan, err error) {
	var file columnarFile
	format := "arrow"
	err = recovered(func() error {
		if strings.HasSuffix(strings.ToLower(path), ".parquet") {
			format = "parquet"
			file, err = openParquet(path)
		} else {
			file, err = openArrow(path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s = &columnarScan{file: file, o: o, report: &ReadReport{Path: path, Format: format}}
	err = recovered(s.plan)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return s, nil
}

// plan finds the columns and fixes the schema.
func (s *columnarScan) plan() error {
	fields := s.file.fields()
	at := make(map[string]int, len(fields))
	var problems []error
	for i, f := range fields {
		if _, twice := at[f.Name]; twice {
			problems = append(problems, fmt.Errorf("two columns are named %q", f.Name))
		}
		at[f.Name] = i
	}
	passed := nameSet(s.o.Skip) // of any type
	if s.o.Schema != nil {
		s.schema = s.o.Schema
		for _, f := range fields {
			if s.schema.Index(f.Name) < 0 {
				s.report.Unknown = append(s.report.Unknown, f.Name)
			}
		}
	} else {
		s.schema = &Schema{Nulls: s.o.Nulls}
		if s.schema.Nulls == nil {
			s.schema.Nulls = DefaultNulls
		}
		for _, f := range fields {
			if passed[f.Name] {
				s.schema.Fields = append(s.schema.Fields, Field{Name: f.Name})
				continue
			}
			kind, readable := naturalKind(f.Type)
			if !readable {
				kind = Unknown
			}
			field := Field{Name: f.Name, Kind: kind}
			if forced, ok := s.o.Force[f.Name]; ok {
				forced.Name = f.Name
				field = forced
			}
			if field.Kind == Time && field.Zone == "" {
				field.Zone = s.o.Zone
			}
			s.schema.Fields = append(s.schema.Fields, field)
			s.report.Inferred = append(s.report.Inferred, Inference{Column: f.Name, Kind: field.Kind})
		}
	}
	var columns []int
	var coded []bool
	for i := range s.schema.Fields {
		f := &s.schema.Fields[i]
		from, ok := at[f.Name]
		if !ok {
			if f.Required {
				problems = append(problems, f.absentError())
			}
			s.report.Absent = append(s.report.Absent, f.Name)
			from = -1
		} else if _, readable := naturalKind(fields[from].Type); !readable && !passed[f.Name] && !s.o.describe {
			problems = append(problems, fmt.Errorf("column %q: a column of type %s cannot be read; want numbers, texts, yes/no, dates or times, one a row", f.Name, fields[from].Type))
		}
		if f.Kind == Unknown {
			from = -1
		}
		s.from = append(s.from, from)
		if from >= 0 {
			columns = append(columns, from)
			coded = append(coded, f.Kind != Text)
		}
	}
	if len(s.schema.Fields) == 0 {
		problems = append(problems, errors.New("the file has no columns"))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	s.rows = s.file.groups()
	for _, n := range s.rows {
		if n < 0 {
			return errors.New("damaged data: a row group with a negative number of rows")
		}
	}
	s.countZones(fields)
	return s.file.want(columns, coded)
}

// countZones enters which columns of timestamps have a zone; all rows of one are alike.
func (s *columnarScan) countZones(fields []arrow.Field) {
	rows := 0
	for _, n := range s.rows {
		rows += n
	}
	for i := range s.schema.Fields {
		if s.schema.Fields[i].Kind != Time || s.from[i] < 0 {
			continue
		}
		if t, ok := fields[s.from[i]].Type.(*arrow.TimestampType); ok {
			z := ZoneCount{Column: s.schema.Fields[i].Name, With: rows}
			if t.TimeZone == "" {
				z.With, z.Without = 0, rows
			}
			s.report.Zones = append(s.report.Zones, z)
		}
	}
}

// blanks are the cells of a column that the file does not have, shared by all batches.
func (s *columnarScan) blank(field, rows int) Column {
	s.blankOnce.Do(func() {
		s.blanks = make([]Column, len(s.schema.Fields))
		for i := range s.blanks {
			if s.from[i] < 0 {
				c := newCells(&s.schema.Fields[i], batchRows)
				c.missing(batchRows)
				s.blanks[i] = c.column(newTexts(s.schema, i))
			}
		}
	})
	return s.blanks[field].slice(0, rows)
}

// columnCursor decodes one column of one group, batch after batch.
type columnCursor struct {
	scan    *columnarScan
	arrays  arrayReader
	decoder *columnDecoder
}

func (s *columnarScan) cursor(group, field int) (*columnCursor, error) {
	c := &columnCursor{scan: s, decoder: newColumnDecoder(s.schema, field)}
	if s.from[field] < 0 {
		return c, nil
	}
	var err error
	c.arrays, err = s.file.column(group, s.from[field])
	return c, err
}

// piece is one column of one batch.
type piece struct {
	column Column
	bad    []badCell
}

func (c *columnCursor) next(rows int) (p piece, err error) {
	if c.arrays == nil {
		return piece{column: c.scan.blank(c.decoder.column, rows)}, nil
	}
	arrays, err := c.arrays.next(rows)
	if err != nil {
		return p, fmt.Errorf("column %q: %w", c.decoder.field.Name, err)
	}
	p.column, p.bad, err = c.decoder.decode(arrays, rows)
	return p, err
}

func (s *columnarScan) workers() int {
	if s.o.Workers > 0 {
		return s.o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// each calls f(0) … f(n-1) on all workers and returns the error of the lowest index that is
// not merely the cancellation that another one caused.
func (s *columnarScan) each(ctx context.Context, n int, f func(int) error) error {
	failed := make([]error, n)
	var next atomic.Int64
	var stop atomic.Bool
	var wait sync.WaitGroup
	for range min(s.workers(), n) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= n || stop.Load() {
					return
				}
				if failed[i] = ctx.Err(); failed[i] == nil {
					failed[i] = recovered(func() error { return f(i) })
				}
				if failed[i] != nil {
					stop.Store(true)
				}
			}
		}()
	}
	wait.Wait()
	var first error
	for _, err := range failed {
		if err != nil && (first == nil || errors.Is(first, context.Canceled) && !errors.Is(err, context.Canceled)) {
			first = err
		}
	}
	return first
}

// readAll reads every column of every group, each a task of its own.
func (s *columnarScan) readAll(ctx context.Context) (*Table, error) {
	width := len(s.schema.Fields)
	pieces := make([][]piece, len(s.rows)*width) // of each group and column: its batches
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := s.each(ctx, len(pieces), func(task int) error {
		g := task / width
		c, err := s.cursor(g, task%width)
		if err != nil {
			cancel()
			return err
		}
		for done := 0; done < s.rows[g]; done += batchRows {
			if err := ctx.Err(); err != nil {
				return err
			}
			p, err := c.next(min(batchRows, s.rows[g]-done))
			if err != nil {
				cancel() // a damaged column must not leave another one counting rows that are not there
				return err
			}
			pieces[task] = append(pieces[task], p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := &Table{Schema: s.schema, Report: s.report}
	row := 0
	columns := make([]piece, width)
	for g := range s.rows {
		for b := 0; b*batchRows < s.rows[g]; b++ {
			rows := min(batchRows, s.rows[g]-b*batchRows)
			for i := range columns {
				columns[i] = pieces[g*width+i][b]
			}
			batch, err := s.assemble(columns, row, rows)
			if err != nil {
				return nil, err
			}
			if batch.rows > 0 {
				t.Batches = append(t.Batches, batch)
			}
			row += rows
		}
	}
	return t, nil
}

// assemble joins the columns of a batch whose first row is the file's row number first (from
// 0), and takes the bad rows out.
func (s *columnarScan) assemble(pieces []piece, first, rows int) (*Batch, error) {
	columns := make([]Column, len(pieces))
	var bad []bool
	reasons := map[int][]string{}
	for i := range pieces {
		columns[i] = pieces[i].column
		for _, cell := range pieces[i].bad {
			if bad == nil {
				bad = make([]bool, rows)
			}
			bad[cell.row] = true
			if cell.reason != "" {
				reasons[cell.row] = append(reasons[cell.row], cell.reason)
			}
		}
		f := &s.schema.Fields[i]
		f.eachLacking(&columns[i], func(row int) {
			if bad == nil {
				bad = make([]bool, rows)
			}
			if !bad[row] {
				bad[row] = true
				reasons[row] = []string{f.lacking().Error()}
			}
		})
	}
	batch, err := NewBatch(s.schema, rows, columns)
	if err != nil {
		return nil, err
	}
	var keep []int
	for r := range bad {
		if !bad[r] {
			keep = append(keep, r)
			continue
		}
		s.report.BadTotal++
		if len(s.report.Bad) < maxBadListed {
			s.report.Bad = append(s.report.Bad, BadRow{Line: first + r + 1, Reason: strings.Join(reasons[r], "; ")})
		}
	}
	if bad != nil {
		batch = batch.Pick(keep)
	}
	s.report.Rows += batch.rows
	return batch, nil
}

// fileDigest returns the sha256 of a file's bytes.
func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
