package train

import (
	"fmt"
	"math"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
)

// An offset is a number in log-odds, one a lead, that is added to the logit as it is: the logit of a score that
// there was before, of which the model then learns what it misses. It takes part in every fit with a coefficient of
// exactly 1, and in the artifact it is the last feature, with a slope of 1 (features.Pipeline.WithOffset). A lead without one
// cannot be scored: 0 in its place would be a plausible number. Rejected: a feature with a free slope, which is what a
// numeric column is anyhow.

// mostOffset bounds an offset: beyond it a probability is 0 or 1 to twenty digits, and the number no log-odds but
// a score of 0 to 100 or worse.
const mostOffset = 50

// readOffsets returns the offset of each row of the leads. Those without one are bad rows of the file already (Field.Required).
func (d *data) readOffsets(column string) error {
	at := d.leads.Schema.Index(column)
	if at < 0 {
		return fmt.Errorf("reading the offsets: no column %q (data.leads.offset) in the leads%s", column, didYouMean(datasets.Nearest(column, columnNames(d.leads.Schema))))
	}
	if k := d.leads.Schema.Fields[at].Kind; k != datasets.Numeric {
		return fmt.Errorf("reading the offsets: column %q (data.leads.offset) is %v, want numeric", column, k)
	}
	const shown = 10
	var bad []string
	wrong := 0
	d.offsets = make([]float64, 0, d.leads.Rows())
	for _, b := range d.leads.Batches {
		for _, x := range b.Column(at).Numbers {
			d.offsets = append(d.offsets, x)
			if math.Abs(x) <= mostOffset {
				continue
			}
			if wrong++; wrong <= shown {
				bad = append(bad, fmt.Sprintf("row %d: %v", d.number(len(d.offsets)-1), x))
			}
		}
	}
	if wrong > shown {
		bad = append(bad, fmt.Sprintf("and %d more", wrong-shown))
	}
	d.findings = append(d.findings, model.Finding{Column: column, Reason: "offset", Text: fmt.Sprintf(
		"column %q is an offset: it is added to the log-odds of every lead with a coefficient of exactly 1, and a lead without it is not scored", column)})
	if wrong > 0 {
		return fmt.Errorf("reading the offsets: column %q (data.leads.offset): %d of %d rows have none, want log-odds, −%d to %d: %s",
			column, wrong, len(d.offsets), mostOffset, mostOffset, strings.Join(bad, "; "))
	}
	return nil
}

// offsetsOf are the offsets of the rows of a mask, in order; nil without offsets.
func (d *data) offsetsOf(rows []bool) []float64 {
	if d.offsets == nil {
		return nil
	}
	var out []float64
	for i, in := range rows {
		if in {
			out = append(out, d.offsets[i])
		}
	}
	return out
}

// addOffset adds offsets (nil: none) to linear predictors.
func addOffset(eta, offset []float64) {
	for i, o := range offset {
		eta[i] += o
	}
}

// appendOffset makes the offset the last feature of the pipeline and of every target.
func (d *data) appendOffset(p *features.Pipeline, targets []model.Target, column string) (*features.Pipeline, error) {
	center := mean(d.offsetsOf(d.train), d.weightsOf(d.train))
	out, err := p.WithOffset(column, center)
	if err != nil {
		return nil, err
	}
	for k := range targets {
		rows, positives := 0.0, 0.0
		for i, in := range d.train {
			if l := d.outcomes[k].Label[i]; in && l != setAside {
				rows += weightAt(d.weights, i)
				positives += weightAt(d.weights, i) * float64(l)
			}
		}
		targets[k].Intercept += center
		targets[k].Effects = append(targets[k].Effects, model.TermEffect{
			Effect: features.Effect{Slope: 1, Table: []float64{0, 0}}, Rows: []int{rounded(rows), 0}, Positives: []int{rounded(positives), 0},
		})
	}
	return out, nil
}
