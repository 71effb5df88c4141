package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// ErrNoSession: the cookie names no session that lives, its customer may not
// sign in, or was signed out everywhere since.
var ErrNoSession = errors.New("not signed in")

// revocationKept is how long every node remembers that a session ended: as long
// as the longest access token lives, and a little more.
const revocationKept = 24*time.Hour + 10*time.Minute

const secretBytes = 32

// Current is who is signed in.
type Current struct {
	Session  store.Session
	Customer customer.Customer
}

// TwoFactors tells whether two factors were proved at the last sign-in of the
// session.
func (c *Current) TwoFactors() bool { return c.Session.Assurance == twoFactors }

// twoFactors is what pure/journey calls that.
const twoFactors = "mfa"

// Current gives the session that the value of the session cookie stands for.
// [ErrNoSession]; any other error means that nobody can know now.
func (s *Service) Current(ctx context.Context, live *environment.Live, cookie string) (*Current, error) {
	id, secret, ok := parseSessionCookie(cookie)
	if !ok {
		return nil, ErrNoSession
	}
	session, err := s.cfg.Store.Session(ctx, live.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	digest := sessionProof(live.Snapshot(), secret)
	genuine := subtle.ConstantTimeCompare(digest[:], session.SecretHash[:]) == 1
	if !genuine || !session.Ended.IsZero() || !session.Expires.After(s.cfg.Now()) {
		return nil, ErrNoSession
	}
	c, err := s.cfg.Store.Customer(ctx, live.ID, session.Customer)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.State != customer.Active {
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("reading the customer of a session: %w", err)
	}
	// Created counts too: a session that was being renewed while its customer
	// was signed out is the old one still.
	if !c.Honours(session.Created, session.SignedIn) {
		return nil, ErrNoSession
	}
	s.use(ctx, live, &session)
	return &Current{Session: session, Customer: c}, nil
}

// usedEvery is how exact a session's last use is: noting it costs a write.
const usedEvery = 10 * time.Minute

// use notes that somebody came with a session. That it cannot be noted is no
// reason to turn them away.
func (s *Service) use(ctx context.Context, live *environment.Live, session *store.Session) {
	now := s.cfg.Now()
	if now.Sub(session.Used) < usedEvery {
		return
	}
	err := s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error { return tx.UseSession(ctx, session.ID, now) })
	if err == nil {
		session.Used = now
	} else if ctx.Err() == nil && !errors.Is(err, store.ErrNotFound) {
		s.cfg.Log.Warn("the use of a session cannot be noted", "environment", live.ID, "error", err)
	}
}

// End signs a customer out: the session is dead everywhere at once, and what was
// issued under it within five seconds. Ending twice is no error.
func (s *Service) End(ctx context.Context, live *environment.Live, current *Current, by audit.Actor) error {
	now := s.cfg.Now()
	event := s.cfg.Audit.Event(audit.Entry{
		At: now, Type: audit.SignedOut, Actor: by, Customer: current.Customer.ID.String(),
		Detail: sessionDetail{Session: hex.EncodeToString(current.Session.ID[:])},
	})
	err := s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := endSession(ctx, tx, current.Session.ID, now); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	s.cfg.Feed.Wake()
	return nil
}

type sessionDetail struct {
	Session string `json:"session"`
	Reason  string `json:"reason,omitempty"`
}

func endSession(ctx context.Context, tx store.Tx, id store.SessionID, at time.Time) error {
	if err := tx.EndSession(ctx, id, at); err != nil {
		return err
	}
	return tx.Publish(ctx, store.FeedEntry{
		Kind: store.SessionEnded, Subject: hex.EncodeToString(id[:]), At: at, Until: at.Add(revocationKept),
	})
}

// sessionCookie is the value that names a session and proves it.
func sessionCookie(id store.SessionID, secret []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:len(id):len(id)], secret...))
}

func parseSessionCookie(value string) (id store.SessionID, secret []byte, ok bool) {
	if len(value) != base64.RawURLEncoding.EncodedLen(len(id)+secretBytes) {
		return id, nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return id, nil, false
	}
	copy(id[:], raw)
	return id, raw[len(id):], true
}
