package operator

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/password"
	"sallyport/service/audit"
	"sallyport/store"
)

// Limits of what is typed.
const (
	MinPassword = password.Alone
	MaxPassword = password.MaxBytes
	MaxName     = 100
)

// Errors about what was typed.
var (
	// ErrUsername: it cannot be a username of an operator, which has letters,
	// digits, dots, dashes and underscores of ASCII.
	ErrUsername = errors.New("not usable as a username")
	// ErrTaken: another operator has the username.
	ErrTaken = errors.New("the username is taken")
	// ErrName: a name is longer than MaxName characters, or no text.
	ErrName = errors.New("not usable as a name")
	// Those of package password.
	ErrShort, ErrLong, ErrText           = password.ErrShort, password.ErrLong, password.ErrText
	ErrGuessable, ErrCommon, ErrBreached = password.ErrGuessable, password.ErrCommon, password.ErrBreached
	ErrUnavailable                       = password.ErrUnavailable
)

// Given is what the holder of a link typed. Username and Name are not looked
// at where the link is for an operator who exists.
type Given struct{ Username, Name, Password string }

// SetUp uses a link: it makes the operator that the link invites, or sets the
// password of the one that it names, whose sessions end and, if the link says
// so, whose second factors go. [ErrLink], and the errors about what was typed,
// after which the link still works.
func (s *Service) SetUp(ctx context.Context, secret string, g Given) error {
	in, err := s.Open(ctx, secret)
	if err != nil {
		return err
	}
	if in.Username != "" {
		g.Username = in.Username
	}
	username, err := customer.Normalise(customer.Username, g.Username, "")
	if err != nil || in.Username == "" && !plain(username.Value) {
		return ErrUsername
	}
	username.Source = "operator"
	if err := s.check(ctx, username.Value, g); err != nil {
		return err
	}
	if in.Username == "" {
		return s.create(ctx, in, username, g)
	}
	return s.recover(ctx, in, g.Password)
}

// plain tells whether a username looks like no other, for the ledger accuses by
// it, and stands in an address as it is, so that the page of its holder opens.
func plain(username string) bool {
	return !strings.ContainsFunc(username, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_", r)
	}) && strings.Trim(username, ".") != ""
}

// check looks at what was typed.
func (s *Service) check(ctx context.Context, username string, g Given) error {
	if utf8.RuneCountInString(g.Name) > MaxName || !utf8.ValidString(g.Name) || strings.ContainsFunc(g.Name, func(r rune) bool { return r < ' ' }) {
		return ErrName
	}
	return s.cfg.Passwords.Operator(ctx, g.Password, username)
}

// create makes the operator that a link invites.
func (s *Service) create(ctx context.Context, in Invitation, username customer.Identifier, g Given) error {
	id, err := s.newID()
	if err != nil {
		return err
	}
	credential, err := s.credential(ctx, id, g.Password)
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	person := store.NewCustomer{
		Customer:    customer.Customer{ID: id, State: customer.Active, Name: strings.TrimSpace(g.Name), Created: now, Updated: now, Version: 1},
		Identifiers: []customer.Identifier{username}, Credential: credential,
	}
	role := in.link.Role
	role.Operator, role.Since = id, now
	event := s.cfg.Audit.Event(audit.Entry{
		At: now, Type: audit.OperatorCreated, Actor: audit.Operator(username.Value), Customer: id.String(),
		Detail: roleDetail{Operator: username.Value, Role: in.Holding.Role, Place: in.Holding.Place.String()},
	})
	err = s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := tx.TakeOperatorLink(ctx, in.hash); err != nil {
			return err
		}
		if err := tx.CreateCustomers(ctx, []store.NewCustomer{person}); err != nil {
			return err
		}
		return errors.Join(tx.PutOperatorRole(ctx, role), tx.Audit(ctx, event))
	})
	if errors.Is(err, store.ErrExists) {
		return ErrTaken
	}
	return spent(err)
}

// spent says of a link that somebody else was faster.
func spent(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound):
		return ErrLink
	}
	return fmt.Errorf("using a link: %w", err)
}

// credential hashes and seals a password, in the row that signing in opens.
func (s *Service) credential(ctx context.Context, id customer.ID, password string) (*store.Credential, error) {
	hash, err := passhash.New(s.cfg.Rand, []byte(password), s.cfg.Cost)
	if err != nil {
		return nil, fmt.Errorf("hashing a password: %w", err)
	}
	sealed, err := s.cfg.Sealer.Seal(ctx, store.System, "credential/"+id.String(), []byte(hash))
	if err != nil {
		return nil, fmt.Errorf("sealing a password: %w", err)
	}
	return &store.Credential{Customer: id, Sealed: sealed, Scheme: "argon2id", Updated: s.cfg.Now()}, nil
}

// newID gives a UUID of version 7 (RFC 9562 §5.7).
func (s *Service) newID() (id customer.ID, err error) {
	if _, err := io.ReadFull(s.cfg.Rand, id[:]); err != nil {
		return id, fmt.Errorf("making an operator: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(s.cfg.Now().UnixMilli())<<16)
	copy(id[:6], ms[:6])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id, nil
}
