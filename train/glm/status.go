package glm

import (
	"errors"
	"fmt"
)

// Status says how a fit ended.
type Status uint8

const (
	NotStarted Status = iota
	Converged         // gradient and decrement are within their tolerances
	IterationLimit
	StepTooSmall // no step length lowered the objective: as good as floating point allows
	Separated    // classes are perfectly separated and nothing penalises: no finite optimum
)

func (s Status) String() string {
	switch s {
	case NotStarted:
		return "not started"
	case Converged:
		return "converged"
	case IterationLimit:
		return "iteration limit"
	case StepTooSmall:
		return "step too small"
	case Separated:
		return "separated"
	}
	return fmt.Sprintf("status %d", uint8(s))
}

// Early reports whether the fit stopped before its optimum.
func (s Status) Early() bool { return s != Converged && s != StepTooSmall }

// ErrEarly is what errors of a Status that is Early are (errors.Is).
var ErrEarly = errors.New("the fit stopped before its optimum")

// Err is nil for a fit that reached its optimum; else it says why not and what to do.
func (s Status) Err() error {
	switch s {
	case Converged, StepTooSmall:
		return nil
	case NotStarted:
		return fmt.Errorf("fitting: %w: it was not started", ErrEarly)
	case IterationLimit:
		return fmt.Errorf("fitting: %w: the limit of iterations was reached; raise it, or set a larger penalty", ErrEarly)
	case Separated:
		return fmt.Errorf("fitting: %w: the classes are separated, so without a penalty the coefficients grow for ever; "+
			"set a penalty above 0, or leave out the column that tells the outcome", ErrEarly)
	}
	return fmt.Errorf("fitting: %w: %v", ErrEarly, s)
}
