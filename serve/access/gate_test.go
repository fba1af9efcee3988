package access

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// request is one with headers, name and value in turn.
func request(headers ...string) *http.Request {
	r := &http.Request{Header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func gate(t testing.TB, o Options) (*Gate, *Files) {
	t.Helper()
	log, _ := journal()
	files := NewFiles(log)
	g, err := New(files, o)
	if err != nil {
		t.Fatal(err)
	}
	return g, files
}

func TestKeysOpenTheirScopes(t *testing.T) {
	crm, h1 := keyOf(t, 1)
	all, h2 := keyOf(t, 2)
	old, h3 := keyOf(t, 3)
	stranger, _ := keyOf(t, 4)
	g, _ := gate(t, Options{Keys: write(t, "keys", keysText(t,
		Key{Name: "crm", Hash: h1, Scopes: Score}, Key{Name: "all", Hash: h2, Scopes: Score | Read | Admin}, Key{Name: "old", Hash: h3, Scopes: Score, Expires: noon}))})
	for _, test := range []struct {
		headers []string
		need    Scopes
		at      time.Time
		who     string
		status  int // 0: let in
		says    string
	}{
		{headers: []string{"Authorization", "Bearer " + crm}, need: Score, who: "crm"},
		{headers: []string{"Authorization", "bEaReR   " + crm + " "}, need: Score, who: "crm"},
		{headers: []string{"X-API-Key", crm}, need: Score, who: "crm"},
		{headers: []string{"Authorization", "Basic eDp5", "X-API-Key", crm}, need: Score, who: "crm"},
		{headers: []string{"X-API-Key", all}, need: Admin, who: "all"},
		{headers: []string{"X-API-Key", all}, need: Score | Read, who: "all"},
		{headers: []string{"X-API-Key", old}, need: Score, at: noon.Add(-1), who: "old"},

		{headers: []string{"X-API-Key", old}, need: Score, status: 401, says: "has expired"},
		{headers: []string{"X-API-Key", crm}, need: Read, status: 403, says: `this needs the scope "read"; these credentials have "score"`},
		{headers: []string{"X-API-Key", crm}, need: Score | Admin, status: 403, says: `"score admin"`},
		{need: Score, status: 401, says: "this needs credentials; want an API key as Authorization: Bearer or X-API-Key"},
		{headers: []string{"X-API-Key", stranger}, need: Score, status: 401, says: "not one of this server's"},
		{headers: []string{"X-API-Key", crm[:46] + "A"}, need: Score, status: 401, says: "not one of"},
		{headers: []string{"X-API-Key", strings.ToUpper(crm)}, need: Score, status: 401, says: "not one of"},
		{headers: []string{"X-API-Key", h1.String()}, need: Score, status: 401, says: "not one of"},
		{headers: []string{"Authorization", "Bearer x.y.z"}, need: Score, status: 401, says: "not one of"},
		{headers: []string{"X-API-Key", ""}, need: Score, status: 401, says: "empty"},
		{headers: []string{"Authorization", "Bearer  "}, need: Score, status: 401, says: "empty"},
		{headers: []string{"Authorization", "Bearer"}, need: Score, status: 401, says: "scheme Bearer"},
		{headers: []string{"Authorization", crm}, need: Score, status: 401, says: "scheme Bearer"},
		{headers: []string{"Authorization", "Basic " + crm}, need: Score, status: 401, says: "scheme Bearer"},
		{headers: []string{"Authorization", "Bearer " + crm, "X-API-Key", crm}, need: Score, status: 401, says: "both"},
		{headers: []string{"X-API-Key", crm, "X-API-Key", crm}, need: Score, status: 401, says: "twice"},
		{headers: []string{"Authorization", "Bearer " + crm, "Authorization", "Bearer " + all}, need: Score, status: 401, says: "twice"},
	} {
		at := test.at
		if at.IsZero() {
			at = noon
		}
		who, refusal := g.Check(request(test.headers...), test.need, at)
		switch {
		case test.status == 0:
			if refusal != nil || who.Name != test.who {
				t.Errorf("%q: %+v, %v", test.headers, who, refusal)
			}
		case refusal == nil || refusal.Status != test.status || !strings.Contains(refusal.Detail, test.says):
			t.Errorf("%q: %+v; want %d %s", test.headers, refusal, test.status, test.says)
		default:
			checkChallenge(t, refusal, len(test.headers) > 0)
			if test.status == 401 && who != nil {
				t.Errorf("%q: refused and yet %+v", test.headers, who)
			}
		}
	}
}

// checkChallenge holds a refusal against RFC 6750, section 3: an error code only where credentials were sent.
func checkChallenge(t *testing.T, r *Refusal, sent bool) {
	t.Helper()
	want := `Bearer realm="leadscore"`
	switch {
	case r.Status == 403:
		want += `, error="insufficient_scope", scope="leadscore:`
	case sent:
		want += `, error="invalid_token", error_description="` + r.Detail + `"`
	default:
		if r.Challenge != want {
			t.Errorf("%q, want %q", r.Challenge, want)
		}
	}
	if !strings.HasPrefix(r.Challenge, want) || strings.ContainsAny(r.Detail, "\n\r\\") || r.Status == 401 && strings.Contains(r.Detail, `"`) {
		t.Errorf("%q, want %q…", r.Challenge, want)
	}
}

func TestRatesAreOfEachKey(t *testing.T) {
	slow, h1 := keyOf(t, 1)
	fast, h2 := keyOf(t, 2)
	keys := []Key{{Name: "slow", Hash: h1, Scopes: Score}, {Name: "fast", Hash: h2, Scopes: Score, Rate: Rate{5, time.Second}}}
	path := write(t, "keys", keysText(t, keys...))
	g, files := gate(t, Options{Keys: path, Rate: Rate{2, time.Minute}})
	in := func(secret string, need Scopes, at time.Time) *Refusal {
		_, refusal := g.Check(request("X-API-Key", secret), need, at)
		return refusal
	}
	for range 2 {
		if r := in(slow, Score, noon); r != nil {
			t.Fatal(r)
		}
	}
	r := in(slow, Score, noon.Add(time.Second))
	if r == nil || r.Status != 429 || r.Wait != 29*time.Second || r.RetryAfter() != "29" || r.Challenge != "" {
		t.Errorf("%+v, want 429 and 29 s", r)
	}
	for i := range 5 {
		if r := in(fast, []Scopes{Score, Read}[i%2], noon); r != nil && r.Status != 403 { // what it may not do counts too
			t.Fatal(i, r)
		}
	}
	if r := in(fast, Score, noon); r == nil || r.Status != 429 {
		t.Errorf("a key's own rate: %+v", r)
	}
	// Another key is added: buckets stay as empty as they were. Another rate makes another bucket.
	_, h3 := keyOf(t, 3)
	keys[1].Rate = Rate{6, time.Second}
	rewrite(t, path, keysText(t, append(keys, Key{Name: "new", Hash: h3, Scopes: Score})...))
	if err := files.Reload(); err != nil {
		t.Fatal(err)
	}
	if r := in(slow, Score, noon.Add(time.Second)); r == nil || r.Status != 429 {
		t.Errorf("reading the file again filled the bucket: %+v", r)
	}
	if r := in(fast, Score, noon); r != nil {
		t.Errorf("another rate: %+v", r)
	}
}

func TestKeysChangeWithoutARestart(t *testing.T) {
	one, h1 := keyOf(t, 1)
	two, h2 := keyOf(t, 2)
	path := write(t, "keys", keysText(t, Key{Name: "one", Hash: h1, Scopes: Score}))
	log, lines := journal()
	files := NewFiles(log)
	g, err := New(files, Options{Keys: path})
	if err != nil {
		t.Fatal(err)
	}
	state := func(want1, want2 bool) {
		t.Helper()
		_, r1 := g.Check(request("X-API-Key", one), Score, noon)
		_, r2 := g.Check(request("X-API-Key", two), Score, noon)
		if (r1 == nil) != want1 || (r2 == nil) != want2 {
			t.Errorf("one %v, two %v", r1, r2)
		}
	}
	state(true, false)
	rewrite(t, path, keysText(t, Key{Name: "one", Hash: h1, Scopes: Score}, Key{Name: "two", Hash: h2, Scopes: Score}))
	if err := files.Reload(); err != nil {
		t.Fatal(err)
	}
	state(true, true)
	rewrite(t, path, []byte("{\n"))
	for range 3 {
		if err := files.Reload(); err == nil || !strings.Contains(err.Error(), path+": line 1") {
			t.Errorf("a broken file: %v", err)
		}
	}
	state(true, true)
	if n := strings.Count(lines.String(), "could not be read again"); n != 1 {
		t.Errorf("told %d times, want once:\n%s", n, lines)
	}
	rewrite(t, path, keysText(t, Key{Name: "two", Hash: h2, Scopes: Score}))
	if err := files.Reload(); err != nil {
		t.Fatal(err)
	}
	state(false, true)
	if got := reloadErrors(t, files, "keys"); got != 3 {
		t.Errorf("%v errors counted, want 3", got)
	}
	if strings.Contains(lines.String(), one) || strings.Contains(lines.String(), h1.String()) {
		t.Error("the log has a key")
	}
}

func TestNoGateWithoutCredentials(t *testing.T) {
	if _, err := New(NewFiles(nil), Options{}); err == nil {
		t.Error("a gate that nothing opens")
	}
	for path, want := range map[string]string{
		"nowhere": "reading credentials: open nowhere", write(t, "keys", []byte("{}")): "line 1: name",
	} {
		if _, err := New(NewFiles(nil), Options{Keys: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// BenchmarkKey is what a valid key costs a request.
func BenchmarkKey(b *testing.B) {
	var keys []Key
	for n := range byte(100) {
		_, h := keyOf(b, n)
		keys = append(keys, Key{Name: "k" + string('a'+rune(n%26)) + string('a'+rune(n/26)), Hash: h, Scopes: Score})
	}
	secret, _ := keyOf(b, 50)
	path := write(b, "keys", keysText(b, keys...))
	for name, r := range map[string]Rate{"unlimited": {}, "limited": {1_000_000_000, time.Second}} {
		b.Run(name, func(b *testing.B) {
			g, _ := gate(b, Options{Keys: path, Rate: r})
			b.ReportAllocs()
			req := request("Authorization", "Bearer "+secret)
			for b.Loop() {
				if _, refusal := g.Check(req, Score, noon); refusal != nil {
					b.Fatal(refusal)
				}
			}
		})
	}
}
