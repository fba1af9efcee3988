package cli

import (
	"fmt"
	"regexp"
	"strings"

	"leadscore/datasets"
)

// Words of column names, lower case, that tell what a column is for. They propose only: the user
// sees the guess in the configuration and can change it.
var (
	idWords     = regexp.MustCompile(`(?i)(^|[ _-])(id|uuid|guid|key|number|no)$|^id`)
	asOfWords   = regexp.MustCompile(`(?i)creat|first.*contact|first.*touch|signup|sign.?up|regist|received|lead.*date|date.*lead|^date$|^at$`)
	targetWords = regexp.MustCompile(`(?i)convert|^won$|is_won|closed.?won|outcome|^label$|^target$|^status$|deal.?stage|^stage$|^y$|purchas|^won_`)
	wonWords    = regexp.MustCompile(`(?i)^(1|yes|y|true|won|closed[ _-]?won|converted|success|sold|customer|positive)$`)
	lostWords   = regexp.MustCompile(`(?i)^(0|no|n|false|lost|closed[ _-]?lost|failed|negative|disqualified|rejected)$`)
)

// guessID takes a column that is never missing and never repeats, one named like an id first.
func guessID(columns []datasets.ColumnProfile, rows int) string {
	best := ""
	for _, c := range columns {
		unique := c.MissingShare == 0 && c.Distinct == rows
		if unique && idWords.MatchString(c.Name) {
			return c.Name
		}
		if unique && best == "" && c.Kind == datasets.Categorical {
			best = c.Name
		}
	}
	return best
}

// guessAsOf takes the first time column without gaps that is named like a beginning.
func guessAsOf(columns []datasets.ColumnProfile) string {
	for _, c := range columns {
		if c.Kind == datasets.Time && c.MissingShare == 0 && asOfWords.MatchString(c.Name) {
			return c.Name
		}
	}
	return ""
}

// guessTarget takes the first column named like an outcome that has two to six values.
func guessTarget(columns []datasets.ColumnProfile) string {
	for _, c := range columns {
		if targetWords.MatchString(c.Name) && c.Distinct >= 2 && c.Distinct <= 6 {
			return c.Name
		}
	}
	return ""
}

// chooseOutcome finds which values are positive and, where there are more than two, negative.
func (p *proposal) chooseOutcome(t *datasets.Table, positive string) error {
	var levels []string
	for _, c := range datasets.Profile(t) {
		if c.Name == p.Target {
			for _, l := range c.Top {
				levels = append(levels, l.Level)
			}
		}
	}
	for _, l := range levels {
		switch {
		case positive == "" && wonWords.MatchString(l), positive != "" && strings.EqualFold(positive, l):
			p.Positive = append(p.Positive, l)
		case lostWords.MatchString(l):
			p.Negative = append(p.Negative, l)
		}
	}
	if len(p.Positive) == 0 {
		return usage("finding the outcome: which value of %q means converted? say --target %q; its values are %s", p.Target, p.Target+"=VALUE", strings.Join(levels, ", "))
	}
	if len(levels) <= 2 {
		p.Negative = nil // the other value
		return nil
	}
	if len(p.Negative) == 0 {
		return fmt.Errorf("finding the outcome: column %q has %d values (%s) and none is known to mean lost; write the configuration by hand with `negative: [...]`", p.Target, len(levels), strings.Join(levels, ", "))
	}
	return nil
}
