package datasets

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// generatedColumn fills one column of the leads.
type generatedColumn struct {
	name   string
	kind   Kind
	levels []string
	number func(*lead) float64
	code   func(*lead) int32
	time   func(*lead) int64
	text   func(*lead) string
}

func names(choices []choice) []string {
	levels := make([]string, len(choices))
	for i := range choices {
		levels[i] = choices[i].text
	}
	return levels
}

// leadColumns lists the columns of History.Leads after lead_id.
func leadColumns() []generatedColumn {
	var sizes, from []string
	for i := range companySizes {
		sizes = append(sizes, companySizes[i].text)
	}
	for i := range sources {
		from = append(from, sources[i].text)
	}
	columns := []generatedColumn{
		{name: "created_at", kind: Time, time: func(l *lead) int64 { return l.created }},
		{name: "email", kind: Text, text: func(l *lead) string { return l.email }},
		{name: "job_title", kind: Categorical, levels: names(titles), code: func(l *lead) int32 { return l.title }},
		{name: "company", kind: Text, text: func(l *lead) string { return l.company }},
		{name: "company_size", kind: Categorical, levels: sizes, code: func(l *lead) int32 { return l.size }},
		{name: "industry", kind: Categorical, levels: names(industries), code: func(l *lead) int32 { return l.industry }},
		{name: "country", kind: Categorical, levels: names(countries), code: func(l *lead) int32 { return l.country }},
		{name: "source", kind: Categorical, levels: from, code: func(l *lead) int32 { return l.source }},
		{name: "product_interest", kind: Categorical, levels: names(products), code: func(l *lead) int32 { return l.product }},
		{name: "annual_revenue", kind: Numeric, number: func(l *lead) float64 { return l.revenue }},
		{name: "budget_confirmed", kind: Boolean, number: func(l *lead) float64 { return l.budget }},
		{name: "newsletter", kind: Boolean, number: func(l *lead) float64 { return l.newsletter }},
		{name: "website_visits", kind: Numeric, number: func(l *lead) float64 { return l.visits }},
		{name: "pages_per_visit", kind: Numeric, number: func(l *lead) float64 { return l.pages }},
		{name: "time_on_site", kind: Numeric, number: func(l *lead) float64 { return l.seconds }},
	}
	for k, t := range eventTypes {
		switch {
		case t.column == "":
		case k == demoRequest || k == webinar:
			columns = append(columns, generatedColumn{name: t.column, kind: Boolean, number: func(l *lead) float64 { return min(l.counts[k], 1) }})
		default:
			columns = append(columns, generatedColumn{name: t.column, kind: Numeric, number: func(l *lead) float64 { return l.counts[k] }})
		}
	}
	return append(columns,
		generatedColumn{name: "owner", kind: Categorical, levels: owners, code: func(l *lead) int32 { return l.owner }},
		generatedColumn{name: "mql_at", kind: Time, time: func(l *lead) int64 { return l.mql }},
		generatedColumn{name: "contract_value", kind: Numeric, number: func(l *lead) float64 { return l.deal }},
		generatedColumn{name: "closed_at", kind: Time, time: func(l *lead) int64 { return l.closed }},
		generatedColumn{name: "status", kind: Categorical, levels: statuses, code: func(l *lead) int32 { return l.status }},
	)
}

func leadTable(leads []lead, ids []string) *Table {
	columns := leadColumns()
	t := &Table{Schema: &Schema{Nulls: DefaultNulls, Fields: []Field{{Name: "lead_id", Kind: Text}}}}
	for _, c := range columns {
		t.Schema.Fields = append(t.Schema.Fields, Field{Name: c.name, Kind: c.kind})
	}
	for from := 0; from < len(leads); from += batchRows {
		part := leads[from:min(from+batchRows, len(leads))]
		b := &Batch{schema: t.Schema, rows: len(part), columns: make([]Column, len(columns)+1)}
		b.columns[0] = Column{Kind: Text, Texts: ids[from : from+len(part)]}
		for i, c := range columns {
			out := Column{Kind: c.kind, Levels: c.levels}
			for r := range part {
				switch c.kind {
				case Numeric, Boolean:
					out.Numbers = append(out.Numbers, c.number(&part[r]))
				case Categorical:
					out.Codes = append(out.Codes, c.code(&part[r]))
				case Time:
					out.Times = append(out.Times, c.time(&part[r]))
				case Text:
					out.Texts = append(out.Texts, c.text(&part[r]))
				}
			}
			b.columns[i+1] = out
		}
		t.Batches = append(t.Batches, b)
	}
	return t
}

// eventTable puts the events of all leads in the order of time.
func eventTable(leads []lead, ids []string) *Table {
	type entry struct {
		event
		lead int32
	}
	var log []entry
	for i := range leads {
		for _, e := range leads[i].events {
			log = append(log, entry{e, int32(i)})
		}
	}
	slices.SortStableFunc(log, func(a, b entry) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.lead, b.lead)) })
	kinds := make([]string, len(eventTypes))
	for i := range eventTypes {
		kinds[i] = eventTypes[i].name
	}
	t := &Table{Schema: &Schema{Nulls: DefaultNulls, Fields: []Field{
		{Name: "lead_id", Kind: Categorical}, {Name: "occurred_at", Kind: Time}, {Name: "event_type", Kind: Categorical}, {Name: "amount", Kind: Numeric},
	}}}
	for from := 0; from < len(log); from += batchRows {
		part := log[from:min(from+batchRows, len(log))]
		n := len(part)
		who := Column{Kind: Categorical, Codes: make([]int32, n), Levels: ids}
		when := Column{Kind: Time, Times: make([]int64, n)}
		what := Column{Kind: Categorical, Codes: make([]int32, n), Levels: kinds}
		amount := Column{Kind: Numeric, Numbers: make([]float64, n)}
		for r, e := range part {
			who.Codes[r], when.Times[r], what.Codes[r], amount.Numbers[r] = e.lead, e.at, e.kind, e.amount
		}
		t.Batches = append(t.Batches, &Batch{schema: t.Schema, rows: n, columns: []Column{who, when, what, amount}})
	}
	return t
}

// coefficients names every true effect.
func coefficients() []Coefficient {
	all := []Coefficient{{"intercept", effectIntercept}}
	list := func(column string, choices []choice) {
		for _, c := range choices {
			all = append(all, Coefficient{column + "=" + c.text, c.effect})
		}
	}
	list("email class", emailClasses)
	list("job_title", titles)
	all = append(all, Coefficient{"job_title missing", effectTitleMissing})
	for _, s := range companySizes {
		all = append(all, Coefficient{"company_size=" + s.text, s.effect})
	}
	list("industry", industries)
	list("country", countries)
	for _, s := range sources {
		all = append(all, Coefficient{"source=" + s.text, s.effect})
	}
	list("product_interest", products)
	all = append(all,
		Coefficient{"budget_confirmed=true", effectBudgetYes},
		Coefficient{"budget_confirmed=false", effectBudgetNo},
		Coefficient{"ln(annual_revenue / 10 million)", effectRevenue},
		Coefficient{"annual_revenue missing", effectRevenueMissing},
		Coefficient{"ln(1 + time_on_site / 60)", effectTimeOnSite},
		Coefficient{"time_on_site missing", effectNoWeb},
		Coefficient{"pages_per_visit > 8", effectManyPages},
	)
	for _, t := range eventTypes {
		all = append(all, Coefficient{fmt.Sprintf("ln(1 + %s events before created_at)", t.name), t.effect})
	}
	return append(all,
		Coefficient{"a demo_request event before created_at and budget_confirmed=true", effectDemoAndBudget},
		Coefficient{"cos(2π (day of the year of created_at − 305) / 365.25)", effectSeason},
	)
}

// Save writes leads.csv, events.parquet, truth.csv (lead_id, logit, probability) and truth.json
// (the coefficients) to a folder, which is made if it is not there.
func (h *History) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing a history: %w", err)
	}
	truth := &Table{Schema: &Schema{Fields: []Field{{Name: "lead_id", Kind: Text}, {Name: "logit", Kind: Numeric}, {Name: "probability", Kind: Numeric}}}}
	from := 0
	for _, b := range h.Leads.Batches {
		truth.Batches = append(truth.Batches, &Batch{schema: truth.Schema, rows: b.rows, columns: []Column{
			b.columns[0],
			{Kind: Numeric, Numbers: h.Truth.Logit[from : from+b.rows]},
			{Kind: Numeric, Numbers: h.Truth.Probability[from : from+b.rows]},
		}})
		from += b.rows
	}
	for _, f := range []struct {
		name  string
		table *Table
	}{{"leads.csv", h.Leads}, {"events.parquet", h.Events}, {"truth.csv", truth}} {
		if err := WriteTable(filepath.Join(dir, f.name), f.table); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, "truth.json")
	err := AtomicWrite(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(map[string][]Coefficient{"coefficients": h.Truth.Coefficients})
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Labels tells which leads were won, and which have an outcome at all (decided).
func (h *History) Labels() (won, decided []bool) {
	status := h.Leads.Schema.Index("status")
	for _, b := range h.Leads.Batches {
		for _, k := range b.columns[status].Codes {
			won = append(won, k == statusWon)
			decided = append(decided, k != statusOpen)
		}
	}
	return won, decided
}
