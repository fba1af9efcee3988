package train

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"leadscore/datasets"
)

func TestForgottenIDsStayInTheHoldout(t *testing.T) {
	d := labelled(t, "id,x,won\na,1,1\nb,2,0\nc,3,1\nd,4,0\n")
	d.holdout = []bool{false, true, true, false}
	var err error
	if d.heldOut, err = datasets.SelectRows(d.leads, d.holdout); err != nil {
		t.Fatal(err)
	}
	if err := d.forgetIDs(); err != nil {
		t.Fatal(err)
	}
	var held, left []string
	for _, b := range d.heldOut.Batches {
		held = append(held, b.Column(d.ids).Texts...)
	}
	for _, b := range d.leads.Batches {
		left = append(left, b.Column(d.ids).Texts...)
	}
	if !slices.Equal(held, []string{"b", "c"}) || !slices.Equal(left, []string{"", "", "", ""}) {
		t.Errorf("the hold-out has the ids %q and the rest %q", held, left)
	}
	if x := d.leads.Batches[0].Column(d.leads.Schema.Index("x")).Numbers; !slices.Equal(x, []float64{1, 2, 3, 4}) {
		t.Errorf("another column became %v", x)
	}
}

func labelled(t *testing.T, csv string) *data {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(csv), 0o644); err != nil {
		t.Fatal(err)
	}
	c := Config{Leads: Leads{Path: path, ID: "id"}, Targets: []Target{{Name: "won", Column: "won", Positive: []string{"1"}}}, AllowSmall: true}
	table, err := datasets.Read(context.Background(), path, c.readOptions())
	if err != nil {
		t.Fatal(err)
	}
	d, err := label(context.Background(), table, &c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
