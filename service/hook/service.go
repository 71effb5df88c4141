package hook

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/breaker"
	"sallyport/service/egress"
	"sallyport/store"
)

// Config constructs a [Service]. Networks, Roots and Resolver may be left out.
type Config struct {
	Audit    *audit.Log
	Now      func() time.Time
	Rand     io.Reader // safe for concurrent use
	Log      *slog.Logger
	Private  *egress.Allowance // private hosts at which hooks may be; nil: none
	Roots    *x509.CertPool    // that sign hooks' certificates; nil: the system's
	Resolver egress.Resolver   // nil: the system's
}

// Service asks hooks. It is safe for concurrent use, and has no background work.
type Service struct {
	cfg   Config
	mu    sync.Mutex
	lines map[lineName]*line
}

// New gives a service without connections.
func New(cfg Config) *Service { return &Service{cfg: cfg, lines: map[lineName]*line{}} }

// Outcome is what came of asking one hook. It can only take away: see the
// package.
type Outcome struct {
	Hook    *config.Hook
	ID      string // of the question
	Took    time.Duration
	Failure Failure        // empty: it answered, and may say what it said
	Detail  string         // of a failure, in our words
	Removed []access.Scope // to be taken away, by its answer or for want of one
	Claims  map[string]any // by name; string, bool, int64 or []string
}

// Refuses tells whether there is no token for want of an answer.
func (o Outcome) Refuses() bool {
	return o.Failure != "" && o.Hook.OnFailure != config.HookWithout
}

// Ask asks hooks about a token, all at the same time, and waits for all. The
// outcomes are in the order of the hooks' names.
func (s *Service) Ask(ctx context.Context, q Question, hooks []*config.Hook) []Outcome {
	outcomes := make([]Outcome, len(hooks))
	var all sync.WaitGroup
	for i, h := range hooks {
		all.Go(func() { outcomes[i] = s.ask(ctx, q, h) })
	}
	all.Wait()
	slices.SortFunc(outcomes, func(a, b Outcome) int { return strings.Compare(a.Hook.Name, b.Hook.Name) })
	return outcomes
}

// ask asks one.
func (s *Service) ask(ctx context.Context, q Question, h *config.Hook) Outcome {
	began := time.Now() // how long it took is no time of day
	o := Outcome{Hook: h}
	r, err := s.put(h, q)
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "a hook cannot be asked", "hook", h.Name, "error", err)
		return o.failed(&fault{Unasked, "no question could be made"}, q)
	}
	o.ID = r.ID
	said, f := s.answer(ctx, q, h, r)
	o.Took = time.Since(began)
	if f != nil {
		return o.failed(f, q)
	}
	o.Removed, o.Claims = taken(q, said.remove), said.claims
	return o
}

// failed takes away all that the hook judges: no failure gives more than the
// hook could have left.
func (o Outcome) failed(f *fault, q Question) Outcome {
	o.Failure, o.Detail = f.Failure, f.detail
	o.Removed, o.Claims = q.JudgedBy(o.Hook), nil
	return o
}

// answer calls the hook by its line, if the line is open.
func (s *Service) answer(ctx context.Context, q Question, h *config.Hook, r request) (said answer, f *fault) {
	c := call{q.Env, q.Revision, h, func() (string, error) { return r.signed(q.Signer, s.cfg.Rand) }}
	f = s.converse(ctx, c, func(came reply) (f *fault) {
		if f = came.check(); f == nil {
			said, f = judge(came.body, r)
		}
		return f
	})
	return said, f
}

// converse sends one signed text and has what came back read, unless the hook is left
// alone.
func (s *Service) converse(ctx context.Context, c call, read func(reply) *fault) *fault {
	l := s.line(c.env, c.hook)
	pass, admitted := l.breaker.Admit(s.cfg.Now())
	if !admitted {
		return &fault{Suspended, "it was slow or away too often, and is left alone for some seconds"}
	}
	timed, cancel := context.WithTimeout(ctx, timeOf(c.hook))
	defer cancel()
	came, f := s.within(timed, ctx, c, l, pass)
	if f == nil {
		f = read(came)
	}
	if f != nil && f.silent() {
		l.breaker.Release(pass)
		return f
	}
	hung := ""
	if f != nil && f.hangs() {
		hung = string(f.Failure)
	}
	s.tell(ctx, c, l.breaker.Report(pass, hung, 0, s.cfg.Now()))
	return f
}

// timeOf is the time that a hook has for everything.
func timeOf(h *config.Hook) time.Duration {
	if d := h.Timeout.Std(); d > 0 && d < maxTime {
		return d
	}
	return maxTime
}

// call is one call under way.
type call struct {
	env      store.EnvironmentID
	revision int64
	hook     *config.Hook
	sign     func() (string, error)
}

// within waits for a place and calls.
func (s *Service) within(ctx, parent context.Context, c call, l *line, p breaker.Pass) (reply, *fault) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	case <-ctx.Done():
		if parent.Err() != nil {
			return reply{}, &fault{Abandoned, "who asked for the token hung up"}
		}
		return reply{}, &fault{Busy, "too many calls of this node were waiting for it"}
	}
	if !l.breaker.Stands(p) {
		return reply{}, &fault{Suspended, "it hung while this call waited for a place"}
	}
	token, err := c.sign()
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "a question cannot be signed", "hook", c.hook.Name, "error", err)
		return reply{}, &fault{Unasked, "the question could not be signed"}
	}
	return l.call(ctx, parent, token)
}

// suspension is the body of the events.
type suspension struct {
	Hook     string `json:"hook"`
	Revision int64  `json:"revision"`
}

// tell records that a hook is left alone, or asked again: once each.
func (s *Service) tell(ctx context.Context, c call, became breaker.Change) {
	kind := map[breaker.Change]audit.Type{breaker.Opened: audit.HookSuspended, breaker.Closed: audit.HookResumed}[became]
	if kind == "" {
		return
	}
	entry := audit.Entry{Type: kind, Actor: audit.System, Detail: suspension{c.hook.Name, c.revision}}
	if err := s.cfg.Audit.Record(context.WithoutCancel(ctx), c.env, entry); err != nil {
		s.cfg.Log.ErrorContext(ctx, "an event could not be recorded", "type", kind, "error", err)
	}
}
