package datasets

// A choice is one value of a generated column: how often it occurs and its true effect, in
// log-odds of winning.
type choice struct {
	text   string
	weight float64
	effect float64
}

var industries = []choice{
	{"Software", 18, 0.45}, {"Financial Services", 11, 0.30}, {"Manufacturing", 12, 0.05}, {"Healthcare", 10, 0.15},
	{"Retail & E-commerce", 11, 0.10}, {"Professional Services", 9, 0.20}, {"Education", 7, -0.55}, {"Logistics", 6, 0},
	{"Media & Entertainment", 5, -0.10}, {"Energy & Utilities", 4, -0.05}, {"Public Sector", 4, -0.45}, {"Non-profit", 3, -0.80},
}

var countries = []choice{
	{"United States", 30, 0.20}, {"United Kingdom", 11, 0.15}, {"Germany", 10, 0.10}, {"Spain", 8, 0}, {"France", 7, 0},
	{"Colombia", 6, -0.15}, {"Mexico", 6, -0.10}, {"Brazil", 6, -0.20}, {"Canada", 5, 0.15}, {"Netherlands", 4, 0.10},
	{"India", 4, -0.55}, {"Australia", 2, 0.05}, {"Japan", 1, -0.30},
}

// Sources without a visit to the web site have no web columns: missing by nature.
var sources = []leadSource{
	{choice{"Organic Search", 24, 0.10}, true}, {choice{"Google Ads", 18, -0.10}, true}, {choice{"LinkedIn Ads", 12, 0}, true},
	{choice{"Referral", 9, 0.75}, true}, {choice{"Webinar", 8, 0.30}, true}, {choice{"Newsletter", 8, 0.15}, true},
	{choice{"Direct", 7, 0.05}, true}, {choice{"Trade Show", 6, 0.10}, false}, {choice{"Partner", 4, 0.60}, false},
	{choice{"Cold list", 4, -1.10}, false},
}

type leadSource struct {
	choice
	web bool
}

// companySizes are given as ranges, as CRMs do, with the logarithm of a typical annual revenue
// in dollars.
var companySizes = []struct {
	choice
	logRevenue float64
}{
	{choice{"1-10", 17, -0.70}, 13.0}, {choice{"11-50", 23, -0.15}, 14.8}, {choice{"51-200", 24, 0.35}, 16.3},
	{choice{"201-500", 14, 0.50}, 17.4}, {choice{"501-1,000", 8, 0.30}, 18.3}, {choice{"1,001-5,000", 8, 0.05}, 19.3},
	{choice{"5,001-10,000", 3, -0.20}, 20.4}, {choice{"10,001+", 3, -0.35}, 21.8},
}

// Titles share the effect of their seniority.
const (
	chief    = 0.85
	vp       = 0.65
	director = 0.45
	manager  = 0.10
	staff    = -0.35
	student  = -1.70
)

var titles = []choice{
	{"CEO", 5, chief}, {"Founder & CEO", 4, chief}, {"CTO", 4, chief}, {"Chief Marketing Officer", 3, chief}, {"CFO", 2, chief},
	{"VP Sales", 4, vp}, {"VP of Marketing", 4, vp}, {"Vice President, Operations", 2, vp}, {"VP Engineering", 3, vp},
	{"Director of Marketing", 5, director}, {"IT Director", 5, director}, {"Sales Director", 5, director}, {"Head of Growth", 4, director},
	{"Head of IT", 3, director}, {"Marketing Manager", 10, manager}, {"Sales Manager", 7, manager}, {"Product Manager", 5, manager},
	{"Operations Manager", 5, manager}, {"Project Manager", 3, manager}, {"Marketing Specialist", 6, staff}, {"Sales Representative", 5, staff},
	{"Business Analyst", 4, staff}, {"Software Engineer", 5, staff}, {"Consultant", 3, staff}, {"Assistant", 2, staff}, {"Student", 3, student}, {"Intern", 1, student},
}

var products = []choice{{"Starter", 45, -0.20}, {"Professional", 38, 0.15}, {"Enterprise", 17, 0.10}}

// Classes of e-mail addresses; a business address is at the company's own domain.
const (
	businessEmail = iota
	freeEmail
	disposableEmail
)

var emailClasses = []choice{{"business", 76, 0}, {"free", 22, -0.60}, {"disposable", 2, -1.80}}

var freeDomains = []string{"gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "gmx.de", "icloud.com"}

var disposableDomains = []string{"mailinator.com", "guerrillamail.com", "10minutemail.com"}

var firstNames = []string{
	"ana", "ben", "carlos", "diana", "emma", "felix", "gabriela", "hans", "ines", "james", "karin", "luis", "maria", "nina",
	"oliver", "paula", "quentin", "rosa", "sven", "tania", "ulrich", "valeria", "wei", "ximena", "yuki", "zoe",
}

var lastNames = []string{
	"alvarez", "brown", "castro", "dubois", "evans", "fischer", "garcia", "haas", "ito", "jansen", "kumar", "lopez", "mueller",
	"nunez", "ortiz", "patel", "quintero", "rossi", "schmidt", "torres", "ulrich", "vega", "wagner", "young", "zapata",
}

var companyFirst = []string{
	"Alpine", "Blue River", "Cóndor", "Delta", "Evergreen", "Falke", "Grupo Andes", "Harbor", "Iris", "Junction", "Kaizen", "Lumen",
	"Müller & Söhne", "Northwind", "Océano", "Pioneer", "Quantum", "Río Claro", "Summit", "Terra", "Union", "Vértice", "Westgate", "Zenith",
}

var companySecond = []string{
	"Analytics", "Capital", "Dynamics", "Foods", "Health", "Industries", "Labs", "Logistics", "Media", "Networks", "Partners",
	"Retail", "Robotics", "Solutions", "Systems", "Technologies", "Textil", "Ventures",
}

var companyForms = []string{"", "", "", " Inc.", ", Inc.", " GmbH", " S.A.S.", " Ltd", " B.V.", " S.L."}

var owners = []string{"a.moreno", "c.baker", "d.klein", "f.rossi", "m.sato", "p.nowak", "s.diaz", "t.jones"}

// An eventType is what a lead can do: how often before it becomes a lead, how often after, and
// the true effect of what happened before.
type eventType struct {
	name          string
	before, after float64 // mean counts of an average lead
	effect        float64 // per ln(1 + count before)
	column        string  // of the leads that counts it as of created_at, as a CRM's own fields do; "": none
	amount        func(d *draw) float64
}

var eventTypes = []eventType{
	{"page_view", 1.6, 1.9, 0.15, "page_views", nil},
	{"price_page", 0.45, 0.55, 0.70, "price_page_views", func(d *draw) float64 { return prices[d.below(len(prices))] }},
	{"demo_request", 0.06, 0.12, 1.60, "demo_requested", func(d *draw) float64 { return float64(1 + d.below(60)) }}, // seats asked for
	{"email_open", 0.8, 2.2, 0, "", nil},
	{"email_click", 0.3, 0.6, 0.35, "emails_clicked", nil},
	{"webinar", 0.1, 0.15, 0.75, "webinar_attended", func(d *draw) float64 { return float64(5 + d.below(56)) }}, // minutes
	{"download", 0.25, 0.2, 0.40, "downloads", nil},
}

const (
	demoRequest = 2
	webinar     = 5
	download    = 6
)

var prices = []float64{49, 199, 499, 1200} // dollars a month, as shown on the page

// The other true effects.
const (
	effectIntercept      = -3.66
	effectBudgetYes      = 0.90
	effectBudgetNo       = -0.60
	effectRevenue        = 0.18 // per ln(annual_revenue / 10 million)
	effectRevenueMissing = -0.25
	effectTimeOnSite     = 0.22  // per ln(1 + minutes)
	effectNoWeb          = 0.20  // time_on_site missing
	effectSeason         = 0.20  // × cos(2π (day of the year − 305) / 365.25): most on the first of November
	effectDemoAndBudget  = 0.70  // a demo request before and the budget confirmed: together
	effectManyPages      = -0.30 // pages_per_visit above 8: looking for something else
	effectTitleMissing   = -0.40
)
