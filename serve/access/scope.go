package access

import (
	"fmt"
	"strings"
)

// Scopes is a set of things that a caller may do. No scope holds another: whoever has admin alone sends no leads.
type Scopes uint8

// The scopes.
const (
	Score Scopes = 1 << iota // send leads
	Read                     // look at models and metrics
	Admin                    // change what is served
)

var scopeNames = []string{"score", "read", "admin"}

// ParseScopes reads names of scopes. None at all is an error: such a caller could do nothing.
func ParseScopes(names []string) (Scopes, error) {
	var s Scopes
	for _, name := range names {
		one := scopeOf(name)
		if one == 0 {
			return 0, fmt.Errorf("no scope %q; want %s", clip(name), strings.Join(scopeNames, ", "))
		}
		s |= one
	}
	if s == 0 {
		return 0, fmt.Errorf("no scope at all; want some of %s", strings.Join(scopeNames, ", "))
	}
	return s, nil
}

// scopeOf is 0 for a name that is none.
func scopeOf(name string) Scopes {
	for i, known := range scopeNames {
		if name == known {
			return 1 << i
		}
	}
	return 0
}

// Has reports whether s holds all of the scopes of need.
func (s Scopes) Has(need Scopes) bool { return s&need == need }

// Names lists the scopes in the order of their constants.
func (s Scopes) Names() []string {
	var names []string
	for i, name := range scopeNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

func (s Scopes) String() string { return strings.Join(s.Names(), " ") }
