package signin

import (
	"context"
	"fmt"
	"net/url"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Task is what one step of a journey asks for, such as the acceptance of documents. It
// is told of customers who have proved who they are, and of nobody else. It is safe for
// concurrent use.
type Task interface {
	// Look tells whether anything is left to do, by what is stored about the customer
	// alone, and gives what the page is to show.
	Look(ctx context.Context, w *Walk) (found journey.Found, shown any, err error)
	// Do does the task with what the form brought. What it stores it gives to
	// [Walk.Write]. An answer other than a match stores nothing.
	Do(ctx context.Context, w *Walk, form url.Values) (journey.Performed, error)
}

// Walk is one customer at one task of a journey.
type Walk struct {
	Live        *environment.Live
	Snapshot    *config.Snapshot
	Step        config.StepSpec
	Purpose     journey.Purpose
	Customer    customer.Customer
	Application string // that they sign in to; empty: the account pages
	Registering bool   // they have not finished their registration
	Leftover    bool   // the step is one of that registration
	Language    string // that their browser prefers; may be empty

	run *run
}

// Write has something stored in the transaction that takes the customer on: with the
// row of their journey or with the start of their session, or not at all. It may run
// again if the transaction does. If the journey was taken on in another tab meanwhile,
// or write gives [store.ErrConflict], nothing is stored and the customer is shown where
// they are now.
func (w *Walk) Write(write func(ctx context.Context, tx store.Tx) error) {
	w.run.writes = append(w.run.writes, write)
}

// Show is what the page shows instead of what Look gave, such as what was typed and
// what is wrong with it.
func (w *Walk) Show(what any) { w.run.shown = what }

// Became tells that a write changes the customer, who is at the version that c had
// before.
func (w *Walk) Became(c customer.Customer) {
	c.Version++
	w.run.person.Customer, w.Customer = c, c
}

// Event is an event of the ledger that the customer causes.
func (w *Walk) Event(kind audit.Type, detail any) store.Event { return w.run.told(kind, detail) }

// told is an event that whoever proved who they are causes.
func (r *run) told(kind audit.Type, detail any) store.Event {
	id := r.person.Customer.ID.String()
	return r.cfg.Audit.Event(audit.Entry{
		At: r.cfg.Now(), Type: kind, Actor: audit.Customer(id), Application: r.ticket.Application, Customer: id,
		Detail: detail, Personal: r.personal(),
	})
}

// walkOf is what a task is told of the customer.
func (r *run) walkOf(ctx context.Context, step string) (*Walk, error) {
	registering, err := r.registering(ctx)
	if err != nil {
		return nil, err
	}
	return &Walk{
		Live: r.live, Snapshot: r.snapshot, Step: r.set.Spec(r.journey, step), Purpose: r.journey.Purpose(), Customer: r.person.Customer,
		Application: r.ticket.Application, Registering: registering != nil, Language: r.language(), run: r,
	}, nil
}

// task finds who does what a step asks for.
func (s *Service) task(ask journey.Ask) (Task, error) {
	task, known := s.tasks[ask]
	if !known {
		return nil, fmt.Errorf("nobody does the task %q", ask)
	}
	return task, nil
}

// consult looks up whether a task is left to do.
func (r *run) consult(ctx context.Context, effect journey.Consult) (journey.Event, error) {
	r.shown = nil
	w, err := r.walkOf(ctx, effect.Step)
	if err != nil {
		return nil, err
	}
	if effect.Leftover && !w.Registering {
		return journey.Found{}, nil
	}
	w.Leftover = effect.Leftover
	if effect.Ask == journey.Verify {
		return r.lookVerified(ctx)
	}
	task, err := r.task(effect.Ask)
	if err != nil {
		return nil, err
	}
	found, shown, err := task.Look(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("looking what is left to do at %s: %w", effect.Step, err)
	}
	r.shown = shown
	return found, nil
}

// do does a task.
func (r *run) do(ctx context.Context, effect journey.Perform) (journey.Event, error) {
	if effect.Ask == journey.Verify {
		return r.verify(ctx)
	}
	task, err := r.task(effect.Ask)
	if err != nil {
		return nil, err
	}
	w, err := r.walkOf(ctx, effect.Step)
	if err != nil {
		return nil, err
	}
	before := len(r.writes)
	performed, err := task.Do(ctx, w, r.form)
	if err != nil {
		return nil, fmt.Errorf("doing %s: %w", effect.Step, err)
	}
	if performed.Verdict != journey.Match {
		r.writes = r.writes[:before]
	}
	return performed, nil
}

// skip notes that a task was passed over.
func (r *run) skip(ctx context.Context, effect journey.Skip) error {
	event := r.told(audit.StepSkipped, stepDetail{r.journey.Name(), effect.Step, effect.Ask})
	r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error { return tx.Audit(ctx, event) })
	if effect.Ask == journey.TOTP {
		return r.putOff(ctx)
	}
	return nil
}

type stepDetail struct {
	Journey string      `json:"journey"`
	Step    string      `json:"step"`
	Ask     journey.Ask `json:"ask"`
}

// furnishTask makes what the page of a task shows, where that was not looked up just now.
func (r *run) furnishTask(ctx context.Context, page *journey.ShowPage) error {
	ask := journey.Ask(page.Page)
	task, known := r.tasks[ask]
	if !known || !r.state.Proven() {
		return nil
	}
	if r.shown == nil {
		w, err := r.walkOf(ctx, page.Name)
		if err != nil {
			return err
		}
		if _, r.shown, err = task.Look(ctx, w); err != nil {
			return fmt.Errorf("looking what %s shows: %w", page.Name, err)
		}
	}
	r.answer.Shown = r.shown
	return nil
}

// written does what tasks gave to be stored.
func (r *run) written(ctx context.Context, tx store.Tx) error {
	for _, write := range r.writes {
		if err := write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
