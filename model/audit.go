package model

// Severities of a Suspect.
const (
	SuspectedLeak = "suspected leak" // the evidence is what a column shows that was written because of the outcome
	LookAtIt      = "look at it"     // a sign that has honest explanations too
)

// Kinds of an AuditCheck. train/evaluate has the formula and the limits of each.
const (
	CheckAlone      = "alone"       // the column alone tells the classes apart on the hold-out
	CheckPresence   = "presence"    // whether it is filled in does
	CheckOpen       = "open"        // filled in where the outcome is known, less so where it is open
	CheckAfterAsOf  = "after as-of" // its times lie after the moment that the row is a picture of
	CheckAfterEnd   = "after end"   // its times lie at or after the outcome
	CheckOneClass   = "one class"   // a level occurs with one class only
	CheckID         = "id-like"     // it numbers or names the rows
	CheckTime       = "time proxy"  // its order is that of time
	CheckShift      = "shift"       // it tells training rows from hold-out rows
	CheckDuplicates = "duplicates"  // rows of the hold-out equal training rows
)

// Levels of a CheckOneClass that are none of the column's own.
const (
	MissingLevel = "missing"
	AnyValue     = "" // the rows that have one
)

// AuditCheck is one check that fired.
type AuditCheck struct {
	Kind string `json:"kind"`
	// Figure is an AUC (alone, presence, shift), a difference of shares (open), a rank correlation (time proxy) or
	// a share of rows (the others); its ends are NaN where the check has a p value or counts everything.
	Figure Estimate `json:"figure"`
	P      float64  `json:"p,omitempty"` // one-sided, corrected for the number of trials; 0: the check has none
	// Shares are those of the filled cells: of converted leads and the others (presence), of leads whose outcome is
	// known and of open ones (open). For duplicates it is how often the outcome is the same.
	Shares []float64 `json:"shares,omitempty"`
	// Level is the level of most rows (one class); the as-of column, "" for the order of the rows (time proxy); the
	// column that moments are compared with (after as-of, after end).
	Level  string `json:"level,omitempty"`
	Levels int    `json:"levels,omitempty"`
	Rows   int    `json:"rows,omitempty"` // that show it
	Of     int    `json:"of,omitempty"`   // that could
	Text   string `json:"text"`           // the evidence in a sentence
}

// Suspect is a column, or the split, that the leakage audit names.
type Suspect struct {
	Column   string       `json:"column,omitempty"` // "": the rows as a whole
	Target   string       `json:"target,omitempty"` // of the outcome that it may leak; "": the primary one
	Severity string       `json:"severity"`
	Exclude  bool         `json:"exclude"` // whether leaving the column out is suggested
	Checks   []AuditCheck `json:"checks"`  // the strongest first
}

// AuditedColumn is what the audit measured of one column, suspect or not.
type AuditedColumn struct {
	Column   string   `json:"column"`
	Filled   float64  `json:"filled"`   // share of the rows that have a value by their as-of
	Alone    Estimate `json:"alone"`    // AUC on the hold-out of the column alone, learnt on training rows
	Presence Estimate `json:"presence"` // AUC of "is filled in" (or of "is missing", if that is above .5)
	Shift    Estimate `json:"shift"`    // AUC of training row against hold-out row, out of fold
	Expected bool     `json:"shift_expected,omitempty"`
}

// Audit is what the leakage audit looked at.
type Audit struct {
	Rows    int             `json:"rows"`     // that it read; of more, a fixed sample
	Of      int             `json:"of"`       // rows of the data
	Open    int             `json:"open"`     // of the rows read, those whose outcome is not known; with few, "open" cannot be told
	Told    bool            `json:"told"`     // whether filled before against after the outcome could be told
	Shift   Estimate        `json:"shift"`    // AUC of training against hold-out rows from all columns together
	Equal   int             `json:"equal"`    // hold-out rows that equal a training row in all columns but as-of
	EqualOf int             `json:"equal_of"` // hold-out rows compared
	Columns []AuditedColumn `json:"columns"`  // by falling AUC alone
}
