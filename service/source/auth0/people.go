package auth0

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sallyport/service/source"
)

const (
	perPage  = 100
	mostSeen = 1000 // Auth0 lists no more of one search
)

// Find implements source.Finder.
func (a *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	raw, err := a.find(ctx, identifier)
	if err != nil || raw == nil {
		return nil, false, err
	}
	element, err := source.ElementOf(a.spec, raw)
	return element, err == nil, err
}

// Guards implements source.Guardian. The client needs read:authentication_methods.
func (a *system) Guards(ctx context.Context, identifier string) (bool, error) {
	raw, err := a.find(ctx, identifier)
	if err != nil || raw == nil {
		return false, err
	}
	var u user
	if json.Unmarshal(raw, &u) != nil {
		return false, &source.Fault{Reason: source.Malformed, What: "a user cannot be read"}
	}
	id, err := source.Segment(u.ID)
	if err != nil {
		return false, err
	}
	answer, err := a.machine.Do(ctx, source.Request{URL: a.spec.URL + "/api/v2/users/" + id + "/authentication-methods"})
	if err != nil {
		return false, err
	}
	if !answer.OK() {
		return false, answer.Fault()
	}
	var list []struct {
		Type      string `json:"type"`
		Confirmed *bool  `json:"confirmed"`
	}
	if json.Unmarshal(answer.Body, &list) != nil {
		return false, &source.Fault{Reason: source.Malformed, What: "authentication methods that cannot be read"}
	}
	for _, m := range list {
		if m.Type != "password" && m.Type != "passkey" && (m.Confirmed == nil || *m.Confirmed) {
			return true, nil
		}
	}
	return false, nil
}

// find searches for whoever signs in with identifier in the realm; nil for nobody.
func (a *system) find(ctx context.Context, identifier string) (json.RawMessage, error) {
	term := quoted(identifier)
	search := "(email:" + term + " OR username:" + term + " OR phone_number:" + term + ") AND identities.connection:" + quoted(a.spec.Realm)
	list, err := a.page(ctx, url.Values{"q": {search}, "search_engine": {"v3"}, "per_page": {"5"}}, a.machine.Do)
	if err != nil {
		return nil, err
	}
	for _, raw := range list {
		var u user
		if json.Unmarshal(raw, &u) == nil && u.owns(identifier, a.spec.Realm) {
			return raw, nil
		}
	}
	return nil, nil
}

// quoted is a term of Auth0's search syntax (Lucene): inside quotes only quotes and
// backslashes mean something.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func (a *system) page(ctx context.Context, query url.Values, do func(context.Context, source.Request) (*source.Response, error)) ([]json.RawMessage, error) {
	answer, err := do(ctx, source.Request{URL: a.spec.URL + "/api/v2/users?" + query.Encode(), Page: true})
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, answer.Fault()
	}
	return answer.Elements()
}

// place is a cursor: the instant of creation up to which everybody was read, and
// who of that instant was.
type place struct {
	Created string   `json:"created"`
	Seen    []string `json:"seen"`
}

// listed is what a fetch reads of a user to know where it is.
type listed struct {
	ID      string `json:"user_id"`
	Created string `json:"created_at"`
}

// Fetch implements source.Fetcher. Auth0 lists at most a thousand users of one
// search, so people are read in the order of their creation and the search begins
// anew where a thousand end. Passwords are not in these lines.
func (a *system) Fetch(ctx context.Context, from source.Cursor, give func([]byte, source.Cursor) error) error {
	at, pace := place{}, source.NewPace(a.spec)
	if from != nil && (json.Unmarshal(from, &at) != nil || !instant(at.Created)) {
		return &source.Fault{Reason: source.NotConfigured, What: "the place to go on from cannot be read"}
	}
	patient := func(ctx context.Context, q source.Request) (*source.Response, error) {
		return source.Patiently(ctx, a.deps, pace, func(ctx context.Context) (*source.Response, error) { return a.machine.Do(ctx, q) })
	}
	for {
		more, err := a.search(ctx, &at, patient, give)
		if err != nil || !more {
			return err
		}
	}
}

// search reads up to a thousand people from a place on, and moves the place.
func (a *system) search(ctx context.Context, at *place, do func(context.Context, source.Request) (*source.Response, error), give func([]byte, source.Cursor) error) (more bool, err error) {
	since := "*"
	if at.Created != "" {
		since = at.Created
	}
	search := "identities.connection:" + quoted(a.spec.Realm) + " AND created_at:[" + since + " TO *]"
	began := at.Created
	for n := 0; n < mostSeen/perPage; n++ {
		query := url.Values{
			"q": {search}, "search_engine": {"v3"}, "sort": {"created_at:1"}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(n)},
		}
		list, err := a.page(ctx, query, do)
		if err != nil {
			return false, err
		}
		for _, raw := range list {
			if err := at.take(raw, give); err != nil {
				return false, err
			}
		}
		if len(list) < perPage {
			return false, nil
		}
	}
	if at.Created == began {
		return false, &source.Fault{Reason: source.Unexpected, What: "a thousand users were created at one instant; use an export file"}
	}
	return true, nil
}

// take gives a user who was not given yet.
func (at *place) take(raw json.RawMessage, give func([]byte, source.Cursor) error) error {
	var u listed
	if json.Unmarshal(raw, &u) != nil || u.ID == "" || !instant(u.Created) {
		return &source.Fault{Reason: source.Malformed, What: "a user has no id or no instant of creation"}
	}
	switch {
	case u.Created != at.Created:
		*at = place{Created: u.Created}
	case slices.Contains(at.Seen, u.ID):
		return nil
	}
	at.Seen = append(at.Seen, u.ID)
	line, err := source.LineOf(raw)
	if err != nil {
		return err
	}
	next, err := json.Marshal(at)
	if err != nil {
		return &source.Fault{Reason: source.Malformed, What: "a place cannot be written"}
	}
	return give(line, next)
}

// instant tells whether a text is a time as Auth0 writes it: it goes into the next
// search.
func instant(text string) bool {
	return text != "" && len(text) <= 40 && strings.Trim(text, "0123456789-:.TZ") == ""
}
