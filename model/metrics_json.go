package model

import (
	"bytes"
	"encoding/json"
	"math"
)

// UnmarshalJSON reads the figures of a scorer. What a file lacks, as one of an older version lacks the newer figures, is
// NaN and not 0, which would be a figure. A key that this version does not know is an error, as it is in Load.
func (m *Metrics) UnmarshalJSON(b []byte) error {
	type plain Metrics // without this method
	read := plain(NoMetrics())
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		return err
	}
	*m = Metrics(read)
	return nil
}

// NoMetrics has NaN in every figure.
func NoMetrics() Metrics {
	nan := math.NaN()
	no, part := Estimate{nan, nan, nan}, Figure(nan)
	return Metrics{
		AUC: no, PRAUC: no, LogLoss: no, Skill: no, Brier: no, ECE: no, KS: no, Lift10: no,
		Gini: no, BrierParts: BrierParts{part, part, part, part}, ECECorrected: no, Slope: no, Intercept: no,
		Lift1: no, Lift5: no, Lift20: no, Recall1: no, Recall5: no, Recall10: no, Recall20: no,
	}
}
