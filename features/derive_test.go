package features

import (
	"math"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
)

func TestEmailClass(t *testing.T) {
	for class, addresses := range map[string][]string{
		emailBusiness:   {"ana@acme.com", "a.b+c@mail.acme.co.uk", " x@acme.io ", "me@live.acme.com", "x@tu-gym.com", "x@go.com", "x@ac.com", "x@hotmail.acme.de", "x@notgmail.com"},
		emailFree:       {"x@gmail.com", "x@GMAIL.com", "x@yahoo.co.uk", "x@yahoo.com.br", "x@hotmail.fr", "x@gmx.de", "x@live.com", "x@outlook.es", "x@qq.com", "x@web.de"},
		emailDisposable: {"x@mailinator.com", "x@foo.mailinator.com", "x@yopmail.com", "x@10minutemail.com"},
		emailEducation:  {"x@mit.edu", "x@cs.mit.edu", "x@ox.ac.uk", "x@unimelb.edu.au", "x@uni-bonn.de", "x@stud.tu-berlin.de", "x@univ-paris1.fr"},
		emailGovernment: {"x@nasa.gov", "x@cabinet.gov.uk", "x@sat.gob.mx", "x@interieur.gouv.fr", "x@bmi.bund.de", "x@meti.go.jp", "x@army.mil"},
		emailInvalid:    {"", "x", "@acme.com", "x@", "x@acme", "a@b@c.com", "x y@acme.com", "x@.com", "x@a..b", "x@" + strings.Repeat("a.", 200) + "com"},
	} {
		for _, a := range addresses {
			if got := emailClass(a); got != class {
				t.Errorf("%q is %s, want %s", a, got, class)
			}
		}
	}
}

func TestEmailListsAreDisjoint(t *testing.T) {
	for _, lists := range []map[string]string{domainLists, familyLists, secondLists} {
		seen := map[string]string{}
		for class, names := range lists {
			for _, name := range strings.Fields(names) {
				if other, twice := seen[name]; twice {
					t.Errorf("%q is %s and %s", name, other, class)
				}
				seen[name] = class
			}
		}
	}
	for name := range domains {
		if strings.ToLower(name) != name || strings.HasPrefix(name, ".") {
			t.Errorf("%q is not a lower-case domain", name)
		}
	}
}

func TestClassifyTitle(t *testing.T) {
	for _, c := range []struct{ title, seniority, department string }{
		{"CEO", seniorityC, executive},
		{"Chief Marketing Officer", seniorityC, marketing},
		{"C.T.O.", seniorityC, engineering},
		{"Co-Founder & CEO", seniorityOwner, executive},
		{"Founder, Head of Growth", seniorityOwner, marketing},
		{"Vice President of Sales", seniorityVP, sales},
		{"Senior Vice President, Operations", seniorityVP, operations},
		{"VP Engineering", seniorityVP, engineering},
		{"Head of IT", seniorityDirector, engineering},
		{"Marketing Director", seniorityDirector, marketing},
		{"Managing Director", seniorityC, executive},
		{"Sales Manager", seniorityManager, sales},
		{"HR manager", seniorityManager, people},
		{"Senior Software Engineer", senioritySenior, engineering},
		{"Junior Accountant", seniorityJunior, finance},
		{"Account Executive", seniorityStaff, sales},
		{"Executive Assistant to the CEO", seniorityC, executive}, // two phrases; the stronger counts
		{"Marketing Intern", seniorityStudent, marketing},
		{"Product Owner", seniorityStaff, product},
		{"Business Owner", seniorityOwner, executive},
		{"Purchasing Agent", seniorityStaff, procurement},
		{"Legal Counsel", seniorityStaff, legal},
		{"Customer Success Manager", seniorityStaff, support},
		{"Director de Marketing", seniorityDirector, marketing},
		{"Directora de Recursos Humanos", seniorityDirector, people},
		{"Gerente de Ventas", seniorityManager, sales},
		{"Jefe de Compras", seniorityManager, procurement},
		{"Dueño", seniorityOwner, executive},
		{"Ingeniero de Sistemas", seniorityStaff, engineering},
		{"Becario de marketing", seniorityStudent, marketing},
		{"Geschäftsführer", seniorityC, executive},
		{"Vertriebsleiterin", seniorityDirector, sales},
		{"Personalreferent", seniorityStaff, people},
		{"Einkaufsleiter", seniorityDirector, procurement},
		{"Softwareentwickler", seniorityStaff, engineering},
		{"Leiter Finanzen", seniorityDirector, finance},
		{"Werkstudent Marketing", seniorityStudent, marketing},
		{"Directeur Général", seniorityC, executive},
		{"Responsable des achats", seniorityManager, procurement}, //nolint:misspell // French
		{"Directrice des Ressources Humaines", seniorityDirector, people},
		{"Stagiaire", seniorityStudent, departmentOther},
		{"Développeur", seniorityStaff, engineering},
		{"Gardener", seniorityUnknown, departmentOther},
		{"", seniorityUnknown, departmentOther},
		{"!!!", seniorityUnknown, departmentOther},
		{"директор", seniorityUnknown, departmentOther},
		{strings.Repeat("x ", 500) + "CEO", seniorityUnknown, departmentOther}, // beyond what is read
	} {
		if s, d := classifyTitle(c.title); s != c.seniority || d != c.department {
			t.Errorf("%q is %s, %s; want %s, %s", c.title, s, d, c.seniority, c.department)
		}
	}
}

// Every phrase of the table is written as titles are folded, and is found by itself.
func TestTitleTable(t *testing.T) {
	seniority, department := map[string]string{}, map[string]string{}
	for _, e := range titleEntries {
		for _, p := range strings.Split(e.phrases, ",") {
			p = strings.Join(strings.Fields(p), " ")
			if s := seniority[p]; s != "" && e.seniority != "" {
				t.Errorf("%q is %s and %s", p, s, e.seniority)
			}
			if d := department[p]; d != "" && e.department != "" {
				t.Errorf("%q is of %s and of %s", p, d, e.department)
			}
			seniority[p], department[p] = seniority[p]+e.seniority, department[p]+e.department
		}
	}
	for phrase, w := range titleWords {
		if got := string(foldTitle(nil, phrase)); got != phrase || phrase == "" {
			t.Errorf("%q can never be met: it folds to %q", phrase, got)
		}
		if n := len(strings.Fields(phrase)); n > titlePhrase {
			t.Errorf("%q has %d words; at most %d are looked at", phrase, n, titlePhrase)
		}
		if hit, next := titleHit([]byte(phrase)); hit != w || next <= len(phrase) {
			t.Errorf("%q gives %v, want %v", phrase, hit, w)
		}
		if w.seniority != "" && titleRank[w.seniority] == 0 {
			t.Errorf("%q: the seniority %q has no rank", phrase, w.seniority)
		}
	}
}

func TestCompanySize(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		text string
		want float64
	}{
		{"51-200", math.Sqrt(51 * 200)}, {"1,001 - 5,000", math.Sqrt(1001 * 5000)}, {"1.001 – 5.000", math.Sqrt(1001 * 5000)},
		{"10000+", 10000}, {"10,000 or more", 10000}, {"> 500", 500}, {">=500", 500}, {"more than 1'000", 1000}, {"über 500", 500},
		{"200 employees", 200}, {"1–10", math.Sqrt(10)}, {"0-10", math.Sqrt(10)}, {"<50", math.Sqrt(50)}, {"up to 50 Mitarbeiter", math.Sqrt(50)},
		{"10K-50k", math.Sqrt(10000 * 50000)}, {"10k–50k", math.Sqrt(10000 * 50000)}, {"1.5M", 1.5e6}, {"$1M - $5M", math.Sqrt(1e6 * 5e6)},
		{"11 to 50 people", math.Sqrt(11 * 50)}, {"de 11 a 50 empleados", math.Sqrt(11 * 50)}, {"between 10 and 20", math.Sqrt(200)}, {"1 000 à 5 000 salariés", math.Sqrt(1000 * 5000)},
		{"Más de 500", 500}, {"7", 7}, {"0", 0}, {"1,000,000", 1e6}, {"2,5", 2.5},
		{"", nan}, {"-", nan}, {"some", nan}, {"200-51", nan}, {"1-2-3", nan}, {"2018-02-01", nan}, {"a-b", nan}, {"12 monkeys", nan},
		{"> 5-10", nan}, {"5-", nan}, {"+5", nan}, {"1234567890123", nan}, {"v1", nan}, {"02.Medium", nan}, {"1-", nan},
	} {
		if got := companySize(c.text); !(math.Abs(got-c.want) <= 1e-9*c.want || math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%q is %v, want %v", c.text, got, c.want)
		}
	}
	if isSizeRange("200") || isSizeRange("x") || !isSizeRange("1-10") || !isSizeRange("> 5") || !isSizeRange("5+") {
		t.Error("what is a range is not told from a number")
	}
}

// What no unit test foresaw: no text makes the derivations panic or leave their range.
func FuzzDerive(f *testing.F) {
	for _, s := range []string{"", "a@b.c", "51-200", "1,001 – 5,000+", "Directora de IT", "1.000.000 k", "> ", "Ä\xff@\xff.de", "1’000"} {
		f.Add(s)
	}
	classes := map[string]bool{emailBusiness: true, emailFree: true, emailDisposable: true, emailEducation: true, emailGovernment: true, emailInvalid: true}
	f.Fuzz(func(t *testing.T, s string) {
		if c := emailClass(s); !classes[c] {
			t.Errorf("%q has the class %q", s, c)
		}
		if seniority, _ := classifyTitle(s); seniority != seniorityUnknown && titleRank[seniority] == 0 {
			t.Errorf("%q has the seniority %q", s, seniority)
		}
		if x := companySize(s); x < 0 || math.IsInf(x, 0) {
			t.Errorf("%q has the size %v", s, x)
		}
	})
}

// Parts of the calendar are those of package time, before 1970 and far away too.
func TestTimeParts(t *testing.T) {
	for _, s := range []string{"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T13:30:00Z", "1899-12-30T05:00:00Z", "2200-07-04T00:00:00Z", "2018-02-01T12:00:00Z"} {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		micros := at.UnixMicro()
		weekday := float64(at.Weekday())
		if weekday == 0 {
			weekday = 7
		}
		days := math.Floor(float64(at.Unix()) / 86400)
		for r, want := range map[reading]float64{readWeekday: weekday, readMonth: float64(at.Month()), readHour: float64(at.Hour()), readDay: days, readAge: 1.5} {
			if got := timePart(r, micros, micros+36*3600*1e6); got != want {
				t.Errorf("%s of %s is %v, want %v", readingNames[r], s, got, want)
			}
		}
		if got := timeText(readWeekday, weekday); got != at.Weekday().String() {
			t.Errorf("%s is a %s, not a %s", s, at.Weekday(), got)
		}
		if got := timeText(readDay, days); got != at.Format(time.DateOnly) {
			t.Errorf("the day of %s is shown as %s", s, got)
		}
	}
	for _, r := range []reading{readWeekday, readMonth, readHour, readDay, readAge} {
		for _, at := range []int64{math.MaxInt64, math.MinInt64 + 1} {
			if x := timePart(r, at, -at); !finite(x) {
				t.Errorf("%s of the end of time is %v", readingNames[r], x)
			}
		}
	}
}

func TestKnown(t *testing.T) {
	for _, c := range []struct {
		t, asOf int64
		want    bool
	}{{5, 6, true}, {5, 5, true}, {6, 5, false}, {5, datasets.MissingTime, true}, {datasets.MissingTime, 5, false}, {datasets.MissingTime, datasets.MissingTime, false}} {
		if Known(c.t, c.asOf) != c.want {
			t.Errorf("Known(%d, %d) is %v", c.t, c.asOf, !c.want)
		}
	}
}
