package serve

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"leadscore/serve/api"
)

// table reads the rows of a table of one of MLflow's forms; s is at its first byte, and its JSON is known to be sound: no
// key of an object stands twice.
func (q *invocation) table(s *scanner, form string) error {
	switch {
	case form == "dataframe_split":
		return q.split(s)
	case form == "inputs" && s.space() == '{':
		return q.columns(s)
	case s.space() == '[':
		return q.records(s, form)
	case form == "inputs":
		return q.q.wrongType(s, form, "an object of columns, or an array of records")
	}
	return q.q.wrongType(s, form, "an array of records: objects, a lead each")
}

var splitKeys = []string{"columns", "index", "data"}

// split reads pandas' form "split": the names, then rows of values. The index is passed over.
func (q *invocation) split(s *scanner) error {
	var names, data scanner
	has, ok, err := q.object(s, "dataframe_split", `an object: {"columns": […], "data": [[…]]}`, splitKeys, func(k int) error {
		switch splitKeys[k] {
		case "columns":
			names = *s
		case "data":
			data = *s
		}
		_, err := s.value()
		return err
	})
	if err != nil || !ok {
		return err
	}
	for _, k := range []int{0, 2} {
		if !has[k] {
			q.q.fail(api.CodeInvalidValue, "dataframe_split."+splitKeys[k], "is missing")
		}
	}
	if !has[0] || !has[2] {
		return nil
	}
	places, err := q.names(&names)
	if err != nil {
		return err
	}
	return q.each(&data, "dataframe_split.data", '[', "an array of rows, each an array of values", func(row int) error {
		return q.values(&data, row, places)
	})
}

// names reads the names of the columns and finds their places.
func (q *invocation) names(s *scanner) (places []int, err error) {
	const path = "dataframe_split.columns"
	if s.space() != '[' {
		return nil, q.q.wrongType(s, path, "an array of names")
	}
	if err := s.open('[', "an array"); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i := 0; ; i++ {
		more, err := s.item(i == 0)
		if err != nil || !more {
			return places, err
		}
		if q.enough() {
			return nil, q.judge()
		}
		if i == mostTensors {
			return nil, badRequest(api.CodeInvalidValue, path, fmt.Sprintf("are more than %d", mostTensors))
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		name, ok, err := q.text(s, at, "the name of an attribute")
		if err != nil {
			return nil, err
		}
		place := noPlace
		if ok {
			if place = q.column([]byte(name), func() string { return at + " " + quoted(name) }); seen[name] {
				q.q.fail(api.CodeDuplicateKey, at, quoted(name)+" stands twice")
			}
			seen[name] = true
		}
		places = append(places, place)
	}
}

// quoted is a name that came with the request, for a message.
func quoted(name string) string { return fmt.Sprintf("%q", clip(name, nameLength)) }

// each reads an array of rows; a row begins with the bracket, and read reads it.
func (q *invocation) each(s *scanner, path string, bracket byte, what string, read func(row int) error) error {
	if s.space() != '[' {
		return q.q.wrongType(s, path, what)
	}
	if err := s.open('[', what); err != nil {
		return err
	}
	for row := 0; ; row++ {
		more, err := s.item(row == 0)
		if err != nil || !more {
			return err
		}
		where := func() string { return fmt.Sprintf("%s[%d]", path, row) }
		if s.space() == bracket {
			err = read(row)
		} else {
			err = q.q.wrongType(s, where(), "want "+what)
		}
		if err == nil {
			err = q.row(where)
		}
		if err != nil {
			return err
		}
	}
}

// values reads one row of dataframe_split.
func (q *invocation) values(s *scanner, row int, places []int) error {
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := s.item(i == 0)
		if err != nil {
			return err
		}
		if !more {
			if i != len(places) {
				q.q.fail(api.CodeInvalidValue, fmt.Sprintf("dataframe_split.data[%d]", row), fmt.Sprintf("has %d values for %d columns", i, len(places)))
			}
			return nil
		}
		raw, err := s.value()
		if err != nil {
			return err
		}
		if i >= len(places) {
			continue // told when it is known how many there are
		}
		if err := q.cell(places[i], raw); err != nil {
			q.wrong(places[i], err, func() string { return fmt.Sprintf("dataframe_split.data[%d][%d] %s", row, i, q.name(places[i])) })
		}
	}
}

// name is that of a column in quotes; empty for one that is passed over.
func (q *invocation) name(place int) string {
	if place == noPlace {
		return ""
	}
	return quoted(q.q.columns.names[place])
}

// records reads an array of objects, a lead each, as dataframe_records, inputs and instances may be.
func (q *invocation) records(s *scanner, form string) error {
	return q.each(s, form, '{', "an array of records: objects, a lead each, by the names of the attributes", func(row int) error {
		if err := s.open('{', "an object"); err != nil {
			return err
		}
		start := s.pos
		for first := true; ; first = false {
			key, more, err := s.key(first)
			if err != nil {
				return err
			}
			if !more {
				if n := int64(s.pos - start); n > q.server.limits.Body {
					return tooLarge(fmt.Sprintf("record %s[%d]", form, row), q.server.limits.Body)
				}
				return nil
			}
			where := func() string { return fmt.Sprintf("%s[%d].%s", form, row, clip(string(key), nameLength)) }
			place := q.column(key, where)
			raw, err := s.value()
			if err != nil {
				return err
			}
			if err := q.cell(place, raw); err != nil {
				q.wrong(place, err, where)
			}
			if q.enough() {
				return q.judge()
			}
		}
	})
}

// column of a table by columns.
type tableColumn struct {
	name  string
	place int
	scan  scanner
}

// columns reads an object of columns, each an array of values: flat, or an array of one a value, as NumPy writes the shape (n, 1).
func (q *invocation) columns(s *scanner) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	var all []tableColumn
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if q.enough() {
			return q.judge()
		}
		if len(all) == mostTensors {
			return badRequest(api.CodeInvalidValue, "inputs", fmt.Sprintf("has more than %d columns", mostTensors))
		}
		c := tableColumn{name: string(key)}
		path := "inputs." + clip(c.name, nameLength)
		c.place = q.column(key, func() string { return path })
		if s.space() != '[' {
			if err := q.q.wrongType(s, path, "an array of values, one a lead"); err != nil {
				return err
			}
			continue
		}
		c.scan = scanner{data: s.data, pos: s.pos + 1, depth: 1, nan: true}
		if _, err := s.value(); err != nil {
			return err
		}
		all = append(all, c)
	}
	if len(all) == 0 && q.q.total == 0 {
		q.q.fail(api.CodeInvalidValue, "inputs", "is empty; want columns by the names of the attributes")
	}
	for row := 0; len(all) > 0; row++ {
		ended, err := q.across(all, row)
		if err != nil || ended {
			return err
		}
	}
	return nil
}

// across reads one value of each column.
func (q *invocation) across(all []tableColumn, row int) (ended bool, err error) {
	for i := range all {
		c := &all[i]
		more, err := c.scan.item(row == 0)
		if err != nil {
			return true, err
		}
		if i > 0 && more == ended {
			short, long := c.name, all[0].name
			if more {
				short, long = long, short
			}
			q.q.fail(api.CodeInvalidValue, "inputs."+clip(short, nameLength), fmt.Sprintf("has %d values, fewer than %s; want one a lead in each column", row, quoted(long)))
			return true, nil
		}
		if ended = !more; ended {
			continue
		}
		raw, err := c.scan.value()
		if err != nil {
			return true, err
		}
		if err := q.cell(c.place, single(raw)); err != nil {
			q.wrong(c.place, err, func() string { return fmt.Sprintf("inputs.%s[%d]", clip(c.name, nameLength), row) })
		}
	}
	if ended {
		return true, nil
	}
	return false, q.row(func() string { return fmt.Sprintf("row %d", row) })
}

// single is the value in an array of one, else what it was given.
func single(raw []byte) []byte {
	if raw[0] != '[' {
		return raw
	}
	s := scanner{data: raw, pos: 1, nan: true}
	if s.space() == ']' {
		return raw
	}
	value, err := s.value()
	if err != nil || s.space() != ']' {
		return raw
	}
	return value
}

// wideRecord is the number, from 1, of the first record that has more cells than a table may have columns; 0: none has. encoding/csv would take
// two hundred times the memory of such a record before anybody could say so.
func wideRecord(body []byte) int {
	quoted, cells, record := false, 1, 1
	for _, c := range body {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			cells, record = 1, record+1
		case c == ',':
			if cells++; cells > mostTensors {
				return record
			}
		}
	}
	return 0
}

// csv reads a table with a header, as pandas' to_csv(index=False) writes it; each cell is the text that would stand in the
// training file. The package datasets reads files in many forms; this is the one form of a protocol, held in memory.
func (q *invocation) csv(body []byte) error {
	if record := wideRecord(body); record > 0 {
		return badRequest(api.CodeInvalidValue, "", fmt.Sprintf("record %d has more than %d cells", record, mostTensors))
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return badCSV(err)
	}
	if len(header) > mostTensors {
		return badRequest(api.CodeInvalidValue, "header", fmt.Sprintf("has more than %d columns", mostTensors))
	}
	var places []int
	seen := map[string]bool{}
	for i, name := range header {
		at := fmt.Sprintf("column %d", i+1)
		switch {
		case name == "":
			q.q.fail(api.CodeInvalidValue, at, "has no name; want an attribute's (pandas: to_csv(index=False))")
		case seen[name]:
			q.q.fail(api.CodeDuplicateKey, at, quoted(name)+" stands twice")
		}
		place := noPlace
		if seen[name] = true; name != "" {
			place = q.column([]byte(name), func() string { return at + " " + quoted(name) })
		}
		places = append(places, place)
		if q.enough() {
			return q.judge()
		}
	}
	var cell []byte
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return q.judge()
		}
		if err != nil {
			return badCSV(err)
		}
		where := func(i int) func() string {
			line, _ := r.FieldPos(i)
			return func() string { return fmt.Sprintf("line %d, column %s", line, q.name(places[i])) }
		}
		for i, text := range record {
			if !utf8.ValidString(text) {
				q.wrong(places[i], errNotUTF8, where(i))
				continue
			}
			cell = appendText(cell[:0], text)
			if err := q.cell(places[i], cell); err != nil {
				q.wrong(places[i], err, where(i))
			}
		}
		if err := q.row(where(0)); err != nil {
			return err
		}
	}
}

// badCSV tells where a table is not CSV.
func badCSV(err error) error {
	if errors.Is(err, io.EOF) {
		return badRequest(api.CodeInvalidValue, "", "the table is empty; want a header with the names of the attributes")
	}
	var p *csv.ParseError
	if errors.As(err, &p) {
		return badRequest(api.CodeInvalidValue, "", fmt.Sprintf("line %d of the table: %s", p.Line, p.Err))
	}
	return badRequest(api.CodeInvalidValue, "", "the table is not CSV: "+err.Error())
}
