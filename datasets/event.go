package datasets

// Event is one thing that a lead did. Rules read its type and its moment; features read all of it.
type Event struct {
	Type    string
	At      int64      // microseconds since 1970 UTC; MissingTime: unknown, and then it counts nowhere
	ID      string     // names the event, so that one that is sent twice counts once; "" has none
	Channel string     // what brought the lead there: "ads", "webinar"; "" is unknown
	Values  []Property // numbers that came with it, by name; a name that stands twice counts by its last
}

// Property is a number of an event: an amount, seconds on the page.
type Property struct {
	Name  string
	Value float64 // NaN is missing
}
