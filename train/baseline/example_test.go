package baseline_test

import (
	"fmt"
	"log"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/evaluation"
	"github.com/sjwhitworth/golearn/naive"

	"leadscore/features"
	"leadscore/train/baseline"
)

// A table becomes golearn's instances, and its confusion matrices, cross-validated, are those of our model and of its naive Bayes on the
// same folds. history and trainer stand in classifier_test.go; the first generates leads, the second trains on a file of
// the instances that it is given.
func Example() {
	table, label, err := history(3000)
	if err != nil {
		log.Fatal(err)
	}
	instances, err := baseline.Instances(table, "won", label)
	if err != nil {
		log.Fatal(err)
	}
	ours := &baseline.Classifier{Train: trainer(table.Schema), Threshold: .25}
	show("our model", instances, ours)

	// Naive Bayes takes binary attributes: the levels and bins of our features, which are learnt without the outcome.
	pipeline, _, err := features.Fit(table, nil, features.Spec{Encoding: features.Additive, AsOf: "created_at"})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := baseline.NewCoding(pipeline).Fit(table, nil, label)
	if err != nil {
		log.Fatal(err)
	}
	oneHot, err := baseline.OneHot(rows)
	if err != nil {
		log.Fatal(err)
	}
	show("naive Bayes", oneHot, naive.NewBernoulliNBClassifier())
	// Output:
	// our model
	//   fold 1: of  56 predicted as converted  21 are, of 101 that converted; accuracy 0.877
	//   fold 2: of  57 predicted as converted  19 are, of 100 that converted; accuracy 0.872
	//   fold 3: of  70 predicted as converted  18 are, of 100 that converted; accuracy 0.856
	//   mean accuracy 0.868
	// naive Bayes
	//   fold 1: of  34 predicted as converted  13 are, of 101 that converted; accuracy 0.883
	//   fold 2: of  50 predicted as converted  18 are, of 100 that converted; accuracy 0.878
	//   fold 3: of  52 predicted as converted  14 are, of 100 that converted; accuracy 0.867
	//   mean accuracy 0.876
}

func show(name string, instances base.FixedDataGrid, c base.Classifier) {
	folds, err := baseline.CrossValidate(instances, c, 3, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(name)
	for i, m := range folds {
		fmt.Printf("  fold %d: of %3d predicted as converted %3d are, of %3d that converted; accuracy %.3f\n", i+1,
			m[baseline.Converted][baseline.Converted]+m[baseline.NotConverted][baseline.Converted], m[baseline.Converted][baseline.Converted],
			m[baseline.Converted][baseline.Converted]+m[baseline.Converted][baseline.NotConverted], evaluation.GetAccuracy(m))
	}
	accuracy, _ := evaluation.GetCrossValidatedMetric(folds, evaluation.GetAccuracy)
	fmt.Printf("  mean accuracy %.3f\n", accuracy)
}
