package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MarshalJSON writes what was learned. The columns follow from it.
func (p *Plan) MarshalJSON() ([]byte, error) { return json.Marshal(p.learned) }

// UnmarshalJSON reads what MarshalJSON wrote, strictly: an unknown key, and anything that Learn would not have
// learned, is an error, and p is not changed.
func (p *Plan) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var l learned
	if err := d.Decode(&l); err != nil {
		return fmt.Errorf("reading event features: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("reading event features: there is more after the end")
	}
	read, err := newPlan(l)
	if err != nil {
		return fmt.Errorf("reading event features: %w", err)
	}
	*p = *read
	return nil
}
