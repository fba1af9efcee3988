package train

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/model"
)

// writeDiagonal draws leads whose log-odds are three waves along the diagonal of two numbers, of which a bin of six
// holds half a wave. There are no main effects.
func writeDiagonal(t *testing.T, n int, height float64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 11))
	var b bytes.Buffer
	b.WriteString("lead_id,age,season,noise,status\n")
	for i := range n {
		age, season, noise := rng.Float64(), rng.Float64(), rng.Float64()
		eta := height * math.Cos(6*math.Pi*(age-season))
		label := "lost"
		if rng.Float64() < model.Sigmoid(eta) {
			label = "won"
		}
		fmt.Fprintf(&b, "L%d,%.4f,%.4f,%.4f,%s\n", i, age, season, noise, label)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pairCells is the cells of the artifact's pair, 0 where it has none.
func pairCells(a *model.Artifact, name string) int {
	for _, f := range a.Pipeline.Features() {
		if f.Name == name {
			return len(f.Levels)
		}
	}
	return 0
}

func TestSidesAreFinerWhereCoarseCellsHideAWave(t *testing.T) {
	r := run(t, config(writeDiagonal(t, 6000, 2)))
	if n := pairCells(r.Artifact, "age × season"); n != 16*16 {
		t.Errorf("age × season has %d cells, want 256", n)
	}
	// The truth itself reaches an AUC of .826, its means over 16 by 16 cells .789, over 6 by 6 cells .664.
	if auc := r.Artifact.Card.Targets["won"].Scores["model"].AUC.Value; auc < .7 {
		t.Errorf("AUC %v, want .7 at least", auc)
	}
	var file bytes.Buffer
	if err := r.Artifact.Write(&file); err != nil {
		t.Fatal(err)
	}
	back, err := model.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if n := pairCells(back, "age × season"); n != 16*16 {
		t.Errorf("read back, age × season has %d cells", n)
	}
}

func TestSidesStayCoarseWithoutNeed(t *testing.T) {
	for _, f := range run(t, config(writeLeads(t, makeLeads(3000, 5)))).Artifact.Pipeline.Features() {
		if f.Parents != nil && strings.Contains(f.Name, "visits") && len(f.Levels) > 7*7 {
			t.Errorf("%s has %d cells", f.Name, len(f.Levels))
		}
	}
}

func TestTargetsShareCoarseSides(t *testing.T) {
	c := config(writeDiagonal(t, 6000, 2))
	c.Targets = append(c.Targets, Target{Name: "lost", Column: "status", Positive: []string{"lost"}})
	if n := pairCells(run(t, c).Artifact, "age × season"); n > 6*6 {
		t.Errorf("age × season has %d cells, want 36", n)
	}
}
