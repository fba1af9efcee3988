package features

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// stored is a pipeline in the artifact. Numbers are written in their shortest exact form, so that
// reading gives the same bits.
type stored struct {
	Encoding Encoding `json:"encoding"`
	AsOf     string   `json:"as_of,omitempty"`
	Features []fitted `json:"features"`
}

// MarshalJSON writes all that encoding needs but the schema, which Bind brings.
func (p *Pipeline) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{Encoding: p.encoding, AsOf: p.asOfName, Features: p.fitted})
}

// UnmarshalJSON reads what MarshalJSON wrote, strictly: an unknown key, and anything that Fit would not have
// learned (edges that do not rise, a code beyond its table), is an error, and p is not
// changed. The pipeline has to be bound before it is used.
func (p *Pipeline) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var s stored
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("reading features: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("reading features: there is more after the end")
	}
	if len(s.Features) == 0 {
		return errors.New("reading features: there are none")
	}
	read, err := newPipeline(s.Encoding, s.AsOf, s.Features)
	if err != nil {
		return fmt.Errorf("reading features: %w", err)
	}
	*p = *read
	return nil
}
