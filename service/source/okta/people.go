package okta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sallyport/service/source"
)

// ask asks the Users API.
func (o *system) ask(ctx context.Context, q source.Request) (*source.Response, error) {
	return o.client.Do(ctx, q.Authorization("SSWS "+o.token))
}

// user reads a user by id or login; nil for nobody.
func (o *system) user(ctx context.Context, name string) (json.RawMessage, error) {
	segment, err := source.Segment(name)
	if err != nil {
		return nil, err
	}
	answer, err := o.ask(ctx, source.Request{URL: o.spec.URL + "/api/v1/users/" + segment})
	if err != nil {
		return nil, err
	}
	found, err := answer.Lookup()
	if err != nil || !found {
		return nil, err
	}
	return answer.Body, nil
}

// Find implements source.Finder: by login, and an address by e-mail too.
func (o *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	raw, _, err := o.find(ctx, identifier)
	if err != nil || raw == nil {
		return nil, false, err
	}
	element, err := source.ElementOf(o.spec, raw)
	return element, err == nil, err
}

func (o *system) find(ctx context.Context, identifier string) (raw json.RawMessage, u user, err error) {
	if _, err := source.Segment(identifier); err != nil {
		return nil, u, nil // nobody's login is like that
	}
	if raw, err = o.user(ctx, identifier); err != nil {
		return nil, u, err
	}
	if raw == nil && strings.Contains(identifier, "@") {
		if raw, err = o.byEmail(ctx, identifier); err != nil {
			return nil, u, err
		}
	}
	if raw == nil || json.Unmarshal(raw, &u) != nil || !u.owns(identifier) {
		return nil, u, nil // an id was typed, or the search took it for something else
	}
	return raw, u, nil
}

// Guards implements source.Guardian. Codes by mail do not count: Okta enrols everybody in
// them, and beside a mailbox they are no second factor.
func (o *system) Guards(ctx context.Context, identifier string) (bool, error) {
	raw, u, err := o.find(ctx, identifier)
	if err != nil || raw == nil {
		return false, err
	}
	id, err := source.Segment(u.ID)
	if err != nil {
		return false, err
	}
	answer, err := o.ask(ctx, source.Request{URL: o.spec.URL + "/api/v1/users/" + id + "/factors"})
	if err != nil {
		return false, err
	}
	if !answer.OK() {
		return false, answer.Fault()
	}
	var list []struct {
		Type   string `json:"factorType"`
		Status string `json:"status"`
	}
	if json.Unmarshal(answer.Body, &list) != nil {
		return false, &source.Fault{Reason: source.Malformed, What: "factors that cannot be read"}
	}
	for _, f := range list {
		if f.Status == "ACTIVE" && f.Type != "email" {
			return true, nil
		}
	}
	return false, nil
}

// byEmail searches by e-mail address; the term is quoted as a JSON string is,
// which is how filters of SCIM quote (RFC 7644 §3.4.2.2).
func (o *system) byEmail(ctx context.Context, address string) (json.RawMessage, error) {
	term, err := json.Marshal(address)
	if err != nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "the address cannot be written"}
	}
	query := url.Values{"search": {"profile.email eq " + string(term)}, "limit": {"2"}}
	answer, err := o.ask(ctx, source.Request{URL: o.spec.URL + "/api/v1/users?" + query.Encode()})
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, answer.Fault()
	}
	list, err := answer.Elements()
	if err != nil || len(list) != 1 { // an address of several says nobody
		return nil, err
	}
	return list[0], nil
}

// Fetch implements source.Fetcher: page by page, as the Link header leads, and no
// faster than X-Rate-Limit-Remaining allows. The cursor is the query of a page.
func (o *system) Fetch(ctx context.Context, from source.Cursor, give func([]byte, source.Cursor) error) error {
	query, pace := "limit=200", source.NewPace(o.spec)
	if from != nil {
		query = string(from)
	}
	if _, err := url.ParseQuery(query); err != nil || strings.ContainsAny(query, "#\r\n ") {
		return &source.Fault{Reason: source.NotConfigured, What: "the place to go on from cannot be read"}
	}
	for query != "" {
		question := source.Request{URL: o.spec.URL + "/api/v1/users?" + query, Page: true}
		answer, err := source.Patiently(ctx, o.deps, pace, func(ctx context.Context) (*source.Response, error) { return o.ask(ctx, question) })
		if err != nil {
			return err
		}
		if !answer.OK() {
			return answer.Fault()
		}
		next, err := o.next(answer.Header)
		if err != nil {
			return err
		}
		if err := lines(answer, next, give); err != nil {
			return err
		}
		if query = next; query != "" {
			if err := o.spare(ctx, answer); err != nil {
				return err
			}
		}
	}
	return nil
}

// lines gives the people of a page.
func lines(answer *source.Response, next string, give func([]byte, source.Cursor) error) error {
	list, err := answer.Elements()
	if err != nil {
		return err
	}
	return source.GivePage(list, source.Cursor(next), give)
}

// next finds the query of the next page (RFC 8288). A link to anywhere else than
// the same list of the same organisation is not followed.
func (o *system) next(header http.Header) (string, error) {
	for _, value := range header.Values("Link") {
		for part := range strings.SplitSeq(value, ",") {
			target, parameters, _ := strings.Cut(strings.TrimSpace(part), ">")
			if !strings.Contains(parameters, `rel="next"`) || !strings.HasPrefix(target, "<") {
				continue
			}
			list := o.spec.URL + "/api/v1/users?"
			query, same := strings.CutPrefix(target[1:], list)
			if !same || strings.ContainsAny(query, "# ") {
				return "", &source.Fault{Reason: source.Redirected, What: "the next page is said to be elsewhere"}
			}
			return query, nil
		}
	}
	return "", nil
}

// spare waits where the organisation has no more calls for us just now.
func (o *system) spare(ctx context.Context, answer *source.Response) error {
	if answer.Header.Get("X-Rate-Limit-Remaining") != "0" {
		return nil
	}
	if wait := answer.RetryAfter(o.deps.Now()); wait > 0 {
		return o.deps.Wait(ctx, min(wait, 10*time.Minute))
	}
	return nil
}
