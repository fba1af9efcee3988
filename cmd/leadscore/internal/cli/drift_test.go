package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestDriftFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	leads := filepath.Join(dir, "leads.csv")
	smallLeads(t, leads, 2500, 3, "web", "partner", "event")
	run := filepath.Join(dir, "run")
	cmd(t, 0, "train", "-c", gateConfig(t, dir, "lead.yaml", goodFeatures), "--out", run)
	drift := func(code int, data string, more ...string) (string, string) {
		return cmd(t, code, append([]string{"drift", "--model", run, "--data", data}, more...)...)
	}

	like := filepath.Join(dir, "like.csv")
	smallLeads(t, like, 300, 4, "web", "partner", "event")
	stdout, _ := drift(0, like)
	says(t, stdout, "300 new leads against 2,000 training leads", "the probability", "source", "Nothing has moved", "Nothing is beyond the limit of 0.25")

	other := filepath.Join(dir, "other.csv")
	smallLeads(t, other, 300, 5, "web", "partner", "event", "podcast", "fair")
	stdout, stderr := drift(3, other)
	says(t, stdout, "shifted", "source has values that training did not have: ", "podcast", "Beyond the limit of 0.25: ", "source (")
	says(t, stderr, "drift is beyond --max-psi 0.25: ", "source (PSI ")
	if strings.Contains(stdout, "visits has values") {
		t.Error(stdout)
	}
	stdout, _ = drift(3, other, "--lang", "es")
	says(t, stdout, "300 leads nuevos", "cambiada", "valores que no había en el entrenamiento", "Por encima del límite de 0,25")
	stdout, _ = drift(0, other, "--max-psi", "50")
	says(t, stdout, "Nothing is beyond the limit of 50")

	stdout, _ = drift(3, other, "--json")
	var d struct {
		Reference, Rows int
		Score           struct{ PSI float64 }
		Features        []struct {
			Feature, Rank string
			PSI           float64
			NewLevels     []string `json:"new_levels"`
			Unknown       float64
		}
		Expected float64 `json:"expected_auc"`
		Training float64 `json:"expected_auc_training"`
		MaxPSI   float64 `json:"max_psi"`
		Beyond   []struct{ Feature string }
	}
	if err := json.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatal(err)
	}
	if d.Reference != 2000 || d.Rows != 300 || d.Features[0].Feature != "source" || d.Features[0].Rank != "shifted" || len(d.Features[0].NewLevels) != 2 ||
		d.Features[0].Unknown < .3 || d.Features[0].Unknown > .5 || !(d.Expected > .5 && d.Training > .6) || d.MaxPSI != .25 || len(d.Beyond) == 0 {
		t.Errorf("%s", stdout)
	}

	// The same leads in another format, and on another number of cores, give the same bytes.
	parquet := filepath.Join(dir, "other.parquet")
	cmd(t, 0, "datasets", "convert", other, parquet)
	before := runtime.GOMAXPROCS(1)
	again, _ := drift(3, parquet, "--json")
	runtime.GOMAXPROCS(before)
	if again != stdout {
		t.Errorf("from Parquet on one core\n%s\nfrom CSV\n%s", again, stdout)
	}

	// A column that is not there is missing everywhere, which is a shift and a warning.
	without := put(t, filepath.Join(dir, "without.csv"), "lead_id,visits\n"+strings.Repeat("a,3\nb,9\n", 100))
	_, stderr = drift(3, without)
	says(t, stderr, `the file has no column "source"`)
}

func TestDriftRefusesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	leads := filepath.Join(dir, "leads.csv")
	smallLeads(t, leads, 1200, 6, "web", "partner")
	run := filepath.Join(dir, "run")
	cmd(t, 0, "train", "-c", gateConfig(t, dir, "lead.yaml", goodFeatures), "--out", run)
	none := put(t, filepath.Join(dir, "none.csv"), "lead_id,source,visits\n")
	bad := put(t, filepath.Join(dir, "bad.csv"), "lead_id,source,visits\na,web,3\nb,web,many\n")
	for _, tt := range []struct {
		code int
		args []string
		says string
	}{
		{1, []string{"--data", none}, "no rows"},
		{1, []string{"--data", bad}, "many"},
		{1, []string{"--data", filepath.Join(dir, "nowhere.csv")}, "nowhere.csv"},
		{2, []string{"--data", leads, "--max-psi", "0"}, "0 is no limit; want a number above 0"},
		{2, []string{"--data", leads, "--max-psi", "NaN"}, "NaN is no limit"},
		{2, []string{"--data", leads, "--max-psi", "much"}, `reading --max-psi: "much"; want a number`},
		{2, []string{"--data", leads, "--lang", "fr"}, "en or es"},
		{2, []string{"--data", leads, "--events", leads}, "no event features"},
		{2, []string{"--data", leads, "--bad-rows", "ignore"}, "fail or skip"},
		{2, []string{}, "reading flags: leadscore drift needs --data FILE too"},
	} {
		stdout, stderr := cmd(t, tt.code, append([]string{"drift", "--model", run}, tt.args...)...)
		says(t, stderr, tt.says)
		if stdout != "" {
			t.Errorf("%v wrote %q", tt.args, stdout)
		}
	}
	stdout, stderr := cmd(t, 0, "drift", "--model", run, "--data", bad, "--bad-rows", "skip")
	says(t, stdout, "1 new leads")
	says(t, stderr, "1 bad rows were skipped")
}

// TestDriftOfRealLeads: a hold-out of X Education at random lies as its training rows do, in every column.
func TestDriftOfRealLeads(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with the real leads")
	}
	dir := t.TempDir()
	leads := filepath.Join(folder, "xeducation_leads.csv")
	config := put(t, filepath.Join(dir, "x.yaml"), "version: 1\ndata: {leads: {path: "+leads+", id: Prospect ID}}\ntargets: {converted: {column: Converted, positive: [1]}}\n"+
		"features: {interactions: none, exclude: [Tags, Lead Quality, Lead Number, Lead Profile, Last Activity, Last Notable Activity]}\n")
	cmd(t, 0, "train", "-c", config, "--out", filepath.Join(dir, "x"))
	var card struct {
		Targets map[string]struct {
			Drift struct {
				Rows  int
				Score struct {
					PSI  float64
					Rank string
				}
				Features []struct{ Feature, Rank string }
			}
		}
	}
	if err := json.Unmarshal(read(t, filepath.Join(dir, "x", "metrics.json")), &card); err != nil {
		t.Fatal(err)
	}
	d := card.Targets["converted"].Drift
	if d.Rows != 1848 || d.Score.Rank != "stable" || d.Score.PSI > .05 || len(d.Features) < 15 {
		t.Errorf("%+v", d)
	}
	for _, f := range d.Features {
		if f.Rank != "stable" {
			t.Errorf("a hold-out at random: %+v", f)
		}
	}
	stdout, _ := cmd(t, 0, "drift", "--model", filepath.Join(dir, "x"), "--data", leads)
	says(t, stdout, "9,240 new leads against 7,392 training leads", "Nothing has moved")
}
