package datasets

import "math"

// Here the cells of one column of a grid become values, one tight loop a kind. A cell that is
// not of the kind, or that could be read in another way too where that is watched, is handed
// to odd with its row; a cell that is not of the kind is left missing.
type oddCell func(row int, text string, form uint32)

func (w *parser) numbers(c *planColumn, watch bool, odd oddCell) Column {
	g, p, comma := &w.grid, w.plan, c.field.DecimalComma
	numbers := make([]float64, g.rows())
	for row, k := 0, c.source; row < len(numbers); row, k = row+1, k+g.width {
		raw := g.cells[k]
		if raw.n-1 < formNumber-1 && !p.special[g.text[raw.off]] { // most cells: a text that is there
			x, shape := parseNumber(g.text[raw.off:raw.off+raw.n], comma)
			if shape == plainNumber || shape == separatedNumber && !watch {
				numbers[row] = x
				continue
			}
		}
		form := raw.n & formMask
		if form == formAbsent {
			numbers[row] = math.NaN()
			continue
		}
		text := g.at(raw)
		if p.missing(text) {
			numbers[row] = math.NaN()
			continue
		}
		x, shape := 0.0, notNumber
		switch form {
		case formText:
			x, shape = parseNumber(text, comma)
		case formNumber:
			x, shape = parseNumber(text, false)
		}
		if shape == notNumber {
			x = math.NaN()
		}
		if shape == notNumber || watch && shape == separatedNumber {
			odd(row, text, form)
		}
		numbers[row] = x
	}
	return Column{Kind: Numeric, Numbers: numbers}
}

func (w *parser) booleans(c *planColumn, odd oddCell) Column {
	g, p := &w.grid, w.plan
	numbers := make([]float64, g.rows())
	for row, k := 0, c.source; row < len(numbers); row, k = row+1, k+g.width {
		raw := g.cells[k]
		form := raw.n & formMask
		numbers[row] = math.NaN()
		if form == formAbsent {
			continue
		}
		text := g.at(raw)
		if p.missing(text) {
			continue
		}
		if x, ok := parseBool(text); ok && form != formNumber {
			numbers[row] = x
		} else {
			odd(row, text, form)
		}
	}
	return Column{Kind: Boolean, Numbers: numbers}
}

func (w *parser) times(c *planColumn, watch bool, zones *ZoneCount, odd oddCell) Column {
	g, p := &w.grid, w.plan
	times := make([]int64, g.rows())
	for row, k := 0, c.source; row < len(times); row, k = row+1, k+g.width {
		raw := g.cells[k]
		form := raw.n & formMask
		times[row] = MissingTime
		if form == formAbsent {
			continue
		}
		text := g.at(raw)
		if p.missing(text) {
			continue
		}
		t, how, ok := parseTime(text, c.field.Layout, c.field.Zone)
		if ok = ok && form == formText; ok {
			times[row] = t
			switch how {
			case ownZone:
				zones.With++
			case withoutOne:
				zones.Without++
			}
		}
		if !ok || watch {
			odd(row, text, form)
		}
	}
	return Column{Kind: Time, Times: times}
}

// levels codes a column by the texts that are in this chunk, in the order of their appearance. A
// JSON number or boolean in a file stands for its literal, as it would in CSV; over HTTP it is an
// error, because there the sender can be told.
func (w *parser) levels(i int) Column {
	g, t := &w.grid, &w.tables[i]
	t.reset(g, g.nulls)
	codes := make([]int32, g.rows())
	for row, k := 0, w.plan.columns[i].source; row < len(codes); row, k = row+1, k+g.width {
		codes[row] = -1
		if raw := g.cells[k]; raw.n&formMask != formAbsent {
			if c := g.trimmed(raw); c.n > 0 {
				codes[row] = t.code(g, c)
			}
		}
	}
	return Column{Kind: Categorical, Codes: codes, Levels: t.levels(g)}
}

func (w *parser) texts(c *planColumn) Column {
	g := &w.grid
	w.cells = w.cells[:0]
	for row, k := 0, c.source; row < g.rows(); row, k = row+1, k+g.width {
		var text cell
		if raw := g.cells[k]; raw.n&formMask != formAbsent {
			if text = g.trimmed(raw); w.plan.missing(g.text[text.off : text.off+text.n]) {
				text = cell{}
			}
		}
		w.cells = append(w.cells, text)
	}
	return Column{Kind: Text, Texts: cloneTexts(g, w.cells)}
}

// every hands all values of a column to odd and keeps none.
func (w *parser) every(c *planColumn, odd oddCell) {
	g := &w.grid
	for row, k := 0, c.source; row < g.rows(); row, k = row+1, k+g.width {
		if raw := g.cells[k]; raw.n&formMask != formAbsent {
			if text := g.at(raw); !w.plan.missing(text) {
				odd(row, text, raw.n&formMask)
			}
		}
	}
}

// missingColumn is a column of a kind with nothing in it.
func missingColumn(k Kind, rows int) Column {
	c := Column{Kind: k}
	switch k {
	case Numeric, Boolean:
		c.Numbers = filled(rows, math.NaN())
	case Categorical:
		c.Codes = filled(rows, int32(-1))
	case Time:
		c.Times = filled(rows, int64(MissingTime))
	case Text:
		c.Texts = make([]string, rows)
	}
	return c
}

func filled[T any](n int, x T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = x
	}
	return s
}
