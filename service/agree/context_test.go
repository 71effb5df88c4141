package agree_test

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"sallyport/pure/access"
)

// What customers can be like: values at, between and beyond the constants of rules, and
// none.
var (
	values    = map[access.Attribute][]string{"tariff": {"", "eco", "green", "brown"}, "balance": {"", "seven", "9", "10", "19", "20", "21", "-3"}, "paperless": {"", "maybe", "true", "false"}, "since": {"", "2024-02-30", "2024-02-28", "2024-02-29", "2024-03-04", "2024-03-05"}}
	addresses = []string{"", "10.0.0.1", "10.1.0.1", "192.0.2.1", "2001:db8::1", "::1"}
	instants  = []string{"", "2026-11-20T08:59:59Z", "2026-11-20T09:00:00Z", "2026-11-21T16:59:59Z", "2026-11-22T23:30:00Z", "2026-11-23T21:00:00Z", "2026-11-24T00:59:00Z", "2026-11-24T01:00:00Z"}
	since     = []time.Duration{0, time.Minute, 5 * time.Minute, 5*time.Minute + time.Second, time.Hour, 3 * time.Hour} // 0: not known
)

// context draws a request without scopes, of an application by a grant type.
func drawContext(d *rand.Rand, application string, grant string) access.Request {
	r := access.Request{Application: access.ApplicationID(application), Grant: access.GrantType(grant)}
	if text := pick(d, addresses); text != "" {
		r.Address = netip.MustParseAddr(text)
	}
	if text := pick(d, instants); text != "" {
		r.At, _ = time.Parse(time.RFC3339, text)
	}
	if grant == "client_credentials" {
		return r
	}
	r.Subject = &access.Subject{Attributes: map[access.Attribute]string{}}
	for _, g := range allGroups {
		if d.IntN(2) == 0 {
			r.Subject.Groups = append(r.Subject.Groups, access.Group(g))
		}
	}
	for _, name := range []access.Attribute{"tariff", "balance", "paperless", "since"} {
		if value := pick(d, values[name]); value != "" {
			r.Subject.Attributes[name] = value
		}
	}
	r.Assurance = access.Assurance(d.IntN(4))
	if ago := pick(d, since); ago > 0 && !r.At.IsZero() {
		r.Authenticated = r.At.Add(-ago)
	}
	return r
}

func pick[T any](d *rand.Rand, pool []T) T { return pool[d.IntN(len(pool))] }
