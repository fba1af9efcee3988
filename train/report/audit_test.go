package report

import (
	"math"
	"strings"
	"testing"

	"leadscore/model"
)

// sampleAudit has every kind of check, with made-up figures.
func sampleAudit() ([]model.Suspect, *model.Audit) {
	ends := func(v, low, high float64) model.Estimate { return model.Estimate{Value: v, Lower: low, Upper: high} }
	bare := func(v float64) model.Estimate { return ends(v, math.NaN(), math.NaN()) }
	return []model.Suspect{
			{Column: "Tags", Severity: model.SuspectedLeak, Exclude: true, Checks: []model.AuditCheck{
				{Kind: model.CheckAlone, Figure: ends(.92, .91, .93)},
				{Kind: model.CheckPresence, Figure: ends(.69, .68, .7), Shares: []float64{.71, .339}},
				{Kind: model.CheckOpen, Figure: ends(.4, .3, .5), P: 1e-9, Shares: []float64{.5, .001}},
				{Kind: model.CheckOneClass, Figure: bare(.1), P: 1e-9, Shares: []float64{1}, Level: "Closed <b>by</b> sales", Levels: 3, Rows: 358, Of: 1848},
			}},
			{Column: "stock", Severity: model.SuspectedLeak, Exclude: true, Checks: []model.AuditCheck{
				{Kind: model.CheckOneClass, Figure: bare(.1), P: 1e-9, Shares: []float64{1}, Level: model.AnyValue, Levels: 1, Rows: 66, Of: 1848},
				{Kind: model.CheckOneClass, Figure: bare(.1), P: 1e-9, Shares: []float64{0}, Level: model.MissingLevel, Levels: 1, Rows: 1200, Of: 1848},
			}},
			{Column: "mql_at", Severity: model.LookAtIt, Exclude: true, Checks: []model.AuditCheck{
				{Kind: model.CheckAfterAsOf, Figure: ends(1, .99, 1), Level: "created_at", Rows: 900, Of: 900},
				{Kind: model.CheckAfterEnd, Figure: ends(.995, .99, 1), Level: "closed_at", Rows: 890, Of: 900},
			}},
			{Column: "Lead Number", Severity: model.LookAtIt, Exclude: true, Checks: []model.AuditCheck{
				{Kind: model.CheckID, Figure: bare(1), Rows: 4620, Of: 4620},
				{Kind: model.CheckTime, Figure: ends(-1, -1, -1)},
				{Kind: model.CheckTime, Figure: ends(.98, .97, .99), Level: "created_at"},
			}},
			{Column: "landing page", Severity: model.LookAtIt, Checks: []model.AuditCheck{{Kind: model.CheckShift, Figure: ends(.79, .78, .8)}}},
			{Severity: model.LookAtIt, Checks: []model.AuditCheck{{Kind: model.CheckDuplicates, Figure: ends(.17, .15, .19), Rows: 310, Of: 1848, Shares: []float64{.95}}}},
		}, &model.Audit{
			Rows: 30000, Of: 92400, Open: 800, Told: true, Shift: ends(.53, .52, .54), Equal: 310, EqualOf: 1848,
			Columns: []model.AuditedColumn{
				{Column: "Tags", Filled: .64, Alone: ends(.92, .91, .93), Presence: ends(.69, .68, .7), Shift: ends(.5, .49, .51)},
				{Column: "mql_at", Filled: 1, Alone: bare(math.NaN()), Presence: bare(.5), Shift: ends(1, 1, 1), Expected: true},
			},
		}
}

func TestAuditSectionTellsEachCheck(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {
			"Alone it tells converted leads from others with an AUC of 0.92 (0.91 to 0.93).", "filled in for 71% of the converted leads and for 34% of the others",
			"50% of the leads whose outcome is known and for &lt; 1% of comparable open ones", "358 leads have «Closed &lt;b&gt;by&lt;/b&gt; sales», and every one of them converted. Further levels with one outcome only: 2.",
			"66 leads have a value, and every one", "1,200 leads have no value, and none of them", "100% of its moments lie after created_at", "&gt; 99% of its moments lie at or after closed_at",
			"4,620 different values in 4,620 rows", "order is that of the rows in the file (rank correlation −1.00)", "order is that of created_at (rank correlation 0.98)",
			"hold-out from training rows with an AUC of 0.79 (0.78 to 0.80)", "310 of 1,848 hold-out rows equal", "exclude it", "ask, then decide", "30,000 of 92,400 rows", "expected of times",
		},
		"es": {"posible fuga", "Por sí sola distingue", "conviene mirarla", "excluirla", "Su orden es el de created_at", "66 leads tienen algún valor, y todos convirtieron", "de 0,91 a 0,93"},
	} {
		page := pageOf(t, sampleCard(t, 600, 5), Options{Lang: lang})
		for _, s := range want {
			if !strings.Contains(page, s) {
				t.Errorf("%s: the page does not say %q", lang, s)
			}
		}
	}
}

func TestCardsWithoutAnAuditHaveNoSuchSection(t *testing.T) {
	c := sampleCard(t, 600, 5)
	c.Audit, c.Audited = nil, nil
	if strings.Contains(pageOf(t, c, Options{}), `id="audit"`) {
		t.Error("a section for an audit that there was not")
	}
	c.Audited = &model.Audit{Rows: 10, Of: 10, Shift: model.Estimate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}}
	page := pageOf(t, c, Options{})
	for _, s := range []string{"No column gave reason to look closer.", "cannot be told"} {
		if !strings.Contains(page, s) {
			t.Errorf("an audit that named nothing does not say %q", s)
		}
	}
}
