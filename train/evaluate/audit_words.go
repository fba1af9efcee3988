package evaluate

import (
	"fmt"
	"strconv"

	"leadscore/model"
)

// The sentences of the audit begin with "it": the column. They say what was measured, not what it means.

func auc(e model.Estimate) string {
	return fmt.Sprintf("an AUC of %.2f (%.2f to %.2f)", e.Value, e.Lower, e.Upper)
}

func percent(x float64) string {
	switch {
	case x > 0 && x < .01:
		return "less than 1 %"
	case x > .99 && x < 1:
		return "more than 99 %"
	}
	return strconv.FormatFloat(100*x, 'f', 0, 64) + " %"
}

func sayAlone(c *model.AuditCheck) string {
	return "alone it tells converted leads from others with " + auc(c.Figure)
}

func sayPresence(c *model.AuditCheck) string {
	return fmt.Sprintf("it is filled in for %s of the converted leads and for %s of the others, which alone has %s",
		percent(c.Shares[0]), percent(c.Shares[1]), auc(c.Figure))
}

func sayOpen(c *model.AuditCheck, sameAge bool) string {
	beside := "open ones"
	if sameAge {
		beside = "open ones of the same age"
	}
	return fmt.Sprintf("it is filled in for %s of the leads whose outcome is known and for %s of %s", percent(c.Shares[0]), percent(c.Shares[1]), beside)
}

func sayOneClass(c *model.AuditCheck) string {
	what := "none of them"
	if c.Shares[0] == 1 {
		what = "every one of them"
	}
	level := strconv.Quote(c.Level)
	switch c.Level {
	case model.MissingLevel:
		level = "no value"
	case model.AnyValue:
		level = "a value"
	}
	s := fmt.Sprintf("%d leads have %s, and %s converted", c.Rows, level, what)
	switch {
	case c.Levels == 2:
		s += "; another level has one outcome only, too"
	case c.Levels > 2:
		s += fmt.Sprintf("; %d more levels have one outcome only, too", c.Levels-1)
	}
	return s
}

func sayID(c *model.AuditCheck, words bool) string {
	if words {
		return fmt.Sprintf("its %d texts are all different: it names the rows", c.Of)
	}
	return fmt.Sprintf("%d of %d whole numbers in it are different, and they lie close: it numbers the rows", c.Rows, c.Of)
}

func sayTime(c *model.AuditCheck) string {
	of := "of the rows in the file"
	if c.Level != "" {
		of = "of " + c.Level
	}
	if c.Figure.Value < 0 {
		return fmt.Sprintf("its order is that %s, backwards (rank correlation %.2f)", of, c.Figure.Value)
	}
	return fmt.Sprintf("its order is that %s (rank correlation %.2f)", of, c.Figure.Value)
}

func sayLater(c *model.AuditCheck) string {
	if c.Kind == model.CheckAfterEnd {
		return fmt.Sprintf("%s of its moments lie at or after %s, when the outcome was known", percent(c.Figure.Value), c.Level)
	}
	return fmt.Sprintf("%s of its moments lie after %s, the moment of the row; such cells are read as missing", percent(c.Figure.Value), c.Level)
}

func sayShift(c *model.AuditCheck) string {
	return "it tells training rows from hold-out rows with " + auc(c.Figure)
}

func sayDuplicates(c *model.AuditCheck) string {
	return fmt.Sprintf("%d of %d hold-out rows equal a training row in every column; the outcome is the same in %s", c.Rows, c.Of, percent(c.Shares[0]))
}
