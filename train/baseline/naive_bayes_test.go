package baseline

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/naive"
)

// testdata/naive_bayes.json is of scikit-learn; the script that made it stands beside it.
func TestNaiveBayesEqualsScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/naive_bayes.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Levels      []int
		Train       int
		Codes       [][]uint32
		Label       []bool
		Probability []float64
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	all := Rows{Label: want.Label}
	for c, codes := range want.Codes {
		all.Columns = append(all.Columns, Column{Name: "column", Levels: want.Levels[c], Codes: codes})
	}
	m := fitted(t, "naive_bayes", pick(all, span(0, want.Train)), 1)
	for i, p := range scored(t, m, all) {
		if math.Abs(p-want.Probability[i]) > 1e-12 {
			t.Fatalf("row %d: %v, scikit-learn has %v", i+1, p, want.Probability[i])
		}
	}
}

// With a level that all rows of a class have and one that no row has, the probabilities are those of golearn's own formula, and
// the class that it predicts is the likelier one.
func TestNaiveBayesIsGolearns(t *testing.T) {
	r := makeRows(300, 1, 3, 4, 7, 1, 9)
	r.Columns = append(r.Columns, Column{Name: "constant in one class", Levels: 3, Codes: make([]uint32, 300)})
	for i, converted := range r.Label {
		if !converted {
			r.Columns[5].Codes[i] = uint32(i % 2)
		}
	}
	p := scored(t, fitted(t, "naive_bayes", r, 1), r)

	var rows [2]float64
	for _, l := range r.Label {
		rows[index(l)]++
	}
	for i := range r.Label {
		var log [2]float64
		for class := range log {
			log[class] = math.Log(rows[class] / 300)
			for _, c := range r.Columns {
				for level := range c.Levels {
					n := 0.
					for k, code := range c.Codes {
						if int(code) == level && r.Label[k] == (class == 1) {
							n++
						}
					}
					q := (n + 1) / (rows[class] + 1)
					switch {
					case int(c.Codes[i]) == level:
						log[class] += math.Log(q)
					case q == 1:
						log[class] -= math.Log(rows[class] + 1)
					default:
						log[class] += math.Log(1 - q)
					}
				}
			}
		}
		if want := 1 / (1 + math.Exp(log[0]-log[1])); math.Abs(p[i]-want) > 1e-12 {
			t.Fatalf("row %d: %v, the formula gives %v", i+1, p[i], want)
		}
	}

	grid, err := OneHot(r)
	if err != nil {
		t.Fatal(err)
	}
	nb := naive.NewBernoulliNBClassifier()
	if err := nb.Fit(grid); err != nil {
		t.Fatal(err)
	}
	predicted, err := nb.Predict(grid)
	if err != nil {
		t.Fatal(err)
	}
	both := map[bool]bool{}
	for i := range p {
		class := base.GetClass(predicted, i) == Converted
		if both[class] = true; class != (p[i] > .5) {
			t.Errorf("row %d: golearn predicts converted: %v, the probability is %v", i+1, class, p[i])
		}
	}
	if len(both) != 2 {
		t.Error("golearn predicts one class alone, which shows nothing")
	}
}
