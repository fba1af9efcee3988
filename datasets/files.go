package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Expand lists the files that a path stands for, sorted by name: itself; of a folder the files in it that Read
// has a format for, save those whose name begins with . or _; of a pattern (* ? [a-z]) those that match.
// None is an error.
func Expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.IsDir():
		return []string{path}, nil
	case err == nil:
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fmt.Errorf("reading the folder: %w", err)
		}
		var files []string
		for _, e := range entries {
			name := e.Name()
			if _, err := formatOf(name); err == nil && !e.IsDir() && name[0] != '.' && name[0] != '_' {
				files = append(files, filepath.Join(path, name))
			}
		}
		if files == nil {
			return nil, fmt.Errorf("reading the folder %s: no file in it has a format that is read; want .csv, .jsonl, .parquet or .arrow", path)
		}
		return files, nil // ReadDir sorts
	case strings.ContainsAny(path, "*?["):
		files, err := filepath.Glob(path)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		if files == nil {
			return nil, fmt.Errorf("reading %s: no file matches", path)
		}
		slices.Sort(files)
		return files, nil
	}
	return nil, fmt.Errorf("reading %s: %w", path, err)
}

// ReadAll reads files with the same columns (in any order) as one table, the rows in the order of the files.
// Without o.Schema each file says of what kind its columns are. Where they differ a column that is words in one
// is words in all, one with a decimal comma in one has it in all, and any other difference is an error that asks.
// The report is of all files: its digest is that of their digests, its bad rows name their file.
func ReadAll(ctx context.Context, paths []string, o ReadOptions) (*Table, error) {
	switch len(paths) {
	case 0:
		return nil, errors.New("reading: no files")
	case 1:
		return Read(ctx, paths[0], o)
	}
	tables := make([]*Table, len(paths))
	var problems []error
	for i, path := range paths {
		var err error
		if tables[i], err = Read(ctx, path, o); err != nil {
			problems = append(problems, err)
		}
	}
	if problems != nil {
		return nil, errors.Join(problems...)
	}
	if o.Schema == nil {
		schema, err := oneSchema(paths, tables)
		if err != nil {
			return nil, err
		}
		o.Schema, o.Force = schema, nil
		for i, path := range paths {
			if slices.Equal(tables[i].Schema.Fields, schema.Fields) {
				continue
			}
			report := tables[i].Report
			if tables[i], err = Read(ctx, path, o); err != nil {
				return nil, err
			}
			tables[i].Report.Inferred = report.Inferred
		}
	}
	all, err := Concat(tables...)
	if err != nil {
		return nil, err
	}
	all.Report = oneReport(paths, tables)
	return all, nil
}

// oneSchema is the schema that all tables can be read under, in the order of the first.
func oneSchema(paths []string, tables []*Table) (*Schema, error) {
	first := tables[0].Schema
	all := &Schema{Nulls: first.Nulls, Fields: slices.Clone(first.Fields)}
	var problems []error
	for n, t := range tables[1:] {
		for _, f := range t.Schema.Fields {
			if first.Index(f.Name) < 0 {
				problems = append(problems, fmt.Errorf("reading %s: column %s is not in %s; want the same columns in all files", paths[n+1], Quoted(f.Name), paths[0]))
			}
		}
		for i := range all.Fields {
			f := &all.Fields[i]
			at := t.Schema.Index(f.Name)
			if at < 0 {
				problems = append(problems, fmt.Errorf("reading %s: column %s of %s is missing; want the same columns in all files", paths[n+1], Quoted(f.Name), paths[0]))
				continue
			}
			both, ok := unite(*f, t.Schema.Fields[at])
			if !ok {
				problems = append(problems, fmt.Errorf("reading %s: column %s is %s here and %s in a file before; say which under features.columns", paths[n+1], Quoted(f.Name), describe(t.Schema.Fields[at]), describe(*f)))
				continue
			}
			*f = both
		}
	}
	return all, errors.Join(problems...)
}

// unite is the field that reads what both read.
func unite(a, b Field) (Field, bool) {
	words := func(k Kind) bool { return k == Categorical || k == Text }
	switch {
	case a == b || b.Kind == Unknown:
		return a, true
	case a.Kind == Unknown:
		return b, true
	case a.Kind == Numeric && b.Kind == Numeric:
		a.DecimalComma = true // one has it; what cannot be read so is a bad row
		return a, true
	case words(a.Kind):
		return a, true
	case words(b.Kind):
		return b, true
	}
	return a, false
}

func describe(f Field) string {
	if f.Kind == Time && f.Layout != "" {
		return "time " + f.Layout
	}
	return f.Kind.String()
}

func oneReport(paths []string, tables []*Table) *ReadReport {
	r := &ReadReport{Path: strings.Join(paths, ", "), Format: tables[0].Report.Format}
	sum := sha256.New()
	zones := map[string]int{}
	for _, t := range tables {
		one := t.Report
		r.Rows += one.Rows
		r.BadTotal += one.BadTotal
		for _, b := range one.Bad {
			if len(r.Bad) < maxBadListed {
				r.Bad = append(r.Bad, BadRow{Line: b.Line, Reason: one.Path + ": " + b.Reason})
			}
		}
		for _, z := range one.Zones {
			i, ok := zones[z.Column]
			if !ok {
				i = len(r.Zones)
				zones[z.Column] = i
				r.Zones = append(r.Zones, ZoneCount{Column: z.Column})
			}
			r.Zones[i].With += z.With
			r.Zones[i].Without += z.Without
		}
		sum.Write([]byte(one.Digest))
	}
	r.Inferred, r.Absent, r.Unknown = tables[0].Report.Inferred, tables[0].Report.Absent, tables[0].Report.Unknown
	r.Digest = hex.EncodeToString(sum.Sum(nil))
	return r
}

// Names lists the columns of a file without reading its rows; of a JSON Lines file those of its head.
func Names(path string) (names []string, err error) {
	format, err := formatOf(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", path, err)
	case format == formatColumnar:
		s, err := openScan(path, ReadOptions{})
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		return fieldNames(s.schema), s.file.Close()
	}
	file, err := openText(path, format, nil, &ReadOptions{})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	file.Close()
	return file.names, nil
}
