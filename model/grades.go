package model

// Grades are the cut-offs of the two axes, each from the best grade down: a sum ≥ Fit[0] is A, ≥ Fit[1] is B, ≥ Fit[2] is C, less is D;
// of engagement likewise 1 to 4. The axes are graded apart and never added: a sum hides a perfect fit that is asleep, and a busy
// lead that will never buy.
type Grades struct {
	Fit        []float64 `json:"fit"`
	Engagement []float64 `json:"engagement"`
}

// AxisCuts is the number of cut-offs of an axis.
const AxisCuts = 3

// Axes are the sums of the rules' points on each axis, after the caps of their groups, and the grade: "A1" to "D4". The zero value:
// the policy has no Grades.
type Axes struct {
	Fit, Engagement float64
	Grade           string
}

// axisGrades are the grades, by fit and then by engagement.
var axisGrades = [AxisCuts + 1][AxisCuts + 1]string{
	{"A1", "A2", "A3", "A4"}, {"B1", "B2", "B3", "B4"}, {"C1", "C2", "C3", "C4"}, {"D1", "D2", "D3", "D4"},
}

// AxisGrades lists the grades from A1 to D4.
func AxisGrades() []string {
	var all []string
	for _, row := range axisGrades {
		all = append(all, row[:]...)
	}
	return all
}

// Grade grades a lead by its sums.
func (g *Grades) Grade(fit, engagement float64) string {
	return axisGrades[place(g.Fit, fit)][place(g.Engagement, engagement)]
}

// place is how many cut-offs a sum does not reach.
func place(cuts []float64, sum float64) int {
	for i, cut := range cuts {
		if sum >= cut {
			return i
		}
	}
	return len(cuts)
}
