package train

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// deal is a row of the generated history of these tests; moments are days since 2024-01-01.
type deal struct {
	id, source string
	visits     float64
	created    float64
	status     string  // won | lost | open
	closed     float64 // of won and lost; < 0: not written down
	sql        bool
	sqlAt      float64
}

// makeDeals draws leads over two years: log-odds linear in visits and source, closed within 120 days, open where
// that is after day 730.
func makeDeals(n int, seed uint64) []deal {
	rng := rand.New(rand.NewPCG(seed, 77))
	sources := []string{"web", "partner", "event", "ads"}
	out := make([]deal, n)
	for i := range out {
		d := deal{id: fmt.Sprintf("L%05d", i), created: 730 * float64(i) / float64(n)}
		s := rng.IntN(len(sources))
		d.source, d.visits = sources[s], float64(rng.IntN(12))
		eta := -2 + .3*d.visits + []float64{0, 1, -.5, -1}[s]
		d.closed = d.created + 120*rng.Float64()
		d.sql = rng.Float64() < model.Sigmoid(eta+1)
		d.sqlAt = d.created + (d.closed-d.created)/2
		d.status = "lost"
		if d.sql && rng.Float64() < model.Sigmoid(.15*d.visits) {
			d.status = "won"
		}
		if d.closed >= 730 {
			d.status, d.closed = "open", -1
		}
		if d.sqlAt >= 730 {
			d.sql, d.sqlAt = false, -1
		}
		out[i] = d
	}
	return out
}

var dayZero = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func dayText(d float64) string {
	if d < 0 {
		return ""
	}
	return dayZero.Add(time.Duration(d * 24 * float64(time.Hour))).Format(time.RFC3339)
}

func writeDeals(t testing.TB, deals []deal) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("lead_id,created_at,source,visits,sql,sql_at,closed_at,status\n")
	for _, l := range deals {
		sqlAt := ""
		if l.sql {
			sqlAt = dayText(l.sqlAt)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%g,%v,%s,%s,%s\n", l.id, dayText(l.created), l.source, l.visits, l.sql, sqlAt, dayText(l.closed), l.status)
	}
	path := filepath.Join(t.TempDir(), "deals.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dealConfig is a configuration with a horizon of 60 days up to day 730.
func dealConfig(path, asOf string) Config {
	return Config{
		Leads:        Leads{Path: path, ID: "lead_id", AsOf: asOf},
		Targets:      []Target{{Name: "won", Column: "status", Positive: []string{"won"}, Negative: []string{"lost"}, At: "closed_at", Horizon: "60d"}},
		End:          dayZero.AddDate(0, 0, 730),
		Interactions: "none",
		Split:        Split{Beside: "none"},
	}
}

// prepared is the data of a configuration, labelled and split.
func prepared(t testing.TB, c Config) *data {
	t.Helper()
	d, err := prepare(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func prepare(t testing.TB, c Config) (*data, error) {
	t.Helper()
	c = c.withDefaults()
	table, err := datasets.Read(context.Background(), c.Leads.Path, c.readOptions())
	if err != nil {
		t.Fatal(err)
	}
	d, err := label(context.Background(), table, &c)
	if err != nil {
		return nil, err
	}
	return d, d.split(c.Split)
}

// counted finds a line of an account.
func counted(account []model.Count, what string) int {
	for _, c := range account {
		if c.What == what {
			return c.Rows
		}
	}
	return 0
}

// balanced checks that an account adds up, and returns the rows that came in.
func balanced(t testing.TB, account []model.Count) int {
	t.Helper()
	in, out := 0, 0
	for _, c := range account {
		if c.What == model.CountRead || c.What == model.CountRepeated {
			in += c.Rows
		} else {
			out += c.Rows
		}
	}
	if in != out {
		t.Errorf("%d rows come in and %d are accounted for: %+v", in, out, account)
	}
	return in
}

func without(d []deal, drop func(deal) bool) []deal {
	return slices.DeleteFunc(slices.Clone(d), drop)
}
