// Package scim asks a service that provides people by SCIM 2.0 (RFC 7643, RFC 7644). It
// reads, and never writes: such services verify no passwords, and give none.
//
//	identifier ──GET /Users?filter=userName eq "…"──▶ one resource
//	everybody  ──GET /Users, by startIndex or by cursor──▶ resources
//
// Written against the specifications; tried against scripted servers alone.
package scim

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"sallyport/service/source"
)

const (
	perPage       = 100
	maxIdentifier = 512 // bytes
	maxCursor     = 4096
)

type system struct {
	spec   *source.Spec
	deps   source.Deps
	client *source.Client
}

// Open makes a system of a connection. It implements [source.Opener].
func Open(_ context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	s := &system{spec, deps, client}
	return &source.System{Finder: s, Fetcher: s, Shut: client.Close}, nil
}

// list is a ListResponse (RFC 7644 §3.4.2), with the cursor of RFC 9865.
type list struct {
	Total     *int64            `json:"totalResults"`
	Start     int64             `json:"startIndex"`
	Next      string            `json:"nextCursor"`
	Resources []json.RawMessage `json:"Resources"`
}

// resource is what is read of a person to know who it is.
type resource struct {
	ID       string `json:"id"`
	UserName string `json:"userName"`
}

// request asks for a part of the people.
func (s *system) request(ctx context.Context, query url.Values) (source.Request, error) {
	secret, err := s.deps.SecretOf(ctx, s.spec.Secret)
	if err != nil || len(secret) == 0 {
		return source.Request{}, &source.Fault{Reason: source.NotConfigured, What: "the secret cannot be read"}
	}
	defer clear(secret)
	q := source.Request{URL: s.spec.URL + "/Users?" + query.Encode(), Page: true}
	if s.spec.Client == "" {
		return q.Bearer(string(secret)), nil
	}
	pair := append([]byte(s.spec.Client+":"), secret...)
	defer clear(pair)
	return q.Authorization("Basic " + base64.StdEncoding.EncodeToString(pair)), nil
}

// read takes an answer apart.
func read(answer *source.Response) (*list, error) {
	if !answer.OK() {
		return nil, answer.Fault()
	}
	var l list
	// Services say more than this, and in any case of letters, which RFC 7643 §2.1 allows.
	if json.Unmarshal(answer.Body, &l) != nil || l.Total == nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "the answer is no list of resources"}
	}
	return &l, nil
}

// Find implements [source.Finder].
func (s *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	if identifier == "" || len(identifier) > maxIdentifier {
		return nil, false, nil
	}
	term, err := json.Marshal(identifier) // a filter's texts are JSON's (RFC 7644 §3.4.2.2)
	if err != nil {
		return nil, false, &source.Fault{Reason: source.Malformed}
	}
	q, err := s.request(ctx, url.Values{"filter": {"userName eq " + string(term)}, "startIndex": {"1"}, "count": {"2"}})
	if err != nil {
		return nil, false, err
	}
	q.Page = false
	answer, err := s.client.Do(ctx, q)
	if err != nil {
		return nil, false, err
	}
	l, err := read(answer)
	switch {
	case err != nil:
		return nil, false, err
	case len(l.Resources) == 0 && *l.Total == 0:
		return nil, false, nil
	case len(l.Resources) != 1 || *l.Total != 1:
		return nil, false, &source.Fault{Reason: source.Unexpected, What: "the service finds several for a name, or counts them otherwise"}
	}
	var who resource
	if json.Unmarshal(l.Resources[0], &who) != nil || who.ID == "" || !source.Owns(identifier, who.UserName) {
		return nil, false, &source.Fault{Reason: source.OtherPerson, What: "the service finds somebody of another name"}
	}
	element, err := source.ElementOf(s.spec, l.Resources[0])
	return element, err == nil, err
}

// position is where a fetch goes on: the source's cursor. By index, people who leave
// while it goes on move others forward, past what was read; a cursor of the service
// does not.
type position struct {
	Index  int64  `json:"index,omitempty"`
	Cursor string `json:"cursor,omitempty"`
	Done   bool   `json:"done,omitempty"`
}

// Fetch implements [source.Fetcher].
func (s *system) Fetch(ctx context.Context, from source.Cursor, give func(line []byte, next source.Cursor) error) error {
	at, pace := position{Index: 1}, source.NewPace(s.spec)
	if from != nil && (json.Unmarshal(from, &at) != nil || at.Index < 1 && at.Cursor == "" && !at.Done) {
		return &source.Fault{Reason: source.NotConfigured, What: "the cursor is not of SCIM"}
	}
	for !at.Done {
		answer, err := source.Patiently(ctx, s.deps, pace, func(ctx context.Context) (*source.Response, error) {
			q, err := s.request(ctx, s.part(at))
			if err != nil {
				return nil, err
			}
			return s.client.Do(ctx, q)
		})
		if err != nil {
			return err
		}
		l, err := read(answer)
		if err != nil {
			return err
		}
		next, err := s.behind(at, l)
		if err != nil {
			return err
		}
		if err := hand(l.Resources, next, give); err != nil {
			return err
		}
		at = next
	}
	return nil
}

// part asks for the people from a position on.
func (s *system) part(at position) url.Values {
	query := url.Values{"count": {strconv.Itoa(perPage)}}
	switch {
	case s.spec.Paging == "cursor":
		query.Set("cursor", at.Cursor)
	default:
		query.Set("startIndex", strconv.FormatInt(at.Index, 10))
	}
	return query
}

// behind is the position behind a page.
func (s *system) behind(at position, l *list) (position, error) {
	n := int64(len(l.Resources))
	if s.spec.Paging == "cursor" {
		if l.Next == at.Cursor && l.Next != "" || len(l.Next) > maxCursor {
			return at, &source.Fault{Reason: source.Unexpected, What: "the service's cursor does not move on"}
		}
		return position{Cursor: l.Next, Done: l.Next == ""}, nil
	}
	switch {
	case l.Start != 0 && l.Start != at.Index && n > 0:
		return at, &source.Fault{Reason: source.Unexpected, What: "the service gives another part than was asked for"}
	case n == 0 && at.Index <= *l.Total:
		return at, &source.Fault{Reason: source.Unexpected, What: "the service counts more people than it gives"}
	}
	next := position{Index: at.Index + n}
	next.Done = n == 0 || next.Index > *l.Total
	return next, nil
}

// hand gives the resources of a page.
func hand(resources []json.RawMessage, next position, give func([]byte, source.Cursor) error) error {
	cursor, err := json.Marshal(next)
	if err != nil {
		return &source.Fault{Reason: source.Malformed, What: "a cursor cannot be written"}
	}
	for i, raw := range resources {
		var who resource
		if json.Unmarshal(raw, &who) != nil || strings.TrimSpace(who.ID) == "" {
			return &source.Fault{Reason: source.Malformed, What: "a resource has no id"}
		}
		line, err := source.LineOf(raw)
		if err != nil {
			return err
		}
		var behind source.Cursor
		if i == len(resources)-1 {
			behind = cursor
		}
		if err := give(line, behind); err != nil {
			return err
		}
	}
	if len(resources) == 0 {
		return give(nil, cursor)
	}
	return nil
}
