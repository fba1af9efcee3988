package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot"

	"leadscore/model"
)

// additiveCard is the sample with an additive model of so many numbers of 32 bins and missing, as many categories, and
// pairs of a number and a category, with names as rude as those of real exports.
func additiveCard(t testing.TB, each, pairs int) *model.Card {
	t.Helper()
	c := sampleCard(t, 400, 4)
	target := c.Targets["converted"]
	target.Coefficients = nil
	rng := rand.New(rand.NewPCG(5, 5))
	add := func(feature, level string, scale float64) {
		b, se := scale*rng.NormFloat64(), .05+.2*rng.Float64()
		target.Coefficients = append(target.Coefficients, model.Coefficient{Feature: feature, Level: level, Rows: 1 + rng.IntN(900), Estimate: b, SE: se, Z: b / se,
			P: math.Erfc(math.Abs(b/se) / math.Sqrt2), Odds: model.Estimate{Value: math.Exp(b), Lower: math.Exp(b - 1.96*se), Upper: math.Exp(b + 1.96*se)}})
	}
	bins := []string{"= 0", "≤ 12500"}
	for k := 1; k < 30; k++ {
		bins = append(bins, fmt.Sprintf("%d – %d", 12500*k*k, 12500*(k+1)*(k+1)))
	}
	bins = append(bins, "> 11250000")
	words := []string{"<b>Working</b> Professional & co", "Student", "other", "missing"}
	card := &model.PointsCard{PDO: 20, Base: 100, Offset: 137.04, Cost: &model.PointsCost{
		AUCRounded: model.Estimate{Value: .8689, Lower: .86, Upper: .88}, AUCModel: model.Estimate{Value: .8691, Lower: .86, Upper: .88},
		Difference: model.Estimate{Value: -.0002, Lower: -.0009, Upper: .0005}, LogLossDifference: model.Estimate{Value: .0001, Lower: -.0002, Upper: .0004},
	}}
	for i := range each {
		number, word := fmt.Sprintf("Number %d <script>", i), fmt.Sprintf("Category %d", i)
		for _, l := range bins {
			add(number, l, .4)
		}
		add(number, "missing", .4)
		for _, l := range words {
			add(word, l, .8)
		}
		for k := range 12 {
			add(word, fmt.Sprintf("level %d", k), .3)
		}
		target.Shapes = append(target.Shapes, model.Shape{Feature: number, Importance: 1 / float64(i+1), Ordered: bins}, model.Shape{Feature: word, Importance: .9 / float64(i+1)})
		card.Rows = append(card.Rows, model.PointsRow{Feature: number, Level: "≤ 50000", Points: 12, Rows: 100, Rate: .25}, model.PointsRow{Feature: word, Level: "other", Points: -7})
	}
	for i := range pairs {
		name := fmt.Sprintf("Number %d × Category %d", i, i)
		s := model.Shape{Feature: name, Importance: .5 / float64(i+1), Sides: []model.Side{
			{Feature: "Number", Levels: bins[:13], Ordered: 12}, {Feature: "Category", Levels: words}}}
		for _, x := range bins[:13] {
			for _, y := range words[:3] { // the last is a level that no row reached
				add(name, x+" × "+y, .3)
			}
		}
		target.Shapes = append(target.Shapes, s)
	}
	target.PointsCard = card
	return c
}

func TestEveryEffectHasANameAPlotAndATable(t *testing.T) {
	page := pageOf(t, additiveCard(t, 12, 6), Options{})
	_, drivers, _ := strings.Cut(page, `<section id="drivers">`)
	drivers, _, _ = strings.Cut(drivers, `</section>`)
	figures := regexp.MustCompile(`(?s)<figure>.*?</figure>`).FindAllString(drivers, -1)
	if want := 2 + 24 + 6; len(figures) != want {
		t.Fatalf("%d figures among the drivers, want %d", len(figures), want)
	}
	for _, f := range figures[2:] {
		if strings.Count(f, "<svg") != 1 || strings.Count(f, "<details>") != 1 || !strings.Contains(f, "<h3>") || !strings.Contains(f, "</table>") {
			t.Errorf("an effect without name, plot or table: %.200s", f)
		}
	}
	for _, p := range svgPattern.FindAllString(page, -1) {
		if strings.Contains(p, "#0") || strings.Contains(p, "NaN") || strings.Contains(p, "opacity") {
			t.Errorf("a plot has a colour of its own or a place that is no number: %.200s", p)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "<b>") {
		t.Error("a name from the data became markup")
	}
	if !strings.Contains(page, "16 weaker effects") || !strings.Contains(page, "2 weaker pairs") {
		t.Error("the page does not say what is folded")
	}
	if strings.Index(page, "Number 0 ") > strings.Index(page, "Number 5 ") {
		t.Error("the strongest effect is not first")
	}
}

func TestPointsCardIsOnThePage(t *testing.T) {
	c := additiveCard(t, 3, 1)
	for _, lang := range Languages() {
		page, text := pageOf(t, c, Options{Lang: lang}), markdown(t, c, Options{Lang: lang})
		if !strings.Contains(page, `<section id="points">`) || !strings.Contains(page, "&#43;12") || !strings.Contains(page, "−7") {
			t.Errorf("%s: no points", lang)
		}
		cost := newWords(lang).Signed(-.0002, 4)
		if !strings.Contains(page, cost) || !strings.Contains(text, cost) {
			t.Errorf("%s: the page does not say what the rounding costs (%s)", lang, cost)
		}
	}
	if page := pageOf(t, sampleCard(t, 300, 8), Options{}); strings.Contains(page, `id="points"`) {
		t.Error("a points card without one")
	}
	c.Targets["converted"].PointsCard.Cost = nil
	if page := pageOf(t, c, Options{}); !strings.Contains(page, english["points.unmeasured"]) {
		t.Error("an unmeasured cost is not said to be so")
	}
}

func TestSpanishEffectsAreSpanish(t *testing.T) {
	c := additiveCard(t, 12, 6)
	c.Findings = nil
	page := pageOf(t, c, Options{Lang: "es"})
	for key, text := range english {
		if strings.HasPrefix(key, "effects.") || strings.HasPrefix(key, "points.") || strings.HasPrefix(key, "heat.") {
			if bare := strings.TrimSpace(strings.Trim(text, "%s")); len(bare) > 8 && bare != spanish[key] && strings.Contains(page, ">"+bare+"<") {
				t.Errorf("%q is shown in English", key)
			}
		}
	}
	if regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!|EXTRA`).MatchString(page) {
		t.Error("a key of the catalogue shows")
	}
}

func TestTwoHundredEffectsAreSmallAndFast(t *testing.T) {
	c := additiveCard(t, 200, 50) // more than are drawn: the largest page there is, 200 numbers among it
	start := time.Now()
	page := pageOf(t, c, Options{})
	if took := time.Since(start); took > 10*time.Second { // well under 2 s on a quiet machine; the race detector is slow
		t.Errorf("200 features took %v", took)
	}
	if len(page) > 3<<20 {
		t.Errorf("%d bytes", len(page))
	}
	if !strings.Contains(page, "226 more effects are in metrics.json") { // 200 of 400 features and 24 of 50 pairs are drawn
		t.Error("the page does not say that effects are left out")
	}
	c.Targets["a second"] = c.Targets["converted"]
	if two := pageOf(t, c, Options{}); len(two) > 4<<20 {
		t.Errorf("two targets: %d bytes", len(two))
	}
}

func TestHeatMapPlacesEachCell(t *testing.T) {
	s := model.Shape{Feature: "a × b", Sides: []model.Side{{Feature: "a", Levels: []string{"1", "2", "3"}, Ordered: 3}, {Feature: "b", Levels: []string{"x", "y"}}}}
	cell := func(level string, b float64) model.Coefficient { return model.Coefficient{Level: level, Estimate: b} }
	g := newGrid(s, []model.Coefficient{cell("1 × x", .1), cell("3 × y", .2), cell("nowhere", 9)})
	// The side without an order goes down; what no cell reaches is left out.
	if g.down.Feature != "b" || len(g.down.Levels) != 2 || len(g.across.Levels) != 2 || g.across.Levels[1] != "3" {
		t.Fatalf("down %+v, across %+v", g.down, g.across)
	}
	if len(g.cells) != 2 || g.cells[[2]int{0, 0}].Estimate != .1 || g.cells[[2]int{1, 1}].Estimate != .2 {
		t.Errorf("cells %v", g.cells)
	}
}

func TestHeatIsSymmetric(t *testing.T) {
	for x, want := range map[float64]int{0: 0, .04: 0, .05: 1, .2: 2, .31: 3, .6: 4, 50: 4} {
		if heat(x) != want || heat(-x) != -want {
			t.Errorf("heat(±%v) = %d and %d, want ±%d", x, heat(x), heat(-x), want)
		}
	}
}

func TestTicksOfBins(t *testing.T) {
	got := binTicks(newWords("en"), []string{"= 0", "0.5 – 12500", "12500 – 2.5e+06", "> 2.5e+06"})
	want := []plot.Tick{{Value: 0, Label: "0"}, {Value: 1.5, Label: "12.5 k"}, {Value: 2.5, Label: "2.5 M"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("ticks %v, want %v", got, want)
	}
	if got := fitTicks(binTicks(newWords("es"), []string{"≤ 1", "1 – 2"}), nil, 2); len(got) != 2 {
		t.Errorf("%v: ticks were left out where there is room", got)
	}
	var many []string
	for k := range 40 {
		many = append(many, fmt.Sprintf("≤ %d", 100000+k))
	}
	if n := len(fitTicks(binTicks(newWords("en"), many), nil, 40)); n < 3 || n > 12 {
		t.Errorf("%d ticks of 40", n)
	}
}

func TestOddEffects(t *testing.T) {
	c := additiveCard(t, 1, 1)
	target := c.Targets["converted"]
	no := model.Estimate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
	for i := range target.Coefficients {
		switch i % 4 {
		case 0:
			target.Coefficients[i].Odds = no
		case 1:
			target.Coefficients[i].Estimate, target.Coefficients[i].Odds = 300, model.Estimate{Value: math.Inf(1), Lower: 0, Upper: math.Inf(1)}
		case 2:
			target.Coefficients[i].Estimate = math.NaN()
		}
	}
	target.Shapes = append(target.Shapes, model.Shape{Feature: "without coefficients", Importance: 3}, model.Shape{Importance: math.NaN()})
	if page := pageOf(t, c, Options{}); strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
		t.Error("the page shows what is not a number")
	}
}
