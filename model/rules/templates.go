package rules

// Template is a framework as it is commonly used, to begin a file of one's own with: weights, questions and answers are
// proposals, and what counts is what the file says in the end.
type Template struct {
	Name       string // bant
	Title      string // BANT
	About      string // one line, for a comment
	Dimensions []TemplateDimension
}

// TemplateDimension is a dimension of a Template.
type TemplateDimension struct {
	Name     string
	Weight   float64
	Question string
	Column   string   // that holds the answer, where nobody says another
	Words    []string // of names of columns that may hold it, in small letters
	Answers  []Answer
	// Title: a job title answers too, where it is one of somebody who decides (DecisionMakers).
	Title bool
}

// DecisionMakers matches the job titles of those who decide about money.
const DecisionMakers = `(?i)\b(chief|c[efmot]o|founder|owner|president|vp|vice president|director|head of|partner)\b`

// scale is three answers: the best one, one in between, and a no that is worth less than no answer.
func scale(best, middle, no string) []Answer {
	return []Answer{{In: Values{best}, Share: 1}, {In: Values{middle}, Share: 0.5}, {In: Values{no}, Share: -0.5}}
}

// months is an answer in months: up to 3 is soon, up to 6 is in sight, later is as good as no.
func months() []Answer {
	soon, sight := 3.0, 6.0
	return []Answer{{To: &soon, Share: 1}, {To: &sight, Share: 0.5}, {Share: -0.5}}
}

// bounded puts a bound on the whole framework where the answer is the last one, the no.
func bounded(answers []Answer, limit float64) []Answer {
	answers[len(answers)-1].Cap = &limit
	return answers
}

// Templates returns the built-in frameworks. Dimensions stand in the order of their weights, which add up to 100.
func Templates() []Template {
	budget := TemplateDimension{Name: "budget", Question: "Is there a budget for this, and is it approved?", Column: "budget", Words: []string{"budget", "money", "funds", "presupuesto"}, Answers: bounded(scale("approved", "planned", "none"), 40)}
	authority := TemplateDimension{Name: "authority", Question: "Who decides, and do we talk to that person?", Column: "authority", Words: []string{"authority", "decision maker", "decides", "buying role"}, Answers: scale("decides", "influences", "neither"), Title: true}
	need := TemplateDimension{Name: "need", Question: "What problem is to be solved, and what does it cost to leave it as it is?", Column: "need", Words: []string{"need", "pain", "problem", "use case"}, Answers: scale("pressing", "clear", "none")}
	timing := TemplateDimension{Name: "timing", Question: "By when is it to be in use?", Column: "months_to_purchase", Words: []string{"months to", "timing", "timeline", "time frame", "timeframe", "purchase date"}, Answers: months()}
	as := func(d TemplateDimension, name string, weight float64) TemplateDimension {
		d.Name, d.Weight = name, weight
		return d
	}
	own := func(name string, weight float64, question string, words []string, answers []Answer) TemplateDimension {
		column := ""
		for _, r := range name {
			if r == ' ' {
				r = '_'
			}
			column += string(r)
		}
		return TemplateDimension{Name: name, Weight: weight, Question: question, Column: column, Words: words, Answers: answers}
	}
	return []Template{
		{"bant", "BANT", "Budget, Authority, Need, Timing: for short sales where the money is known to be there or not", []TemplateDimension{
			as(budget, "budget", 30), as(authority, "authority", 25), as(need, "need", 25), as(timing, "timing", 20),
		}},
		{"champ", "CHAMP", "Challenges, Authority, Money, Prioritisation: begins with the problem, not with the price", []TemplateDimension{
			own("challenges", 35, "Which challenge is this to solve, and whose is it?", []string{"challenge", "pain", "problem", "need"}, scale("pressing", "clear", "none")),
			as(authority, "authority", 25), as(budget, "money", 25),
			own("prioritisation", 15, "Where does it stand among all that they want to do this year?", []string{"priority", "prioritisation", "urgency"}, scale("first", "among others", "none")),
		}},
		{"anum", "ANUM", "Authority, Need, Urgency, Money: first find out whether you talk to somebody who decides", []TemplateDimension{
			as(authority, "authority", 35), as(need, "need", 30),
			own("urgency", 20, "What happens if nothing is decided this quarter?", []string{"urgency", "urgent", "timing", "timeline"}, scale("this quarter", "this year", "none")),
			as(budget, "money", 15),
		}},
		{"meddic", "MEDDIC", "Metrics, Economic buyer, Decision criteria, Decision process, Identified pain, Champion: for large sales with several people", []TemplateDimension{
			own("metrics", 20, "Which figure is to improve, and by how much?", []string{"metric", "kpi", "roi"}, scale("agreed", "discussed", "none")),
			own("economic buyer", 20, "Who signs, and have we spoken?", []string{"economic buyer", "buyer", "signer"}, scale("spoken", "known", "unreachable")),
			own("decision criteria", 17, "By which criteria do they choose, and how do we stand on each?", []string{"criteria"}, scale("we lead", "known", "against us")),
			own("decision process", 16, "Which steps lead to a signature, and by when?", []string{"decision process", "process"}, scale("dated", "known", "none")),
			own("identified pain", 14, "What hurts today, and whom?", []string{"pain", "problem", "challenge", "need"}, scale("pressing", "clear", "none")),
			own("champion", 13, "Who inside wants us to win, and has a say?", []string{"champion", "sponsor", "advocate"}, scale("tested", "hoped for", "none")),
		}},
	}
}
