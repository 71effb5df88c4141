package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/password"
	"sallyport/service/audit"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Customers
	store.Factors
	store.Operators
	store.Writer
}

// Sealer seals credentials at rest: keyring.Master has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
}

// Config constructs a [Service]. Everything but Cost is required.
type Config struct {
	Store  Store
	Sealer Sealer
	Audit  *audit.Log
	Now    func() time.Time
	Rand   io.Reader           // safe for concurrent use, as crypto/rand.Reader is
	Cost   passhash.Argon2Cost // of password hashes; zero: passhash.DefaultCost

	Passwords Passwords // judges new passwords; nil: the rules of package password do
}

// Passwords judges new passwords: passwords.Service has it. The errors are those of
// package password, and what says that none can be judged now.
type Passwords interface {
	Operator(ctx context.Context, text string, names ...string) error
}

// rules judges by the rules alone.
type rules struct{}

func (rules) Operator(_ context.Context, text string, names ...string) error {
	return password.Check(text, MinPassword, names...)
}

// Service keeps operators. It is safe for concurrent use.
type Service struct {
	cfg      Config
	expected int64 // version of the operator whose roles change; 0: any
}

// New gives a service.
func New(cfg Config) *Service {
	if cfg.Cost == (passhash.Argon2Cost{}) {
		cfg.Cost = passhash.DefaultCost
	}
	if cfg.Passwords == nil {
		cfg.Passwords = rules{}
	}
	return &Service{cfg: cfg}
}

// Errors of the service, besides those of the store.
var (
	// ErrUnknown: there is no such operator.
	ErrUnknown = errors.New("no such operator")
	// ErrRole: there is no such role, or it cannot hold at such a place.
	ErrRole = errors.New("no such role at such a place")
	// ErrHeld: the operator has the role there already.
	ErrHeld = errors.New("the operator has that role already")
	// ErrNotHeld: the operator does not have the role there.
	ErrNotHeld = errors.New("the operator does not have that role")
	// ErrDisabled: the operator may not sign in, so a link would lead nowhere.
	ErrDisabled = errors.New("the operator is disabled")
	// ErrLastOwner: nobody would be left who may do everything.
	ErrLastOwner = errors.New("the last owner of the installation stays")
)

// Holding is one role at one place.
type Holding struct {
	Role  Role
	Place Place
	Since time.Time
}

// Operator is a person who works in the console.
type Operator struct {
	ID       customer.ID
	Username string
	Name     string
	Disabled bool
	Roles    []Holding
	Version  int64 // changes with whatever changes of the operator; see Service.Expecting
}

// Actor names the operator in audit events.
func (o Operator) Actor() audit.Actor { return audit.Operator(o.Username) }

// Find gives whoever signed in to the system environment, with their roles as
// they are now; [ErrUnknown].
func (s *Service) Find(ctx context.Context, id customer.ID) (Operator, error) {
	if id.IsZero() {
		return Operator{}, ErrUnknown
	}
	held, err := s.cfg.Store.OperatorRoles(ctx, store.System, id)
	if err != nil {
		return Operator{}, fmt.Errorf("reading roles: %w", err)
	}
	return s.described(ctx, id, held)
}

func (s *Service) described(ctx context.Context, id customer.ID, roles []store.OperatorRole) (Operator, error) {
	c, err := s.cfg.Store.Customer(ctx, store.System, id)
	if errors.Is(err, store.ErrNotFound) {
		return Operator{}, ErrUnknown
	}
	if err != nil {
		return Operator{}, fmt.Errorf("reading an operator: %w", err)
	}
	names, err := s.cfg.Store.Identifiers(ctx, store.System, id)
	if err != nil {
		return Operator{}, fmt.Errorf("reading an operator's names: %w", err)
	}
	o := Operator{ID: id, Username: id.String(), Name: c.Name, Disabled: c.State != customer.Active, Version: c.Version}
	for _, n := range names {
		if n.Kind == customer.Username {
			o.Username = n.Value
		}
	}
	for _, r := range roles {
		o.Roles = append(o.Roles, held(r))
	}
	return o, nil
}

// List gives every operator who holds a role, by username.
func (s *Service) List(ctx context.Context) ([]Operator, error) {
	held, err := s.cfg.Store.OperatorRoles(ctx, store.System, customer.ID{})
	if err != nil {
		return nil, fmt.Errorf("reading roles: %w", err)
	}
	var all []Operator
	for len(held) > 0 { // they come by operator
		n := slices.IndexFunc(held, func(h store.OperatorRole) bool { return h.Operator != held[0].Operator })
		if n < 0 {
			n = len(held)
		}
		o, err := s.described(ctx, held[0].Operator, held[:n])
		if err != nil {
			return nil, err
		}
		all, held = append(all, o), held[n:]
	}
	slices.SortFunc(all, func(a, b Operator) int { return strings.Compare(a.Username, b.Username) })
	return all, nil
}

// Any tells whether somebody may do everything, so that no first link is needed.
func (s *Service) Any(ctx context.Context) (bool, error) {
	owners, err := s.owners(ctx)
	return len(owners) > 0, err
}

// onlyOwner tells whether nobody but id owns the whole installation.
func (s *Service) onlyOwner(ctx context.Context, id customer.ID) (bool, error) {
	owners, err := s.owners(ctx)
	return len(owners) == 1 && owners[0] == id, err
}

// owners are those who own the whole installation and can sign in.
func (s *Service) owners(ctx context.Context) ([]customer.ID, error) {
	held, err := s.cfg.Store.OperatorRoles(ctx, store.System, customer.ID{})
	if err != nil {
		return nil, fmt.Errorf("reading roles: %w", err)
	}
	var all []customer.ID
	for _, h := range held {
		if h.Role != string(Owner) || h.Tenant != "" {
			continue
		}
		c, err := s.cfg.Store.Customer(ctx, store.System, h.Operator)
		if err != nil {
			return nil, fmt.Errorf("reading an owner: %w", err)
		}
		if c.State == customer.Active {
			all = append(all, h.Operator)
		}
	}
	return all, nil
}

// byUsername finds an operator; [ErrUnknown].
func (s *Service) byUsername(ctx context.Context, typed string) (store.Person, error) {
	id, err := customer.Normalise(customer.Username, typed, "")
	if err != nil {
		return store.Person{}, ErrUnknown
	}
	person, err := s.cfg.Store.PersonByIdentifier(ctx, store.System, customer.Username, id.Value)
	if errors.Is(err, store.ErrNotFound) {
		return store.Person{}, ErrUnknown
	}
	return person, err
}
