package evaluate

import (
	"fmt"
	"math"
	"slices"

	"leadscore/model"
)

// CompareAUC returns AUC(a) − AUC(b) of two scorers on the same rows with DeLong's paired
// interval and its two-sided p value; labels, weights and clusters are a's, and b's must equal them. Where the
// variance is zero but the difference is not, or a class has one row, the interval is Newcombe's of each,
// joined by the squares of their arms (MOVER: Zou & Donner 2008), which takes them as independent.
func CompareAUC(a, b Sample) (model.Estimate, float64, error) {
	if err := checkPair(a, b); err != nil {
		return model.Estimate{}, 0, fmt.Errorf("comparing two scorers: %w", err)
	}
	t := arrangeClusters(a.Label, a.Weight, a.Cluster, a.Score, b.Score)
	e, p := t.compareAUC(0, 1)
	return e, p, nil
}

func (t *table) compareAUC(a, b int) (model.Estimate, float64) {
	return t.comparePlaced(t.placements(a), t.placements(b))
}

func (t *table) comparePlaced(pa, pb placements) (model.Estimate, float64) {
	difference := pa.auc - pb.auc
	gap := make([]float64, len(t.label))
	for i := range gap {
		gap[i] = pa.value[i] - pb.value[i]
	}
	variance := t.deLong(gap, pa.pos, pa.neg, difference)
	if variance > roundingVariance {
		se := math.Sqrt(variance)
		return within(difference, se, -1, 1), twoSided(difference / se)
	}
	if difference == 0 && variance >= 0 {
		return model.Estimate{}, 1
	}
	pos, neg := t.evidence()
	ea, eb := newcombe(pa.auc, pos, neg), newcombe(pb.auc, pos, neg)
	lower := difference - math.Hypot(ea.Value-ea.Lower, eb.Upper-eb.Value)
	upper := difference + math.Hypot(ea.Upper-ea.Value, eb.Value-eb.Lower)
	arm := difference - lower
	if difference < 0 {
		arm = upper - difference
	}
	e := model.Estimate{Value: difference, Lower: math.Max(-1, lower), Upper: math.Min(1, upper)}
	return e, twoSided(difference / (arm / z95))
}

// Compare returns the paired differences a − b: "auc" by DeLong; "log_loss" and "brier" as the mean of
// the rows' differences, with the normal interval and p value of a mean, where both give probabilities;
// "pr_auc" and "lift_at_10pct" with standard errors from a bootstrap that gives both scorers the same
// replicates. For log loss and Brier less is better. A figure whose interval cannot be had is left out.
//
// A bootstrap of the log loss was rejected: it estimates, with noise, the very standard error of a mean.
func Compare(nameA string, a Sample, nameB string, b Sample, o Options) ([]model.Comparison, error) {
	if err := checkPair(a, b); err != nil {
		return nil, fmt.Errorf("comparing %q with %q: %w", nameA, nameB, err)
	}
	return newPanel([]Sample{a, b}, o).compare(nameA, 0, nameB, 1), nil
}

func checkPair(a, b Sample) error {
	if err := a.check(); err != nil {
		return err
	}
	if err := b.check(); err != nil {
		return err
	}
	if !slices.Equal(a.Label, b.Label) {
		return fmt.Errorf("the scorers have different labels: a paired comparison needs the same rows in the same order")
	}
	if !slices.Equal(a.Weight, b.Weight) {
		return fmt.Errorf("the scorers have different weights: a paired comparison needs the same rows in the same order")
	}
	if !slices.Equal(a.Cluster, b.Cluster) {
		return fmt.Errorf("the scorers have different clusters: a paired comparison needs the same rows in the same order")
	}
	return nil
}
