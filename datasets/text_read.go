package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// readText reads a CSV or JSON Lines file whole. When kinds are to be inferred, the head of
// the file gives a guess, and all chunks are parsed under it in parallel while their values are
// held against it. Where the guess did not hold, what all values together say is known by
// then, and the file is read once more for those columns alone. Thus the kinds are those
// of an inference over all rows, at the price of one reading for most files.
func readText(ctx context.Context, path, kind string, o *ReadOptions) (*Table, error) {
	t, err := readTextFile(ctx, path, kind, o)
	bad, ask := (*BadRowsError)(nil), (*AmbiguousError)(nil)
	if err == nil || errors.As(err, &bad) || errors.As(err, &ask) { // these name the file themselves
		return t, err
	}
	return nil, fmt.Errorf("reading %s: %w", path, err)
}

func readTextFile(ctx context.Context, path, kind string, o *ReadOptions) (*Table, error) {
	type digested struct {
		sum string
		err error
	}
	digest := make(chan digested, 1)
	var names []string
	if o.Schema != nil {
		names = fieldNames(o.Schema)
	}
	file, err := openText(path, kind, names, o)
	if err != nil {
		return nil, err
	}
	defer func() { file.Close() }()
	hashing, stop := context.WithCancel(ctx)
	go func() {
		defer close(digest)
		sum, err := digestFile(hashing, path)
		digest <- digested{sum, err}
	}()
	defer func() { // the goroutine ends before Read does
		stop()
		for range digest {
		}
	}()
	var t *Table
	if o.Schema != nil {
		t, err = readFixed(ctx, file, path, o)
	} else {
		t, err = readInferred(ctx, &file, path, o)
	}
	if err != nil {
		return nil, err
	}
	sum := <-digest
	if sum.err != nil {
		return nil, sum.err
	}
	if err := file.unchanged(path); err != nil {
		return nil, err
	}
	t.Report.Digest, t.Report.Encoding = sum.sum, file.text.encoding
	return t, nil
}

func fieldNames(s *Schema) []string {
	names := make([]string, len(s.Fields))
	for i := range s.Fields {
		names[i] = s.Fields[i].Name
	}
	return names
}

func readFixed(ctx context.Context, file *textFile, path string, o *ReadOptions) (*Table, error) {
	r := file.report(path)
	p, err := file.fixed(o, r)
	if err != nil {
		return nil, err
	}
	chunks, err := file.all(ctx, o, p)
	if err != nil {
		return nil, err
	}
	lines := file.lines
	for _, c := range chunks {
		r.Rows += c.rows
		r.addBad(c.bad, c.badTotal, lines)
		lines += c.lines
	}
	r.countZones(o.Schema, chunks)
	if err := r.refused(o); err != nil {
		return nil, err
	}
	if file.kind == formatJSONL {
		r.jsonlColumns(o.Schema, chunks)
	}
	return tableOf(o.Schema, r, chunks, o.workers())
}

// jsonlColumns notes which columns of the schema no row had, and which keys the schema lacks.
func (r *ReadReport) jsonlColumns(s *Schema, chunks []*parsed) {
	for i := range s.Fields {
		if !slices.ContainsFunc(chunks, func(c *parsed) bool { return c.seen[i] }) {
			r.Absent = append(r.Absent, s.Fields[i].Name)
		}
	}
	r.Unknown = newNames(nil, chunks)
}

// newNames returns the names that the chunks have beyond the known ones, in order of appearance.
func newNames(known []string, chunks []*parsed) []string {
	var fresh []string
	for _, c := range chunks {
		for _, name := range c.extra {
			if !slices.Contains(known, name) && !slices.Contains(fresh, name) {
				fresh = append(fresh, name)
			}
		}
	}
	return fresh
}

func readInferred(ctx context.Context, file **textFile, path string, o *ReadOptions) (*Table, error) {
	again := func(names []string) error {
		(*file).Close()
		next, err := openText(path, (*file).kind, names, o)
		if err != nil {
			return err
		}
		same := sameFile(next.info, (*file).info)
		if *file = next; !same {
			return errChanged
		}
		return nil
	}
	for {
		f := *file
		p, facts, err := f.inferring(o)
		if err != nil {
			return nil, err
		}
		chunks, err := f.all(ctx, o, p)
		if err != nil {
			return nil, err
		}
		if fresh := newNames(f.names, chunks); len(fresh) > 0 {
			// Keys that the head of a JSON Lines file did not have: they may be forced, and
			// then decide which rows are bad, so all is read again.
			if err := again(slices.Concat(f.names, fresh)); err != nil {
				return nil, err
			}
			continue
		}
		r := f.report(path)
		lines := f.lines
		for _, c := range chunks {
			r.Rows += c.rows
			r.addBad(c.bad, c.badTotal, lines)
			for i := range facts {
				facts[i].join(&c.evidence[i], lines)
			}
			lines += c.lines
		}
		if err := r.refused(o); err != nil {
			return nil, err
		}
		schema, wrong, err := conclude(p, facts, r)
		if err != nil {
			return nil, err
		}
		if wrong {
			for _, c := range chunks {
				c.forget(p)
			}
			if err := again(f.names); err != nil {
				return nil, err
			}
			second, err := (*file).all(ctx, o, p)
			if err != nil {
				return nil, err
			}
			if err := (*file).complete(p, chunks, second); err != nil {
				return nil, err
			}
		}
		r.countZones(schema, chunks)
		return tableOf(schema, r, chunks, o.workers())
	}
}

// conclude turns the evidence of the whole file into the schema and the report of what decided.
// It changes the plan to read the columns that were guessed wrong, and says whether there are any.
func conclude(p *plan, facts []evidence, r *ReadReport) (s *Schema, wrong bool, err error) {
	s = &Schema{Nulls: append([]string{""}, p.nulls...)}
	points, commas := 0, 0 // columns whose values leave no doubt
	for i := range p.columns {
		f := p.columns[i].field
		if !p.columns[i].fixed {
			f = p.zoned(facts[i].guess(f.Name))
			if f.Kind == Numeric && facts[i].alive&asNumber != asNumber {
				if f.DecimalComma {
					commas++
				} else {
					points++
				}
			}
		}
		s.Fields = append(s.Fields, f)
	}
	foreign := commas > 0 || r.Delimiter == ";" && points == 0
	ask := &AmbiguousError{Path: r.Path}
	for i := range p.columns {
		c, f := &p.columns[i], &s.Fields[i]
		if c.fixed {
			c.skip = !c.canFail()
			continue
		}
		if a, ambiguous := facts[i].ambiguity(f, foreign); ambiguous {
			ask.Columns = append(ask.Columns, a)
		}
		r.Inferred = append(r.Inferred, facts[i].inference(f))
		c.skip = *f == c.field
		wrong = wrong || !c.skip
		c.field, c.alive = *f, 0
	}
	if len(ask.Columns) > 0 {
		return nil, false, ask
	}
	return s, wrong, nil
}

// forget lets go of the columns that are to be read again.
func (c *parsed) forget(p *plan) {
	for i := range p.columns {
		if !p.columns[i].skip {
			c.columns[i] = Column{}
		}
	}
}

// complete puts the columns of a second reading into the chunks of the first.
func (t *textFile) complete(p *plan, first, second []*parsed) error {
	if len(first) != len(second) {
		return errChanged
	}
	for k, c := range first {
		if second[k].rows != c.rows {
			return errChanged
		}
		for i := range p.columns {
			if !p.columns[i].skip {
				c.columns[i], c.zones[i] = second[k].columns[i], second[k].zones[i]
			}
		}
	}
	return nil
}

// all parses the whole file.
func (t *textFile) all(ctx context.Context, o *ReadOptions, p *plan) ([]*parsed, error) {
	l := startPipeline(ctx, t.feed, o.workers(), p)
	defer l.close()
	var chunks []*parsed
	for {
		c, err := l.next(ctx)
		if errors.Is(err, io.EOF) {
			return chunks, nil
		}
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, c)
	}
}

// tableOf makes the chunks a table with one dictionary a column.
func tableOf(s *Schema, r *ReadReport, chunks []*parsed, workers int) (*Table, error) {
	if r.Rows == 0 {
		if r.BadTotal > 0 {
			return nil, fmt.Errorf("no row can be read: all %d are bad, the first on line %d: %s", r.BadTotal, r.Bad[0].Line, r.Bad[0].Reason)
		}
		return nil, errNoRows
	}
	todo := make(chan int)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for i := range todo {
				columns := make([]*Column, len(chunks))
				for k, c := range chunks {
					columns[k] = &c.columns[i]
				}
				mergeLevels(columns)
			}
		})
	}
	for i := range s.Fields {
		if s.Fields[i].Kind == Categorical {
			todo <- i
		}
	}
	close(todo)
	done.Wait()
	t := &Table{Schema: s, Report: r}
	for _, c := range chunks {
		if c.rows == 0 {
			continue
		}
		b, err := NewBatch(s, c.rows, c.columns)
		if err != nil {
			return nil, err
		}
		t.Batches = append(t.Batches, b)
	}
	return t, nil
}
