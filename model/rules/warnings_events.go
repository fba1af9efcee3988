package rules

import "slices"

// UnseenEvents warns of conditions on a type of event that is none of types, which are those of a log. They compile, and no lead of that
// log meets them; the type may be one that is yet to come. A nil file has none.
func UnseenEvents(f *File, types []string) []Problem {
	w := &warner{}
	f.visit(func(path string, c *Condition) {
		if c.Event == "" || slices.Contains(types, c.Event) {
			return
		}
		hint := ""
		if len(types) <= mostHinted {
			hint = didYouMean(c.Event, types)
		}
		w.say(path+".event", "no lead has an event of type %q%s", c.Event, hint)
	}, func(*Evidence) {})
	return w.found
}
