package config

// file is leadscore.yaml, version 1. A pointer is nil where the key is not there.
type file struct {
	Version  int      `json:"version"`
	Data     data     `json:"data"`
	Targets  targets  `json:"targets"`
	Split    split    `json:"split,omitempty"`
	Features feature  `json:"features,omitempty"`
	Model    learning `json:"model,omitempty"`
	Rules    *string  `json:"rules,omitempty"`
	Blend    blend    `json:"blend,omitempty"`
	Policy   policy   `json:"policy,omitempty"`
	Report   reported `json:"report,omitempty"`
	Gate     gate     `json:"gate,omitempty"`
}

type data struct {
	Leads      leads     `json:"leads"`
	Deals      *deals    `json:"deals,omitempty"`
	Events     *events   `json:"events,omitempty"`
	Changes    *changes  `json:"changes,omitempty"`
	TimeZone   *string   `json:"time_zone,omitempty"`
	NullValues *[]string `json:"null_values,omitempty"`
	BadRows    *string   `json:"bad_rows,omitempty"`     // fail | skip
	MaxBadRows *int      `json:"max_bad_rows,omitempty"` // with skip
	End        *string   `json:"end,omitempty"`          // a date or RFC 3339
	Duplicates *string   `json:"duplicates,omitempty"`   // fail | first | last | drop
}

type leads struct {
	Path   paths   `json:"path"`
	ID     *string `json:"id,omitempty"`
	AsOf   *string `json:"as_of,omitempty"`  // see train.AsOf
	Weight *string `json:"weight,omitempty"` // column: how many leads a row stands for
	Offset *string `json:"offset,omitempty"` // column: log-odds that are added as they are
}

type deals struct {
	Path    paths   `json:"path"`
	Lead    string  `json:"lead"`
	Matched *string `json:"matched,omitempty"`
	At      *string `json:"at,omitempty"`
	Keep    *string `json:"keep,omitempty"` // fail | first | last
}

type events struct {
	Path       paths     `json:"path"`
	Lead       string    `json:"lead"`
	At         string    `json:"at"`
	Type       string    `json:"type"`
	ID         *string   `json:"id,omitempty"`
	Channel    *string   `json:"channel,omitempty"`
	Properties *[]string `json:"properties,omitempty"`
}

// changes is a log of attributes that change: a row with a new value of one attribute (field and value), or
// with a column an attribute.
type changes struct {
	Path  paths   `json:"path"`
	Lead  string  `json:"lead"`
	At    string  `json:"at"`
	Field *string `json:"field,omitempty"`
	Value *string `json:"value,omitempty"`
	Old   *string `json:"old,omitempty"`
}

type target struct {
	name     string
	Column   string    `json:"column"`
	Positive []string  `json:"positive"`
	Negative *[]string `json:"negative,omitempty"`
	At       *string   `json:"at,omitempty"`
	Horizon  *string   `json:"horizon,omitempty"`
	Via      *string   `json:"via,omitempty"`   // an earlier target, or none
	Prior    *float64  `json:"prior,omitempty"` // true share of positives, where the file was subsampled by outcome
}

type split struct {
	By      *string  `json:"by,omitempty"` // time | random | group
	Holdout *float64 `json:"holdout,omitempty"`
	Seed    *uint64  `json:"seed,omitempty"`
	Group   *string  `json:"group,omitempty"`
	Beside  *string  `json:"beside,omitempty"` // auto | none
}

type feature struct {
	Exclude      []string          `json:"exclude,omitempty"`
	Columns      map[string]column `json:"columns,omitempty"`
	Windows      []string          `json:"windows,omitempty"`
	HalfLife     *string           `json:"half_life,omitempty"`
	Interactions *interactions     `json:"interactions,omitempty"`
	MinLevel     *int              `json:"min_level,omitempty"`
	Bins         *int              `json:"bins,omitempty"`
}

type column struct {
	Kind         *kind      `json:"kind,omitempty"`
	Transform    *string    `json:"transform,omitempty"` // none | log
	Clip         *[]float64 `json:"clip,omitempty"`
	Monotone     *string    `json:"monotone,omitempty"` // increasing | decreasing
	Derive       *string    `json:"derive,omitempty"`
	Layout       *string    `json:"layout,omitempty"`
	DecimalComma *bool      `json:"decimal_comma,omitempty"`
}

type learning struct {
	Kind      *string     `json:"kind,omitempty"` // linear | additive
	Penalty   *autoNumber `json:"penalty,omitempty"`
	L1Ratio   *float64    `json:"l1_ratio,omitempty"`
	Folds     *int        `json:"folds,omitempty"`
	Calibrate *string     `json:"calibrate,omitempty"` // auto | none
	Seed      *uint64     `json:"seed,omitempty"`
}

type blend struct {
	Method  *string     `json:"method,omitempty"`
	Weight  *autoNumber `json:"weight,omitempty"`
	Low     *float64    `json:"low,omitempty"` // with gate, as the next two
	High    *float64    `json:"high,omitempty"`
	Upgrade *float64    `json:"upgrade,omitempty"` // share of the training rows
}

// reported is what the report shows.
type reported struct {
	Segments *[]string `json:"segments,omitempty"` // columns to tell the hold-out apart by
}

type policy struct {
	MQL        stage        `json:"mql,omitempty"`
	SQL        stage        `json:"sql,omitempty"`
	Grades     *grades      `json:"grades,omitempty"`
	Actionable []actionable `json:"actionable,omitempty"`
}

// stage is a threshold and the columns that must be known. The ways to choose the threshold stand beside min_score or
// are its value: min_score: {precision: 0.3}. enter is another name of min_score, for beside leave.
type stage struct {
	MinScore   *minScore `json:"min_score,omitempty"`
	Enter      *minScore `json:"enter,omitempty"`
	Precision  *float64  `json:"precision,omitempty"`
	Capacity   *string   `json:"capacity,omitempty"` // 50/day, or 10%
	Cost       *cost     `json:"cost,omitempty"`
	NetBenefit *cost     `json:"net_benefit,omitempty"`
	Leave      *float64  `json:"leave,omitempty"`
	Stay       *string   `json:"stay,omitempty"` // a span of time
	Target     *string   `json:"target,omitempty"`
	Required   []string  `json:"required,omitempty"`
}

// gate is what a new version must meet to be promoted.
type gate struct {
	Metric *string  `json:"metric,omitempty"` // auc | log_loss
	Test   *string  `json:"test,omitempty"`   // worse | non_inferior
	Margin *float64 `json:"margin,omitempty"` // in the metric's unit
	MinAUC *float64 `json:"min_auc,omitempty"`
	MaxECE *float64 `json:"max_ece,omitempty"`
}

// choice is what stands for a threshold that is chosen.
type choice struct {
	Precision  *float64 `json:"precision,omitempty"`
	Capacity   *string  `json:"capacity,omitempty"`
	Cost       *cost    `json:"cost,omitempty"`
	NetBenefit *cost    `json:"net_benefit,omitempty"`
}

type cost struct {
	Contact float64 `json:"contact"` // of contacting one lead
	Win     float64 `json:"win"`     // worth of one conversion, same currency
}
