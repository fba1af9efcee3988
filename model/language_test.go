package model

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
)

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	for lang, texts := range catalogues {
		for key, text := range textsEnglish {
			if strings.TrimSpace(texts[key]) == "" {
				t.Errorf("%s: %q is missing", lang, key)
			}
			if strings.Count(texts[key], "%s") != strings.Count(text, "%s") {
				t.Errorf("%s: %q has other places to fill: %q", lang, key, texts[key])
			}
			if strings.Contains(strings.ReplaceAll(texts[key], "%s", ""), "%") {
				t.Errorf("%s: %q has a percent sign that is no place: %q", lang, key, texts[key])
			}
		}
		for key := range texts {
			if _, ok := textsEnglish[key]; !ok {
				t.Errorf("%s: %q is not English", lang, key)
			}
		}
	}
	if _, err := new(Scorer).In("fr"); err == nil || !strings.Contains(err.Error(), `"fr"; want en or es`) {
		t.Errorf("French: %v", err)
	}
}

// Keys that are made of a word at run time.
var keyFamilies = []string{"events.", "class.", "weekday.", "month.", "part.", "range.", "dates.", "quantity.", "event.", "distance.", "span."}

func TestEveryTextIsUsed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, f := range files {
		if strings.HasPrefix(f, "catalogue_") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(b)
	}
	for _, m := range regexp.MustCompile(`words\.T\("([^"]+)"|w\.T\("([^"]+)"|w\.append\(b, "([^"]+)"|texts\["([^"]+)"\]`).FindAllStringSubmatch(source.String(), -1) {
		key := strings.Join(m[1:], "")
		if _, ok := textsEnglish[key]; !ok && !strings.HasSuffix(key, ".") {
			t.Errorf("%q is in no catalogue", key)
		}
	}
	for key := range textsEnglish {
		if !strings.Contains(source.String(), `"`+key+`"`) && !slices.ContainsFunc(keyFamilies, func(f string) bool { return strings.HasPrefix(key, f) }) {
			t.Errorf("%q is used nowhere", key)
		}
	}
}

func TestNumbersOfLanguages(t *testing.T) {
	en, es := newWords(English, textsEnglish), newWords(Spanish, textsSpanish)
	for _, c := range []struct{ got, want string }{
		{en.number(1420), "1420"}, {es.number(1420), "1420"}, {en.number(2024.5), "2024.5"}, {es.number(2024.5), "2024,5"},
		{en.number(1234567), "1,234,567"}, {es.number(-1234567.25), "-1.234.567,25"}, {en.number(12345), "12,345"},
		{en.number(math.Copysign(0, -1)), "0"}, {es.number(1.5e-7), "1,5e-07"}, {en.number(1e300), "1e+300"},
		{en.about(3.2041), "3.2"}, {es.about(123456.7), "123.457"}, {en.about(.00123456), "0.00123"},
		{en.percent(.921), "92 %"}, {es.percent(.0314), "3,1 %"}, {en.percent(1), "100 %"}, {en.percent(0), "0 %"}, {en.percent(.9951), "99.5 %"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	for iso, want := range map[string][2]string{"2024-01-03": {"3 January 2024", "3 de enero de 2024"}, "2024-13-03": {"2024-13-03", "2024-13-03"}, "x": {"x", "x"}} {
		a, _ := en.date(iso)
		b, _ := es.date(iso)
		if a != want[0] || b != want[1] {
			t.Errorf("%s: %q and %q, want %q", iso, a, b, want)
		}
	}
}

// told is the reason of the only feature that counts.
func told(t testing.TB, e features.Encoding, feature string, column int, value datasets.Value) [2]string {
	t.Helper()
	table := leads(t, 400, 1)
	a := fixture(t, table, e)
	if strings.Contains(feature, " × ") {
		sides := strings.Split(feature, " × ")
		var err error
		if a.Pipeline, err = a.Pipeline.WithPairs([][2]string{{sides[0], sides[1]}}); err != nil {
			t.Fatal(err)
		}
		n := len(a.Pipeline.Features()[len(a.Pipeline.Features())-1].Levels)
		for i := range a.Targets {
			a.Targets[i].Effects = append(a.Targets[i].Effects, TermEffect{Effect: features.Effect{Table: make([]float64, n)}, Rows: make([]int, n), Positives: make([]int, n)})
		}
	}
	set(a, feature, func(f *features.Feature, e *TermEffect) {
		for code := range e.Table {
			e.Table[code], e.Rows[code], e.Positives[code] = 1.5, 12718, 661
		}
		if f.Linear {
			e.Slope, e.Table[0] = .8, 0
		}
	})
	l := leadAt(table, 0)
	l.Values[4], l.Values[5] = datasets.At(1.7e15), datasets.At(1.7e15-2.5*24*3600e6) // 14 November 2023, 22:13
	l.Values[column] = value
	var texts [2]string
	for i, lang := range []string{English, Spanish} {
		s, err := scorer(t, a).In(lang)
		if err != nil {
			t.Fatal(err)
		}
		x, err := s.Explain(l, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Reasons) != 1 || x.Reasons[0].Feature != feature {
			t.Fatalf("%s: %+v", feature, x.Reasons)
		}
		texts[i] = x.Reasons[0].Text
	}
	return texts
}

func TestReasonsInBothLanguages(t *testing.T) {
	const en, es = ": 5.2 % of 12,718 such leads converted, average 30 %", ": convirtió el 5,2 % de los 12.718 leads así, media del 30 %"
	at := func(text string) datasets.Value {
		f := datasets.Field{Name: "x", Kind: datasets.Time}
		v, err := f.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		encoding features.Encoding
		feature  string
		column   int
		value    datasets.Value
		en, es   string
	}{
		{features.Additive, "source", 1, datasets.Level("web"), "source is web" + en, "source es web" + es},
		{features.Additive, "source", 1, datasets.Value{}, "source is missing" + en, "falta source" + es},
		{features.Additive, "visits", 2, datasets.Number(7), "visits is 7" + en, "visits es 7" + es},
		{features.Additive, "visits", 2, datasets.Number(7.25), "visits is 7.25 (counted as 7)" + en, "visits es 7,25 (cuenta como 7)" + es},
		{features.Additive, "visits", 2, datasets.Number(54321), "visits is 54,321 (counted as 39)" + en, "visits es 54.321 (cuenta como 39)" + es},
		{features.Additive, "visits", 2, datasets.Value{}, "visits is missing" + en, "falta visits" + es},
		{features.Additive, "do_not_email", 3, datasets.Bool(true), "do_not_email is yes" + en, "do_not_email es sí" + es},
		{features.Additive, "email.domain_class", 6, datasets.Level("x@gmail.com"), "email (domain class) is free" + en, "email (clase de dominio) es gratuito" + es},
		{features.Additive, "size.size", 8, datasets.Level("51-200"), "size is 51-200" + en, "size es 51-200" + es},
		{features.Additive, "created_at.weekday", 4, at("2023-11-20T10:00:00Z"), "created_at is a Monday" + en, "created_at cae en lunes" + es},
		{features.Additive, "created_at.hour", 4, at("2023-11-20T10:00:00Z"), "created_at is at 10:00 UTC" + en, "la hora de created_at es 10:00 UTC" + es},
		{features.Additive, "first_seen.age", 5, at("2023-11-01T00:00:00Z"), "first_seen was 13.9 days earlier (up to 26.39)" + en, "first_seen fue 13,9 días antes (hasta 26,39)" + es},
		{features.Additive, "created_at.day", 4, at("2023-11-20T10:00:00Z"), "created_at is 20 November 2023 (between 19 November 2023 and 21 November 2023)" + en,
			"created_at es el 20 de noviembre de 2023 (entre el 19 de noviembre de 2023 y el 21 de noviembre de 2023)" + es},
		{features.Additive, "source × visits", 2, datasets.Number(7), "source is web and visits is between 3.5 and 7.5" + en, "source es web y visits vale entre 3,5 y 7,5" + es},
		{features.Additive, "source × visits", 1, datasets.Value{}, "source is missing and visits is 3" + en, "falta source y visits vale 3" + es},
		{features.Linear, "visits", 2, datasets.Number(90.5), "visits is 90.5, far above average, and higher values convert more often: odds × 997,868",
			"visits es 90,5, muy por encima de la media, y los valores más altos convierten más: razón de probabilidades × 997.868"},
	} {
		if got := told(t, c.encoding, c.feature, c.column, c.value); got != [2]string{c.en, c.es} {
			t.Errorf("%s\n got %q\nwant %q", c.feature, got, [2]string{c.en, c.es})
		}
	}
}

func TestEventsInBothLanguages(t *testing.T) {
	const day = 24 * 3600e6
	page := func(measure string) history.Part {
		return history.Part{Measure: measure, Type: "price_page", Property: "amount", Channel: "ads", Window: 30 * day}
	}
	all := func(measure string) history.Part { return history.Part{Measure: measure, Window: day} }
	n := datasets.Number
	for _, c := range []struct {
		part          history.Part
		value         datasets.Value
		level, en, es string
	}{
		{page("count"), n(2), "", "the lead had 2 price_page events in the last 30 days", "el lead tuvo 2 eventos price_page en los últimos 30 días"},
		{page("count"), n(1), "", "the lead had 1 price_page event in the last 30 days", "el lead tuvo 1 evento price_page en los últimos 30 días"},
		{page("count"), n(0), "", "the lead had no price_page events in the last 30 days", "el lead no tuvo eventos price_page en los últimos 30 días"},
		{page("count"), n(7), "4.5 – 8.5", "the lead had 7 (4.5 to 8.5) price_page events in the last 30 days", "el lead tuvo 7 (de 4,5 a 8,5) eventos price_page en los últimos 30 días"},
		{page("count"), datasets.Value{}, "> 8.5", "the lead had more than 8.5 price_page events in the last 30 days", "el lead tuvo más de 8,5 eventos price_page en los últimos 30 días"},
		{page("share"), datasets.Value{}, "≤ 0.25", "at most 25 % of the events in the last 30 days came by ads", "como máximo 25 % de los eventos en los últimos 30 días llegó por ads"},
		{all("count"), n(12000), "", "the lead had 12,000 events in the last day", "el lead tuvo 12.000 eventos en el último día"},
		{page("days"), n(3), "", "the lead had price_page events on 3 days of the last 30 days", "el lead tuvo eventos price_page en 3 días de los últimos 30 días"},
		{page("trend"), n(-2), "", "the lead had 2 fewer price_page events in the last 30 days than in as long a time before", "el lead tuvo 2 menos eventos price_page en los últimos 30 días que en el mismo tiempo anterior"},
		{page("trend"), n(0), "", "the lead had as many price_page events in the last 30 days as in as long a time before", "el lead tuvo tantos eventos price_page en los últimos 30 días como en el mismo tiempo anterior"},
		{page("sum"), n(1234.56), "", "amount of the price_page events in the last 30 days adds up to 1235", "amount de los eventos price_page en los últimos 30 días suma 1235"},
		{page("last"), n(9.5), "", "the latest amount of the price_page events is 9.5", "el último amount de los eventos price_page es 9,5"},
		{page("last"), datasets.Value{}, "", "no amount of the price_page events is known", "no se conoce amount de los eventos price_page"},
		{page("recency"), n(3.217), "", "the last price_page event was 3.22 days ago", "el último evento price_page fue hace 3,22 días"},
		{page("recency"), datasets.Value{}, "", "the lead never had a price_page event", "el lead nunca tuvo un evento price_page"},
		{all("recency"), datasets.Value{}, "", "the lead never had an event", "el lead nunca tuvo un evento"},
		{page("decayed"), n(1.5), "", "price_page events, recent ones counting more, come to 1.5", "los eventos price_page, contando más los recientes, suman 1,5"},
		{all("first_touch"), n(20), "", "the first event was 20 days ago", "el primer evento fue hace 20 días"},
		{all("gap.mean"), n(.25), "", "from one event to the next it takes 0.25 days on average", "de un evento al siguiente pasan 0,25 días de media"},
		{all("gap.max"), datasets.Value{}, "", "the lead had fewer than two events", "el lead tuvo menos de dos eventos"},
		{page("share"), n(.6), "", "60 % of the events in the last 30 days came by ads", "60 % de los eventos en los últimos 30 días llegó por ads"},
		{all("channel.first"), datasets.Level("ads"), "", "the first event came by ads", "el primer evento llegó por ads"},
		{all("channel.last"), datasets.Value{}, "", "no event came by a known channel", "ningún evento llegó por un canal conocido"},
	} {
		for lang, want := range map[string]string{English: c.en, Spanish: c.es} {
			w := newWords(lang, catalogues[lang])
			var b []byte
			if c.value.Missing() && c.level == "" {
				b = w.eventMissing(nil, &c.part)
			} else {
				b = w.event(nil, &c.part, c.value, c.level)
			}
			if string(b) != want {
				t.Errorf("%s of %s:\n got %q\nwant %q", c.part.Measure, lang, b, want)
			}
		}
	}
	// On a side of a pair only the bin is known, and every measure can tell it.
	for _, measure := range []string{"count", "days", "trend", "sum", "last", "recency", "decayed", "first_touch", "gap.mean", "gap.last", "gap.max", "share", "channel.first", "channel.last"} {
		for lang := range maps.Keys(catalogues) {
			w, part := newWords(lang, catalogues[lang]), page(measure)
			if b := string(w.event(nil, &part, datasets.Value{}, "BIN")); !strings.Contains(b, "BIN") || strings.Contains(b, "%s") || strings.Contains(b, "[") {
				t.Errorf("%s of %s in a pair: %q", measure, lang, b)
			}
			if b := string(w.eventMissing(nil, &part)); strings.Contains(b, "%s") || strings.Contains(b, "[") {
				t.Errorf("%s of %s, missing: %q", measure, lang, b)
			}
		}
	}
}

func TestUnseenValuesInBothLanguages(t *testing.T) {
	table := leads(t, 400, 1)
	l := leadAt(table, 0)
	l.Values[1] = datasets.Level("television")
	for lang, want := range map[string]string{
		English: "source is television, which training has not seen: it counts neither way",
		Spanish: "source es television, que el entrenamiento no ha visto: no cuenta ni a favor ni en contra",
	} {
		s, err := scorer(t, fixture(t, table, features.Linear)).In(lang)
		if err != nil {
			t.Fatal(err)
		}
		x, err := s.Explain(l, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range x.Effects {
			if e.Feature == "source" && e.Text != want {
				t.Errorf("%s: %q, want %q", lang, e.Text, want)
			}
		}
	}
}
