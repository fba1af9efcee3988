package registry

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leadscore/datasets"
)

// Event is a line of a model's history.
type Event struct {
	At      string `json:"at"` // RFC 3339, UTC
	Action  string `json:"action"`
	Version string `json:"version"`        // promoted from then on
	From    string `json:"from,omitempty"` // promoted before; "" was none
}

// The actions of an Event.
const (
	Promoted   = "promote"
	RolledBack = "rollback"
)

const historyFile = "history"

// ErrChampionChanged is that another version was promoted meanwhile.
var ErrChampionChanged = errors.New("another version was promoted meanwhile")

// Promote makes a version the champion. Promoting the champion again changes nothing and leaves no
// line in the history.
func (r *Registry) Promote(name, version string, now time.Time) error {
	return r.promote(name, version, now, func(string) bool { return true })
}

// PromoteOver is Promote where the champion is still the one that the version was judged against ("": none);
// else it is ErrChampionChanged, and nothing is promoted.
func (r *Registry) PromoteOver(name, version, champion string, now time.Time) error {
	return r.promote(name, version, now, func(current string) bool { return current == champion })
}

func (r *Registry) promote(name, version string, now time.Time, may func(current string) bool) error {
	m, err := r.Get(name)
	if err != nil {
		return err
	}
	if err := has(m, version); err != nil {
		return fmt.Errorf("promoting %s@%s: %w", name, version, err)
	}
	err = r.locked(name, func() error {
		current, err := r.champion(name)
		if err != nil {
			return err
		}
		switch {
		case current == version:
			return nil
		case !may(current):
			return ErrChampionChanged
		}
		return r.change(name, Event{At: stamp(now), Action: Promoted, Version: version, From: current})
	})
	if err != nil {
		return fmt.Errorf("promoting %s@%s: %w", name, version, err)
	}
	return nil
}

// Rollback promotes the version that was the champion before the present one and returns it. Rolled
// back versions are not gone back to: after v1, v2, v3 two rollbacks give v1, and a third is an error.
// Versions that have been deleted since are passed over.
func (r *Registry) Rollback(name string, now time.Time) (version string, err error) {
	if _, err := r.Get(name); err != nil {
		return "", err
	}
	err = r.locked(name, func() error {
		m, err := r.model(name)
		if err != nil {
			return err
		}
		history, err := r.History(name)
		if err != nil {
			return err
		}
		version = previous(history, m)
		if version == "" {
			return errors.New("no earlier version was promoted")
		}
		return r.change(name, Event{At: stamp(now), Action: RolledBack, Version: version, From: m.Champion})
	})
	if err != nil {
		return "", fmt.Errorf("rolling back %s: %w", name, err)
	}
	return version, nil
}

// Earlier returns the version that Rollback would promote now; "" where there is none.
func (r *Registry) Earlier(name string) (version string, err error) {
	m, err := r.Get(name)
	if err != nil {
		return "", err
	}
	history, err := r.History(name)
	if err != nil {
		return "", err
	}
	return previous(history, m), nil
}

// previous replays a history as a stack of champions and returns the one beneath the present one.
// The champion file has the last word: what the history has above it never came into force.
func previous(history []Event, m Model) string {
	var stack []string
	for _, e := range history {
		if e.Action == RolledBack {
			if at := slices.Index(stack, e.Version); at >= 0 {
				stack = stack[:at]
			}
		} else if e.From != "" && (len(stack) == 0 || stack[len(stack)-1] != e.From) {
			stack = append(stack, e.From) // a line was lost: the one after it still knows
		}
		if at := slices.Index(stack, e.Version); at >= 0 { // promoted a second time: one place, the later
			stack = slices.Delete(stack, at, at+1)
		}
		stack = append(stack, e.Version)
	}
	if at := slices.Index(stack, m.Champion); at >= 0 {
		stack = stack[:at]
	}
	for len(stack) > 0 {
		last := stack[len(stack)-1]
		if slices.Contains(m.Versions, last) && last != m.Champion {
			return last
		}
		stack = stack[:len(stack)-1]
	}
	return ""
}

// change writes the champion and then its line of history, under the lock. Killed in between it leaves a
// champion without a line, which the next line's From makes up for.
func (r *Registry) change(name string, e Event) error {
	home := filepath.Join(r.dir, name)
	if err := datasets.AtomicWrite(filepath.Join(home, championFile), func(w io.Writer) error {
		_, err := io.WriteString(w, e.Version+"\n")
		return err
	}); err != nil {
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	path := filepath.Join(home, historyFile)
	before, err := readHistory(path)
	if errors.Is(err, errEndless) { // it says itself whether it can be written to
		err = nil
	}
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	}
	if err != nil {
		return fmt.Errorf("%s is promoted, but the history was not written: %w", e.Version, err)
	}
	if err = mendHistory(f, before); err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s is promoted, but the history was not written: %w", e.Version, err)
	}
	return nil
}

// readHistory reads a history, which is empty before it begins. A pipe would be waited for, and a device never ends.
func readHistory(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeDevice != 0:
		return nil, fmt.Errorf("%s is %w; want a file", path, errEndless)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is a directory or a pipe; want a file", path)
	}
	return os.ReadFile(path)
}

var errEndless = errors.New("a device")

// mendHistory ends the last line of b, which f holds, where a crash or a full disk has cut it short: what is no whole line goes, or the next would be
// written behind it and none could be read any more.
func mendHistory(f *os.File, b []byte) error {
	if len(b) == 0 || b[len(b)-1] == '\n' {
		return nil
	}
	whole := bytes.LastIndexByte(b, '\n') + 1
	if json.Valid(b[whole:]) {
		_, err := f.Write([]byte{'\n'})
		return err
	}
	return f.Truncate(int64(whole))
}

// History returns the promotions and rollbacks of a model, the oldest first. A last line that a
// crash has cut short is left out; any other line that is none of ours is an error.
func (r *Registry) History(name string) ([]Event, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	path := filepath.Join(r.dir, name, historyFile)
	b, err := readHistory(path)
	if err != nil {
		return nil, err
	}
	var events []Event
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, len(b)+1)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var e Event
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil || number(e.Version) == 0 || e.Action != Promoted && e.Action != RolledBack {
			if n == 1+strings.Count(string(b), "\n") { // no newline at its end
				break
			}
			return nil, fmt.Errorf("reading %s: line %d is not a line of history: %.80q", path, n, lines.Text())
		}
		events = append(events, e)
	}
	return events, nil
}

func stamp(now time.Time) string { return now.UTC().Format(time.RFC3339) }
