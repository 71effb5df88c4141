package keycloak

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"sallyport/service/source"
)

const perPage = 100

// Find implements source.Finder.
func (k *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	raw, user, err := k.find(ctx, identifier)
	if err != nil || user == nil {
		return nil, false, err
	}
	answer := k.match(ctx, raw, user)
	if answer.Element == nil {
		return nil, false, &source.Fault{Reason: answer.Reason, After: answer.After}
	}
	return answer.Element, true, nil
}

// Guards implements source.Guardian: by the types of the credentials, since their
// secrets are not told. A passkey that signs in by itself stands beside the password.
func (k *system) Guards(ctx context.Context, identifier string) (bool, error) {
	_, u, err := k.find(ctx, identifier)
	if err != nil || u == nil {
		return false, err
	}
	id, err := source.Segment(u.ID)
	if err != nil {
		return false, err
	}
	answer, err := k.machine.Do(ctx, source.Request{URL: k.admin + "/users/" + id + "/credentials"})
	if err != nil {
		return false, err
	}
	if !answer.OK() {
		return false, answer.Fault()
	}
	var list []struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(answer.Body, &list); err != nil {
		return false, &source.Fault{Reason: source.Malformed, What: "credentials that cannot be read"}
	}
	for _, c := range list {
		if c.Type != "password" && c.Type != "password-history" && c.Type != "webauthn-passwordless" {
			return true, nil
		}
	}
	return false, nil
}

// find looks somebody up by username and by e-mail address, whole ones. What the
// search takes for more than that is compared again here.
func (k *system) find(ctx context.Context, identifier string) (json.RawMessage, *user, error) {
	for _, by := range []string{"username", "email"} {
		query := url.Values{by: {identifier}, "exact": {"true"}, "briefRepresentation": {"false"}, "max": {"5"}}
		answer, err := k.machine.Do(ctx, source.Request{URL: k.admin + "/users?" + query.Encode()})
		if err != nil {
			return nil, nil, err
		}
		if !answer.OK() {
			return nil, nil, answer.Fault()
		}
		list, err := answer.Elements()
		if err != nil {
			return nil, nil, err
		}
		for _, raw := range list {
			var u user
			if err := json.Unmarshal(raw, &u); err == nil && u.owns(identifier) {
				return raw, &u, nil
			}
		}
	}
	return nil, nil, nil
}

// Fetch implements source.Fetcher. The cursor is the number of users before it,
// in Keycloak's order. Passwords, factors and links are not in these lines.
func (k *system) Fetch(ctx context.Context, from source.Cursor, give func([]byte, source.Cursor) error) error {
	first, pace := 0, source.NewPace(k.spec)
	if from != nil {
		var err error
		if first, err = strconv.Atoi(string(from)); err != nil || first < 0 {
			return &source.Fault{Reason: source.NotConfigured, What: "the place to go on from cannot be read"}
		}
	}
	for {
		query := url.Values{"first": {strconv.Itoa(first)}, "max": {strconv.Itoa(perPage)}, "briefRepresentation": {"false"}}
		question := source.Request{URL: k.admin + "/users?" + query.Encode(), Page: true}
		answer, err := source.Patiently(ctx, k.deps, pace, func(ctx context.Context) (*source.Response, error) {
			return k.machine.Do(ctx, question)
		})
		if err != nil {
			return err
		}
		if !answer.OK() {
			return answer.Fault()
		}
		list, err := answer.Elements()
		if err != nil {
			return err
		}
		for _, raw := range list {
			line, err := source.LineOf(raw)
			if err != nil {
				return err
			}
			first++
			if err := give(line, source.Cursor(strconv.Itoa(first))); err != nil {
				return err
			}
		}
		if len(list) < perPage {
			return nil
		}
	}
}
