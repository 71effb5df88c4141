package operator

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// linkLife is how long a link works.
const linkLife = 24 * time.Hour

// linkBytes is the length of a link's secret: 256 bits, stored as SHA-256.
const linkBytes = 32

// ErrLink: there is no such link, it was used, or its time ran out. Which of
// them is nobody's business.
var ErrLink = errors.New("the link does not work any more")

// Secret is what a link holds. It hides itself in logs and errors.
type Secret string

// Reveal gives the text that stands in the link's address.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string { return "operator.Secret(hidden)" }

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Wish says what a link is for.
type Wish struct {
	// Username of the operator whose password is set anew; empty for a new
	// operator, who gets Holding.
	Username string
	Holding  Holding
	// Anew takes that operator's second factors away with the password, for who
	// lost the device that they are on. Without it they stay.
	Anew bool
	By   audit.Actor
}

// Link is a link that was made just now.
type Link struct {
	Secret  Secret
	Expires time.Time
}

type linkDetail struct {
	Operator string    `json:"operator,omitempty"`
	Role     Role      `json:"role,omitempty"`
	Place    string    `json:"place,omitempty"`
	Anew     bool      `json:"factors_removed,omitempty"` // once the link is used
	Expires  time.Time `json:"expires"`
}

// Link makes a link. [ErrUnknown], [ErrDisabled], [ErrRole].
func (s *Service) Link(ctx context.Context, w Wish) (Link, error) {
	now := s.cfg.Now()
	l := store.OperatorLink{By: string(w.By), Created: now, Expires: now.Add(linkLife)}
	detail := linkDetail{Expires: l.Expires.UTC()}
	if w.Username == "" {
		if !valid(w.Holding.Role, w.Holding.Place) {
			return Link{}, ErrRole
		}
		l.Role = stored(w.Holding.Role, w.Holding.Place)
		detail.Role, detail.Place = w.Holding.Role, w.Holding.Place.String()
	} else {
		person, err := s.byUsername(ctx, w.Username)
		if err != nil {
			return Link{}, err
		}
		if person.Customer.State != customer.Active {
			return Link{}, ErrDisabled
		}
		l.Role.Operator, detail.Operator = person.Customer.ID, person.Identifier.Value
		l.Anew, detail.Anew = w.Anew, w.Anew
	}
	var raw [linkBytes]byte
	if _, err := io.ReadFull(s.cfg.Rand, raw[:]); err != nil {
		return Link{}, fmt.Errorf("making a link: %w", err)
	}
	l.Hash = sha256.Sum256(raw[:])
	event := s.cfg.Audit.Event(audit.Entry{At: now, Type: audit.OperatorInvited, Actor: w.By, Detail: detail})
	err := s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := tx.PutOperatorLink(ctx, l); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return Link{}, fmt.Errorf("making a link: %w", err)
	}
	return Link{Secret(base64.RawURLEncoding.EncodeToString(raw[:])), l.Expires}, nil
}

// Invitation is what a link offers.
type Invitation struct {
	Username string // of the operator whose password it sets; empty for a new one
	Holding  Holding
	Anew     bool // that operator's second factors go with the password
	Expires  time.Time

	hash [32]byte
	link store.OperatorLink
}

// Open reads a link without using it; [ErrLink].
func (s *Service) Open(ctx context.Context, secret string) (Invitation, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || len(raw) != linkBytes {
		return Invitation{}, ErrLink
	}
	// Looking up a digest tells nobody by its time how near a guess was.
	hash := sha256.Sum256(raw)
	l, err := s.cfg.Store.OperatorLink(ctx, store.System, hash)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Invitation{}, ErrLink
	case err != nil:
		return Invitation{}, fmt.Errorf("reading a link: %w", err)
	case !l.Expires.After(s.cfg.Now()):
		return Invitation{}, ErrLink
	}
	// Each node without an operator made such a link, and each start: once one of
	// them was used the others are worth nothing.
	if l.By == string(audit.System) {
		staffed, err := s.Any(ctx)
		switch {
		case err != nil:
			return Invitation{}, err
		case staffed:
			return Invitation{}, ErrLink
		}
	}
	if good, err := s.vouched(ctx, l); err != nil || !good {
		return Invitation{}, errors.Join(err, ErrLink)
	}
	in := Invitation{
		Holding: held(l.Role),
		Anew:    l.Anew, Expires: l.Expires, hash: hash, link: l,
	}
	if l.Role.Operator.IsZero() {
		return in, nil
	}
	o, err := s.described(ctx, l.Role.Operator, nil)
	if errors.Is(err, ErrUnknown) || err == nil && o.Disabled { // who left does not come back by an old link
		return Invitation{}, ErrLink
	}
	in.Username = o.Username
	return in, err
}
