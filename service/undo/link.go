package undo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

const (
	// Life is how long a link is good.
	Life = 7 * 24 * time.Hour
	// settledAfter is how long before a change an address was proved that has a say.
	settledAfter = 30 * 24 * time.Hour

	purpose = "undo" // of the secret that seals links
	label   = "undo/1"
	// Key is the name of what a link carries in its query.
	Key = "t"
	// Path is where the page is, below the environment's address.
	Path = "/account/undo"
	// MaxToken is the most bytes that a link carries.
	MaxToken = 2000
)

// ErrOver: the link is none of ours, was used, or is too old; or nobody is left whom it is about.
var ErrOver = errors.New("not a link that is good")

// claim is what a link holds, sealed.
type claim struct {
	ID      [16]byte            `json:"i"`
	At      int64               `json:"t"` // unix seconds: when the change was made
	Change  notify.Change       `json:"c"`
	Address customer.Identifier `json:"a"` // that the link was sent to
}

// Links implements [notify.Undo].
func (s *Service) Links(ctx context.Context, live *environment.Live, c notify.Change, before []customer.Identifier) (func(customer.Identifier) string, error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return func(customer.Identifier) string { return "" }, nil
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, purpose)
	if err != nil {
		return nil, fmt.Errorf("making links: %w", err)
	}
	now := s.cfg.Now()
	links := map[store.IdentifierKey]string{}
	for _, a := range before {
		if !settled(a, before, now) {
			continue
		}
		one := claim{At: now.Unix(), Change: c, Address: a}
		if _, err := io.ReadFull(s.cfg.Rand, one.ID[:]); err != nil {
			return nil, fmt.Errorf("naming a link: %w", err)
		}
		plain, err := json.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("making links: %w", err)
		}
		token := base64.RawURLEncoding.EncodeToString(secret.Seal(label, plain))
		if len(token) <= MaxToken-len(snapshot.URL.String())-len(Path) {
			links[keyOf(a)] = snapshot.URL.String() + Path + "?" + url.Values{Key: {token}}.Encode()
		}
	}
	return func(a customer.Identifier) string { return links[keyOf(a)] }, nil
}

func keyOf(a customer.Identifier) store.IdentifierKey {
	return store.IdentifierKey{Kind: a.Kind, Value: a.Value}
}

// settled tells whether an address has a say in a change of that instant. A phone has none:
// its number is somebody else's soon after it is given up, and a link is too long for a text.
func settled(a customer.Identifier, all []customer.Identifier, at time.Time) bool {
	if a.Kind != customer.Email || !a.Verified {
		return false
	}
	if !a.Proof.At.After(at.Add(-settledAfter)) { // or it came along proved, from before there was anything here
		return true
	}
	for _, other := range all {
		if other.Verified && other.Kind != customer.Username && keyOf(other) != keyOf(a) && other.Proof.At.Before(a.Proof.At) {
			return false
		}
	}
	return true
}

// open reads a link; [ErrOver].
func (s *Service) open(ctx context.Context, live *environment.Live, token string) (claim, error) {
	if token == "" || len(token) > MaxToken {
		return claim{}, ErrOver
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return claim{}, ErrOver
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, purpose)
	if err != nil {
		return claim{}, fmt.Errorf("reading a link: %w", err)
	}
	plain, err := secret.Open(label, raw)
	if err != nil {
		return claim{}, ErrOver
	}
	var c claim
	if err := json.Unmarshal(plain, &c); err != nil || s.cfg.Now().Sub(time.Unix(c.At, 0)) >= Life {
		return claim{}, ErrOver
	}
	return c, nil
}

// once is the counter that a link spends.
func (s *Service) once(ctx context.Context, live *environment.Live, c claim) (store.Attempt, error) {
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, purpose)
	if err != nil {
		return store.Attempt{}, fmt.Errorf("reading a link: %w", err)
	}
	return store.Attempt{Key: secret.MAC(append([]byte("once\x00"), c.ID[:]...)), Burst: 1, Interval: 2 * Life}, nil
}

// Seen is what a page tells of a link before anything is done.
type Seen struct {
	What message.Name // that was changed
	At   time.Time
}

// Look tells what a link is about, and changes nothing: programs that scan mail open links.
// [ErrOver].
func (s *Service) Look(ctx context.Context, live *environment.Live, token string) (Seen, error) {
	c, err := s.open(ctx, live, token)
	if err != nil {
		return Seen{}, err
	}
	return Seen{c.Change.What, time.Unix(c.At, 0)}, nil
}
