package signin

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/funnel"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/hook"
	"sallyport/store"
)

// Points are services of the tenant's own, asked and told at points of journeys:
// hook.Points has them.
type Points interface {
	Asks(s *config.Snapshot, at config.Point) bool
	Ask(ctx context.Context, m hook.Moment) (*hook.Veto, error)
	Prepare(moments ...hook.Moment) ([]store.HookEvent, error)
}

// Observer is told what customers did at the steps of journeys: footfall.Service has it.
// It must not wait for anything.
type Observer interface {
	Observe(env store.EnvironmentID, v funnel.Visit)
}

// vetoed is that somebody may not go on, for a service of the tenant's own.
type vetoed struct {
	hook.Veto
	point config.Point
}

// Error tells who said no.
func (v *vetoed) Error() string { return fmt.Sprintf("the hook %s says no at %s", v.Hook, v.point) }

// moment is where the customer is.
func (r *run) moment(at config.Point, methods []string) hook.Moment {
	return hook.Moment{
		Env: r.live.ID, Snapshot: r.snapshot, Point: at, Journey: r.journey.Name(), Application: r.ticket.Application,
		Customer: r.person.Customer, Methods: methods, Known: r.device.knows(r.person.Customer),
	}
}

// askAt asks whether the customer may go on at a point; a *vetoed if not.
func (r *run) askAt(ctx context.Context, at config.Point, methods []string) error {
	if r.cfg.Points == nil || !r.cfg.Points.Asks(r.snapshot, at) {
		return nil
	}
	veto, err := r.cfg.Points.Ask(ctx, r.moment(at, methods))
	if err == nil && veto != nil {
		err = &vetoed{*veto, at}
	}
	return err
}

// tellAt has hooks told of points, in the transaction of what happened there.
func (r *run) tellAt(ctx context.Context, tx store.Tx, methods []string, points ...config.Point) error {
	if r.cfg.Points == nil {
		return nil
	}
	moments := make([]hook.Moment, len(points))
	for i, at := range points {
		moments[i] = r.moment(at, methods)
	}
	events, err := r.cfg.Points.Prepare(moments...)
	if err != nil {
		return err
	}
	return hook.Put(ctx, tx, events)
}

// did does a task. An account is claimed only if nobody has anything against it.
func (r *run) did(ctx context.Context, effect journey.Perform) (journey.Event, error) {
	event, err := r.do(ctx, effect)
	done, is := event.(journey.Performed)
	if err != nil || !is || done.Verdict != journey.Match || effect.Ask != journey.Claim {
		return event, err
	}
	r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error {
		return r.tellAt(ctx, tx, nil, config.AccountClaim)
	})
	return event, r.askAt(ctx, config.AccountClaim, nil)
}

// finish starts a session, if nobody has anything against it. Who did not finish their
// registration is asked about as such, by whatever way they come in, so that none is a way
// round a veto.
func (r *run) finish(ctx context.Context, effect journey.StartSession) error {
	if err := r.startAsked(ctx, effect); err != nil || r.journey.Purpose() != journey.Recovery {
		return err
	}
	return r.showRecent(ctx)
}

// startAsked starts a session, if hooks let it.
func (r *run) startAsked(ctx context.Context, effect journey.StartSession) error {
	if r.cfg.Points == nil {
		return r.startSession(ctx, effect)
	}
	mark, err := r.registering(ctx)
	if err != nil {
		return err
	}
	var asked, told []config.Point
	if mark != nil {
		asked = append(asked, config.RegistrationFinish)
		if r.journey.Purpose() != journey.Recovery {
			told = append(told, config.RegistrationFinish)
		}
	}
	switch r.journey.Purpose() {
	case journey.SignIn:
		asked, told = append(asked, config.SignInFinish), append(told, config.SignInFinish)
	case journey.Recovery:
		asked, told = append(asked, config.RecoveryFinish), append(told, config.RecoveryFinish)
	}
	for _, at := range asked {
		if err := r.askAt(ctx, at, effect.Methods); err != nil {
			return err
		}
	}
	r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error {
		return r.tellAt(ctx, tx, effect.Methods, told...)
	})
	return r.startSession(ctx, effect)
}

type vetoDetail struct {
	Journey  string       `json:"journey"`
	Point    config.Point `json:"point"`
	Hook     string       `json:"hook"`
	Question string       `json:"question,omitempty"`
}

// heed shows whoever may not go on a page, and does nothing else: what they had proved
// before this visit stays, and the try is theirs again, since what they gave was right.
func (r *run) heed(ctx context.Context, err error) error {
	var v *vetoed
	if !errors.As(err, &v) {
		return err
	}
	id := r.person.Customer.ID.String()
	reference := r.cfg.Audit.NewTrace()
	r.answer = Answer{
		Application: r.ticket.Application, Languages: r.ticket.Languages, Purpose: r.journey.Purpose(), Cookies: r.answer.Cookies, Reference: reference,
		Page: &journey.ShowPage{Page: journey.OverPage}, Veto: v.Message,
	}
	result := v.Reason
	if v.Failure != "" {
		result = string(v.Failure)
	}
	entry := audit.Entry{
		Type: audit.HookVetoed, Actor: audit.Customer(id), Application: r.ticket.Application, Customer: id, Result: result, Trace: reference,
		Detail: vetoDetail{r.journey.Name(), v.point, v.Hook, v.ID}, Personal: r.personal(),
	}
	if err := r.cfg.Audit.Record(ctx, r.live.ID, entry); err != nil {
		return err
	}
	r.observe(r.watch.Refuse())
	if len(r.reserved) == 0 {
		return nil
	}
	return r.giveBack(ctx)
}

// observe tells the observer what was seen.
func (r *run) observe(seen []funnel.Observation) {
	if r.cfg.Observer == nil || len(seen) == 0 {
		return
	}
	r.cfg.Observer.Observe(r.live.ID, funnel.Visit{
		Journey: r.journey.Name(), Brand: r.snapshot.BrandOf(r.snapshot.Applications[r.ticket.Application]).Name, Application: r.ticket.Application,
		Known: len(r.device.customers) > 0, Flow: r.flow(), Seen: seen,
	})
}
