package baseline

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/sjwhitworth/golearn/base"

	"leadscore/model"
)

// Classifier is our model as golearn's base.Classifier, so that its cross-validation and confusion matrices run on it. It is for
// one goroutine at a time.
type Classifier struct {
	// Scorer predicts; nil until Fit or Load.
	Scorer *model.Scorer
	// Train makes the scorer of training instances; Table and Labels turn them into rows. nil: the model is
	// fitted already, and Fit is an error, since a cross-validation of it would test on its training rows.
	Train func(train base.FixedDataGrid) (*model.Scorer, error)
	// Threshold is the least probability of the primary target that is predicted as Converted; 0 is 0.5.
	Threshold float64
	// Stage, where it is set, decides instead of Threshold: Converted is what the policy recommends at that
	// stage or, for MQL, at SQL.
	Stage model.Stage
}

var _ base.Classifier = (*Classifier)(nil)

// Fit trains on instances by way of Train. Where it fails the scorer is the one before.
func (c *Classifier) Fit(train base.FixedDataGrid) (err error) {
	defer recovered(&err, "fitting a classifier")
	if c.Train == nil {
		return errors.New("fitting a classifier: the model is fitted already and Train is not set")
	}
	s, err := c.Train(train)
	if err == nil && s == nil {
		err = errors.New("there is no scorer and no error from Train")
	}
	if err != nil {
		return fmt.Errorf("fitting a classifier: %w", err)
	}
	c.Scorer = s
	return nil
}

// Score scores the rows of instances, in order, to the same bits as the table that they were made of.
func (c *Classifier) Score(grid base.FixedDataGrid) (*model.Columns, error) {
	if c.Scorer == nil {
		return nil, errors.New("scoring instances: the classifier is not fitted")
	}
	t, err := Table(grid, c.Scorer.Artifact().Schema)
	if err != nil {
		return nil, fmt.Errorf("scoring instances: %w", err)
	}
	var columns model.Columns
	if err := c.Scorer.ScoreBatch(t.Batches[0], &columns); err != nil {
		return nil, fmt.Errorf("scoring instances: %w", err)
	}
	return &columns, nil
}

// Predict gives instances of the class attribute alone, a row each in order.
func (c *Classifier) Predict(grid base.FixedDataGrid) (predicted base.FixedDataGrid, err error) {
	const doing = "predicting instances"
	defer recovered(&err, doing)
	converted, err := c.rule()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if grid == nil {
		return nil, errors.New(doing + ": there are none")
	}
	if _, err := classSpec(grid); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	columns, err := c.Score(grid)
	if err != nil {
		return nil, err
	}
	answer := base.GeneratePredictionVector(grid)
	spec, err := answer.GetAttribute(answer.AllClassAttributes()[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	for i := range columns.Probability {
		answer.Set(spec, i, base.PackU64ToBytes(index(converted(columns, i))))
	}
	return answer, nil
}

// rule says which rows are predicted as Converted.
func (c *Classifier) rule() (func(columns *model.Columns, row int) bool, error) {
	switch c.Stage {
	case "":
	case model.MQL, model.SQL:
		return func(columns *model.Columns, row int) bool {
			return columns.Stage[row] == c.Stage || columns.Stage[row] == model.SQL
		}, nil
	default:
		return nil, fmt.Errorf("stage %q does not predict; want %s, %s or none", c.Stage, model.MQL, model.SQL)
	}
	threshold := c.Threshold
	if threshold == 0 {
		threshold = .5
	}
	if !(threshold > 0 && threshold < 1) {
		return nil, fmt.Errorf("threshold %v is no probability; want one between 0 and 1", c.Threshold)
	}
	return func(columns *model.Columns, row int) bool { return columns.Probability[row] >= threshold }, nil
}

// String names the model and its version.
func (c *Classifier) String() string {
	if c.Scorer == nil {
		return "leadscore (not fitted)"
	}
	a := c.Scorer.Artifact()
	return fmt.Sprintf("leadscore %s@%s", a.Name, a.Version)
}

// Save writes the model as the artifact that every leadscore command reads; Threshold, Stage and Train are not in it.
func (c *Classifier) Save(path string) error {
	if c.Scorer == nil {
		return errors.New("saving a classifier: it is not fitted")
	}
	return c.Scorer.Artifact().Save(path)
}

// Load reads an artifact.
func (c *Classifier) Load(path string) error {
	a, err := model.Load(path)
	if err != nil {
		return err
	}
	return c.take(a)
}

func (c *Classifier) take(a *model.Artifact) error {
	s, err := model.NewScorer(a)
	if err != nil {
		return err
	}
	c.Scorer = s
	return nil
}

// GetMetadata is what golearn's ensembles write beside a classifier.
func (c *Classifier) GetMetadata() base.ClassifierMetadataV1 {
	return base.ClassifierMetadataV1{FormatVersion: 1, ClassifierName: "leadscore", ClassifierVersion: fmt.Sprint(model.Format)}
}

// artifactKey is the artifact's place in golearn's archive.
const artifactKey = "artifact"

// SaveWithPrefix writes the artifact into an archive of golearn's.
func (c *Classifier) SaveWithPrefix(w *base.ClassifierSerializer, prefix string) (err error) {
	const doing = "saving a classifier"
	defer recovered(&err, doing)
	if c.Scorer == nil {
		return errors.New(doing + ": it is not fitted")
	}
	var b bytes.Buffer
	if err := c.Scorer.Artifact().Write(&b); err != nil {
		return err
	}
	return w.WriteBytesForKey(w.Prefix(prefix, artifactKey), b.Bytes())
}

// LoadWithPrefix reads an artifact from an archive of golearn's, as strictly as Load reads a file.
func (c *Classifier) LoadWithPrefix(r *base.ClassifierDeserializer, prefix string) (err error) {
	const doing = "loading a classifier"
	defer recovered(&err, doing)
	text, err := r.GetBytesForKey(r.Prefix(prefix, artifactKey))
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	a, err := model.Read(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return c.take(a)
}
