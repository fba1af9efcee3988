package baseline

import (
	"errors"
	"fmt"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/evaluation"

	"leadscore/datasets"
)

// CrossValidate fits a classifier of golearn's interface on all but one fold in turn, predicts that fold, and gives golearn's
// confusion matrix of each. It does what evaluation.GenerateCrossFoldValidationConfusionMatrices does, with stratified folds from a
// seed: that one draws from the global generator of math/rand, which nobody can seed since Go 1.24, so that no two
// runs agree. A panic of the classifier is an error.
func CrossValidate(grid base.FixedDataGrid, c base.Classifier, k int, seed uint64) (matrices []evaluation.ConfusionMatrix, err error) {
	const doing = "cross-validating"
	defer recovered(&err, doing)
	if c == nil {
		return nil, errors.New(doing + ": there is no classifier")
	}
	label, err := Labels(grid)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	folds, err := datasets.Folds(label, nil, k, seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	for fold := range k {
		var train, test []int
		for row, f := range folds {
			if int(f) == fold {
				test = append(test, row)
			} else {
				train = append(train, row)
			}
		}
		if err := c.Fit(base.NewInstancesViewFromVisible(grid, train, grid.AllAttributes())); err != nil {
			return nil, fmt.Errorf("%s: fold %d of %d: %w", doing, fold+1, k, err)
		}
		held := base.NewInstancesViewFromVisible(grid, test, grid.AllAttributes())
		predicted, err := c.Predict(held)
		if err != nil {
			return nil, fmt.Errorf("%s: fold %d of %d: %w", doing, fold+1, k, err)
		}
		m, err := evaluation.GetConfusionMatrix(held, predicted)
		if err != nil {
			return nil, fmt.Errorf("%s: fold %d of %d: %w", doing, fold+1, k, err)
		}
		matrices = append(matrices, m)
	}
	return matrices, nil
}
