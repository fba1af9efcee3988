package model

// Contest compares any number of scorers on the same labelled rows. It is the same for the same files and seed, but
// for Run.
type Contest struct {
	Model    string         `json:"model"`  // name@version of the model
	Target   string         `json:"target"` // what is compared: the model's primary target
	Rows     Sample         `json:"rows"`
	BadRows  int            `json:"bad_rows"`
	Digest   string         `json:"data_digest"` // sha256 of the leads file
	Scorers  []Contestant   `json:"scorers"`     // the model first
	Capacity Capacity       `json:"capacity"`
	Tests    []ContestTest  `json:"tests"`    // each pair by each metric: the earlier scorer minus the later one
	Overlaps []Overlap      `json:"overlaps"` // each pair
	Movers   *Movers        `json:"movers,omitempty"`
	Verdict  ContestVerdict `json:"verdict"`
	Sentence string         `json:"sentence,omitempty"` // the verdict in words
	Findings []Finding      `json:"findings"`
	Run      *Run           `json:"run,omitempty"`
}

// The kinds of a Contestant.
const (
	ContestModel    = "model"
	ContestRules    = "rules"
	ContestBlend    = "blend"
	ContestVersion  = "version"  // another model
	ContestColumn   = "column"   // a number of the data, higher is likelier, no probability
	ContestBaseline = "baseline" // fitted to leads that are not measured
)

// Contestant is a scorer with what it achieves.
type Contestant struct {
	Name        string           `json:"name"`
	Kind        string           `json:"kind"`
	Missing     int              `json:"missing,omitempty"` // rows without a value in the column; they stand last
	Metrics     Metrics          `json:"metrics"`
	Calibration []CalibrationBin `json:"calibration,omitempty"` // none without probabilities
	// Caught is the number of conversions among its Capacity.Leads best; equal scores at the end share the places that are left.
	Caught Estimate `json:"caught"`
	Earned Estimate `json:"earned"` // Win · caught − Contact · leads; NaN without Win
}

// Capacity is how many leads can be worked, and what that costs and gives.
type Capacity struct {
	Leads   float64 `json:"leads"`             // of the rows; of weighted rows the weight
	Asked   bool    `json:"asked"`             // false: a tenth of the rows
	Win     *Figure `json:"win,omitempty"`     // of a conversion, in money; nil: not given
	Contact *Figure `json:"contact,omitempty"` // cost of working a lead
}

// ContestTest is a paired test with its p value corrected for the number of pairs.
type ContestTest struct {
	// Metric is auc (DeLong), log_loss (mean of the rows' differences), lift_at_10pct, caught or earned (bootstrap).
	Comparison
	Holm float64 `json:"p_holm"` // Holm 1979, over all pairs of the same metric
}

// Overlap is how far two scorers agree on the best tenth.
type Overlap struct {
	A      string   `json:"a"`
	B      string   `json:"b"`
	Shared Figure   `json:"shared"`      // share of A's best tenth that is in B's; with ties in proportion
	OnlyA  Estimate `json:"rate_only_a"` // rate of conversion of what is in A's alone, Wilson; NaN where nothing is
	OnlyB  Estimate `json:"rate_only_b"`
}

// Movers are the leads whose places under two scorers differ most.
type Movers struct {
	A    string  `json:"a"`
	B    string  `json:"b"`
	Up   []Mover `json:"up"` // better placed by A than by B
	Down []Mover `json:"down"`
}

// Mover is a lead with its places: 1 is the best, equal scores share the mean of theirs.
type Mover struct {
	Row      int           `json:"row"` // of the file, from 1
	Lead     string        `json:"lead_id"`
	A        float64       `json:"place_a"`
	B        float64       `json:"place_b"`
	Positive bool          `json:"converted"`
	Reasons  []MoverReason `json:"reasons,omitempty"` // the strongest of the model for the place that it gives
}

// MoverReason is why the model places a lead where it does; see EffectLine.
type MoverReason struct {
	Feature string  `json:"feature"`
	Value   string  `json:"value"`
	Effect  float64 `json:"effect"`
	Text    string  `json:"text"`
}

// ContestVerdict says which scorer ranks better, or that the data cannot tell. Better has the greatest AUC of those that
// beat another one (Holm's p below 0.05) and chance (an AUC above ½, by Bonferroni's p over the scorers below 0.05).
type ContestVerdict struct {
	Tells  bool     `json:"tells"`
	Better string   `json:"better,omitempty"`
	Than   []string `json:"than,omitempty"`  // beaten by Better
	Level  []string `json:"level,omitempty"` // not told apart from Better
	// Nearest is Better minus the best of Than; where the data cannot tell, the greatest AUC minus the next.
	Nearest ContestTest `json:"nearest"`
	Pairs   int         `json:"pairs"` // that p is corrected for
	// Gain is the conversions among the Capacity's leads that Better catches more than the same one, or nil.
	Gain *ContestTest `json:"gain,omitempty"`
}
