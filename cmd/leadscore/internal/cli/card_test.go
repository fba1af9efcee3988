package cli

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"leadscore/model"
)

func TestCardPrintsThePoints(t *testing.T) {
	run := filepath.Join(demo(t), "run")
	out, _ := cmd(t, 0, "card", "--model", run)
	says(t, out, "points card of won: begin with 100 points", "20 more double the odds", "hold-out AUC rounded", "email.domain_class", "leads, ")
	out, _ = cmd(t, 0, "card", "--model", run, "--target", "won", "--json")
	var c model.PointsCard
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	if c.PDO != 20 || c.Base != 100 || len(c.Rows) < 10 || c.Cost == nil || c.Cost.AUCRounded.Value < .55 { // of so few leads it has an interval of ±.1
		t.Errorf("card of %d rows, PDO %v, cost %+v", len(c.Rows), c.PDO, c.Cost)
	}
	// What the rounding costs is next to nothing on the demo.
	if d := c.Cost.Difference.Value; d < -.003 || d > .003 {
		t.Errorf("rounding costs %v AUC", d)
	}
	_, errs := cmd(t, 2, "card", "--model", run, "--target", "lost")
	says(t, errs, `unknown --target "lost"; want won`)
	cmd(t, 2, "card")
}
