package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// InferSchema returns the schema that Read would read the file under, and keeps no cells: it is for a
// file larger than memory that Open then reads. Of a columnar file only the description is read, and the
// report counts no rows; a text file is read through once, for its kinds and its bad rows. o.Schema is
// not looked at. A column of a columnar file that Read would refuse (nested values) is of Unknown kind: whoever
// wants others need not mind it. The report has no digest.
func InferSchema(ctx context.Context, path string, o ReadOptions) (*Schema, *ReadReport, error) {
	o.Schema, o.describe = nil, true
	format, err := formatOf(path)
	switch {
	case err != nil:
	case format == formatColumnar:
		var s *columnarScan
		if s, err = openScan(path, o); err == nil {
			return s.schema, s.report, s.file.Close()
		}
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	default:
		var s *Schema
		var r *ReadReport
		if s, r, err = inferText(ctx, path, format, &o); err == nil {
			return s, r, nil
		}
	}
	bad, ask := (*BadRowsError)(nil), (*AmbiguousError)(nil)
	if errors.As(err, &bad) || errors.As(err, &ask) { // these name the file themselves
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("reading %s: %w", path, err)
}

// inferText reads a text file as readInferred does, and lets each chunk go when its evidence is taken.
func inferText(ctx context.Context, path, kind string, o *ReadOptions) (*Schema, *ReadReport, error) {
	var names []string
	for {
		file, err := openText(path, kind, names, o)
		if err != nil {
			return nil, nil, err
		}
		s, r, fresh, err := file.infer(ctx, path, o)
		if err == nil {
			err = file.unchanged(path)
		}
		file.Close()
		if err != nil || len(fresh) == 0 {
			return s, r, err
		}
		names = slices.Concat(file.names, fresh) // keys that the head of a JSON Lines file did not have
	}
}

func (t *textFile) infer(ctx context.Context, path string, o *ReadOptions) (*Schema, *ReadReport, []string, error) {
	p, facts, err := t.inferring(o)
	if err != nil {
		return nil, nil, nil, err
	}
	r := t.report(path)
	l := startPipeline(ctx, t.feed, o.workers(), p)
	defer l.close()
	var fresh []string
	zones := make([]ZoneCount, len(p.columns))
	for lines := t.lines; ; {
		c, err := l.next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, nil, err
		}
		fresh = append(fresh, newNames(slices.Concat(t.names, fresh), []*parsed{c})...)
		r.Rows += c.rows
		r.addBad(c.bad, c.badTotal, lines)
		for i := range facts {
			facts[i].join(&c.evidence[i], lines)
			zones[i].With += c.zones[i].With
			zones[i].Without += c.zones[i].Without
		}
		lines += c.lines
	}
	if len(fresh) > 0 {
		return nil, nil, fresh, nil
	}
	if err := r.refused(o); err != nil {
		return nil, nil, nil, err
	}
	if r.Rows == 0 {
		return nil, nil, nil, errNoRows
	}
	s, _, err := conclude(p, facts, r)
	if err != nil {
		return nil, nil, nil, err
	}
	r.countZones(s, []*parsed{{zones: zones}})
	return s, r, nil, nil
}

// Digest returns the sha256 of a file's bytes, hex, as ReadReport.Digest has it.
func Digest(ctx context.Context, path string) (string, error) {
	sum, err := digestFile(ctx, path)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return sum, nil
}
