package admin

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/service/verify"
)

// pass is who asks by the network, and by which token.
type pass struct {
	who       operator.Operator
	token     *verify.Token
	operation string    // that the pass was shown for
	demands   []demand  // what it had to be good for
	seen      time.Time // when it was found to be
	// again asks once more whether the token and the operator are good.
	again func(context.Context) (*pass, error)
}

// demand is something that a pass must be good for, and where.
type demand struct {
	right
	at operator.Place
}

// passKey is the context's key of the pass.
type passKey struct{}

// passOf gives the pass of a request; nil on the control socket.
func passOf(ctx context.Context) *pass {
	p, _ := ctx.Value(passKey{}).(*pass)
	return p
}

// guard lets a request through to a route if its pass allows that. It stands
// before anything of the request but the path is looked at.
func (a *api) guard(operation string, need right) func(huma.Context, func(huma.Context)) {
	return func(h huma.Context, next func(huma.Context)) {
		if !a.guarded {
			next(h)
			return
		}
		p := passOf(h.Context())
		if p == nil { // whoever serves this forgot to ask; so nobody gets in
			a.answer(h, problem(SignInNeeded, ""))
			return
		}
		shown := *p
		shown.operation, shown.seen = operation, a.cfg.Now()
		ctx := context.WithValue(h.Context(), passKey{}, &shown)
		at := operator.Place{
			Tenant: h.Param("tenant"), Environment: h.Param("environment"), Server: h.Param("server"), Application: h.Param("application"),
		}
		if err := a.demand(ctx, demand{need, at}); err != nil {
			a.answer(h, err)
			return
		}
		next(huma.WithContext(h, ctx))
	}
}

// spare keeps one operator from filling the memory with large bodies, which are
// read as a whole. Most is the route's own bound; 0 is a small one.
func (a *api) spare(most int64) func(huma.Context, func(huma.Context)) {
	return func(h huma.Context, next func(huma.Context)) {
		if p := passOf(h.Context()); p != nil && most > 0 {
			if !a.trees.enter(p.who.ID) {
				a.answer(h, problem(Crowded, ""))
				return
			}
			defer a.trees.leave(p.who.ID)
		}
		next(h)
	}
}

// demand refuses a pass that is not good for something, and remembers what it
// was good for: see renewed.
func (a *api) demand(ctx context.Context, d demand) *Problem {
	p := passOf(ctx)
	if refused := a.admit(p, d.right, d.at); refused != nil {
		return a.recordRefusal(ctx, refused, d.action, d.at)
	}
	p.demands = append(p.demands, d)
	return nil
}

// renewed asks once more whether the pass of a request is good for all that was
// demanded of it, and gives a context with the pass as it is now.
func (a *api) renewed(ctx context.Context) (context.Context, error) {
	before := passOf(ctx)
	if before == nil {
		return ctx, a.unguarded()
	}
	found, err := before.again(ctx)
	if err != nil {
		return ctx, err
	}
	now := *before
	now.who, now.token, now.seen = found.who, found.token, a.cfg.Now()
	for _, d := range now.demands {
		if refused := a.admit(&now, d.right, d.at); refused != nil {
			return ctx, a.recordRefusal(ctx, refused, d.action, d.at)
		}
	}
	return context.WithValue(ctx, passKey{}, &now), nil
}

// punctual renews the pass of a request whose body was long in coming: whoever
// holds the end of it back must not do later what they may no longer do.
func (a *api) punctual(ctx context.Context) (context.Context, error) {
	p, now := passOf(ctx), a.cfg.Now()
	switch {
	case p == nil || now.Sub(p.seen) < attendEvery:
		return ctx, nil
	case !now.Before(p.token.Expires):
		return ctx, invalid("the access token is not good: " + string(verify.Expiry))
	}
	return a.renewed(ctx)
}

// admit decides whether a pass is good for an action at a place. Where its
// holder has no role, there is nothing.
func (a *api) admit(p *pass, need right, at operator.Place) *Problem {
	if scope := ScopeOf(need.action); scope == "" || !p.token.Holds(scope) {
		refused := problem(ScopeMissing, scope)
		refused.challenge = `Bearer error="insufficient_scope", scope="` + scope + `"`
		return refused
	}
	if at.Environment != "" && !a.exists(p.who, need.action, at) {
		return problem(NoEnvironment, "")
	}
	may := p.who.May
	if need.reach != there {
		may = p.who.MaySome
	}
	if !may(need.action, at) {
		return problem(NotAllowed, string(need.action)+" at "+at.String())
	}
	return nil
}

// exists tells whether there is such an environment, for this operator.
func (a *api) exists(who operator.Operator, action operator.Action, at operator.Place) bool {
	live, found := a.cfg.Registry.ByName(at.Tenant, at.Environment)
	if !found || live.System() && !slices.Contains(ofSystem, action) {
		return false
	}
	return who.MaySome(operator.SeeOverview, operator.Place{Tenant: at.Tenant, Environment: at.Environment})
}

// also demands one more action than the route's, where a request asks for more
// than the path tells.
func (a *api) also(ctx context.Context, action operator.Action, at operator.Place) error {
	if passOf(ctx) == nil {
		return a.unguarded()
	}
	if refused := a.demand(ctx, demand{right{action, there}, at}); refused != nil {
		return refused
	}
	return nil
}

// sees tells whether to show what an action shows; it refuses nothing.
func (a *api) sees(ctx context.Context, action operator.Action, at operator.Place) bool {
	p := passOf(ctx)
	if p == nil {
		return !a.guarded
	}
	return a.admit(p, right{action, there}, at) == nil
}

// unguarded is nil where nobody needs a pass.
func (a *api) unguarded() error {
	if a.guarded {
		return problem(SignInNeeded, "")
	}
	return nil
}

// place is what a request of an environment is about.
func (p Place) place() operator.Place {
	return operator.Place{Tenant: p.Tenant, Environment: p.Environment}
}

// server is one authorization server of the environment.
func (p Place) server(name string) operator.Place {
	return operator.Place{Tenant: p.Tenant, Environment: p.Environment, Server: name}
}

// refusalDetail is what the ledger keeps of a refusal.
type refusalDetail struct {
	Operation string          `json:"operation"`
	Action    operator.Action `json:"action"`
	Place     string          `json:"place"`
}

// recordRefusal keeps that an operator was refused, and gives the refusal the
// reference by which the event is found.
func (a *api) recordRefusal(ctx context.Context, refused *Problem, action operator.Action, at operator.Place) *Problem {
	p := passOf(ctx)
	reference := a.cfg.Audit.NewTrace()
	err := a.cfg.Audit.Record(ctx, a.system().ID, audit.Entry{
		Type: audit.ManagementRefused, Actor: p.who.Actor(), Customer: p.who.ID.String(), Result: string(refused.Code), Trace: reference,
		Detail: refusalDetail{p.operation, action, at.String()},
	})
	if err != nil { // it is refused all the same
		a.cfg.Log.Error("refusal could not be recorded", "error", err)
		return refused
	}
	refused.Reference = reference
	return refused
}

// answer writes a refusal before the route has begun.
func (a *api) answer(h huma.Context, p *Problem) {
	for name, values := range p.GetHeaders() {
		h.SetHeader(name, strings.Join(values, ", "))
	}
	h.SetHeader("Content-Type", p.ContentType(""))
	h.SetStatus(p.Status)
	if err := json.NewEncoder(h.BodyWriter()).Encode(p); err != nil {
		a.cfg.Log.Log(h.Context(), slog.LevelDebug, "answer not taken", "error", err)
	}
}
