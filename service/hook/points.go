package hook

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/store"
)

// PointsConfig constructs [Points]. All fields are required but Every.
type PointsConfig struct {
	Service *Service
	Store   store.Store
	// Places lists the environments that there are, with what is live in them.
	Places func() []Place
	// Signer gives the signer of what hooks are asked and told, by a server's key.
	Signer func(ctx context.Context, p Place, server *config.LiveServer) (Signer, error)
	Now    func() time.Time
	Rand   io.Reader // safe for concurrent use
	Log    *slog.Logger
	Every  time.Duration // between looks for events that are due; 0: a second
}

// Place is an environment.
type Place struct {
	Env      store.EnvironmentID
	Snapshot *config.Snapshot // nil: it has none
}

// Points asks hooks at points of journeys, and tells them of what happened there. It is
// safe for concurrent use.
type Points struct {
	cfg  PointsConfig
	mu   sync.Mutex
	busy map[lineName]int
}

// NewPoints gives points. Nothing is delivered before Run runs.
func NewPoints(c PointsConfig) *Points {
	if c.Every <= 0 {
		c.Every = time.Second
	}
	return &Points{cfg: c, busy: map[lineName]int{}}
}

// Veto says that a customer may not go on.
type Veto struct {
	Hook    string
	ID      string  // of the question, by which the hook's own log has it
	Reason  string  // the hook's word; empty with Failure
	Failure Failure // why there is no answer that counts; empty: it said no
	Message Message // what the customer is shown
}

// Asks tells whether anybody is asked at a point.
func (p *Points) Asks(s *config.Snapshot, at config.Point) bool { return len(s.HooksAt(at)) > 0 }

// Ask asks all hooks of a point at the same time. It gives the veto of the first, by name,
// who says no, or who says nothing that counts and may not be passed over; nil: the
// customer goes on. An error tells that the caller hung up.
func (p *Points) Ask(ctx context.Context, m Moment) (*Veto, error) {
	hooks := m.Snapshot.HooksAt(m.Point)
	vetoes := make([]*Veto, len(hooks))
	var all sync.WaitGroup
	for i, h := range hooks {
		all.Go(func() { vetoes[i] = p.ask(ctx, m, h) })
	}
	all.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("asking hooks at %s: %w", m.Point, err)
	}
	for _, v := range vetoes {
		if v != nil {
			return v, nil
		}
	}
	return nil, nil
}

// ask asks one.
func (p *Points) ask(ctx context.Context, m Moment, h *config.Hook) *Veto {
	var said decision
	id, err := p.newID()
	f := &fault{Unasked, "no question could be made"}
	if err == nil {
		f = p.converse(ctx, Place{m.Env, m.Snapshot}, h, p.question(m, h, id), func(came reply) (f *fault) {
			if f = came.check(); f == nil {
				said, f = decided(came.body, id)
			}
			return f
		})
	}
	switch {
	case f == nil && !said.refuse:
		return nil
	case f == nil:
		return &Veto{Hook: h.Name, ID: id, Reason: said.reason, Message: said.message}
	}
	open := h.OnFailure == config.HookAllow
	p.cfg.Log.WarnContext(ctx, "a hook gave no answer that counts at a point of a journey", "hook", h.Name, "point", m.Point, "failure", f.Failure, "detail", f.detail, "goes_on", open)
	if open {
		return nil
	}
	return &Veto{Hook: h.Name, ID: id, Failure: f.Failure, Message: NotNow}
}

// question is what a hook is asked.
func (p *Points) question(m Moment, h *config.Hook, id string) letter {
	about := momentFor(h, m.Snapshot)
	about.Point, about.At, about.Journey, about.Application = string(m.Point), p.cfg.Now().Unix(), m.Journey, m.Application
	about.Customer, about.Methods, about.Known = m.Customer.ID.String(), m.Methods, m.Known
	about.Attributes = told(h, Question{Attributes: m.Customer.Attributes})
	return letter{ID: id, Point: &about}
}

// errNoServer: the configuration names nobody any more whose key signs.
var errNoServer = errors.New("the hook's server is not configured")

// converse has a letter signed when its turn comes, and sent.
func (p *Points) converse(ctx context.Context, at Place, h *config.Hook, l letter, read func(reply) *fault) *fault {
	sign := func() (string, error) {
		server := at.Snapshot.Servers[h.Server]
		if server == nil {
			return "", errNoServer
		}
		by, err := p.cfg.Signer(ctx, at, server)
		if err != nil {
			return "", err
		}
		now := p.cfg.Now()
		l.Issuer, l.Audience, l.Issued, l.Expires = server.Issuer, h.URL, now.Unix(), now.Add(askedFor).Unix()
		return l.signed(by, p.cfg.Rand)
	}
	return p.cfg.Service.converse(ctx, call{at.Env, at.Snapshot.Revision, h, sign}, read)
}

func (p *Points) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(p.cfg.Rand, id[:]); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(id[:]), nil
}
