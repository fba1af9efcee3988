package train

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

const day = 24 * 3600 * 1_000_000

func TestParseAsOf(t *testing.T) {
	for text, want := range map[string]AsOf{
		"":                                {},
		"created_at":                      {Column: "created_at"},
		"Created On":                      {Column: "Created On"},
		`"Created On"`:                    {Column: "Created On"},
		`"first seen"`:                    {Column: "first seen"},
		`"a ""b"" + 3d"`:                  {Column: `a "b" + 3d`},
		"created_at + 3d":                 {Column: "created_at", Delay: 3 * day},
		"created_at+36h":                  {Column: "created_at", Delay: day * 3 / 2},
		`"Created On" + 2w`:               {Column: "Created On", Delay: 14 * day},
		"first demo_request":              {Event: "demo_request"},
		`first "price page" + 1d`:         {Event: "price page", Delay: day},
		"every 7d from created_at":        {Column: "created_at", Every: 7 * day},
		`every 1w from "C + D" for 90d`:   {Column: "C + D", Every: 7 * day, For: 90 * day},
		"every 7d from created_at for 1w": {Column: "created_at", Every: 7 * day, For: 7 * day},
	} {
		got, err := ParseAsOf(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v (%v), want %+v", text, got, err, want)
		}
	}
}

func TestParseAsOfRefuses(t *testing.T) {
	for text, offset := range map[string]int{
		"  ":                           0,
		"created_at +":                 12,
		"created_at + 3":               13,
		"created_at + 3 d":             13,
		"created_at + -3d":             13,
		"created_at + 3d + 1d":         16,
		"Created On + 3d":              8,
		"+ 3d":                         0,
		`"Created On`:                  0,
		`"" + 3d`:                      0,
		"first":                        5,
		"first demo request":           11,
		"every from created_at":        6,
		"every 7d created_at":          9,
		"every 7d from":                13,
		"every 7d from created_at til": 25,
		"every 7d from a for":          19,
		"every 7d from a + 3d":         16,
		"every 0d from a":              6,
	} {
		got, err := ParseAsOf(text)
		var e *AsOfError
		if !errors.As(err, &e) || e.Offset != offset || got != (AsOf{}) {
			t.Errorf("%q: %+v, %v; want an error at %d", text, got, err, offset)
		}
	}
}

// Any name comes back as that column, whatever is in it; a name of spaces alone is refused.
func FuzzQuoteAsOf(f *testing.F) {
	for _, s := range []string{"created_at", "first seen", "a+b", `say "when"`, " x ", "every", "\u00a0", "a  b", "every 7d from a for 90d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		_, err := ParseAsOf(name)
		var e *AsOfError
		if err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > len([]rune(name))) {
			t.Errorf("%q: the error %v is outside the text", name, err)
		}
		if name == "" || !utf8.ValidString(name) {
			return // not the name of a column
		}
		a, err := ParseAsOf(QuoteAsOf(name))
		if strings.TrimSpace(name) == "" {
			if err == nil {
				t.Errorf("%q is read as %+v", name, a)
			}
			return
		}
		if err != nil || a != (AsOf{Column: name}) {
			t.Errorf("%q is written %s and read as %+v (%v)", name, QuoteAsOf(name), a, err)
		}
	})
}
