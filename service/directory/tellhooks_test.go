package directory_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/hook"
	"sallyport/store"
)

// crm is a hook that is told of everything.
type crm struct {
	town *town
	n    int
	down error
}

func (c *crm) Prepare(moments ...hook.Moment) (events []store.HookEvent, err error) {
	for _, m := range moments {
		c.n++
		events = append(events, store.HookEvent{
			ID: fmt.Sprintf("%032x", c.n), Hook: "crm", Type: string(m.Point), Customer: m.Customer.ID, State: store.HookEventQueued,
			At: c.town.now, Due: c.town.now, Updated: c.town.now, Keep: c.town.now.AddDate(0, 0, 8),
		})
		if m.Env != c.town.live.ID || m.Snapshot == nil {
			c.town.t.Errorf("a moment of nowhere: %+v", m)
		}
	}
	return events, c.down
}

func (w *town) hooksHeard(id customer.ID) (types []string) {
	w.t.Helper()
	all, err := w.store.HookEvents(w.t.Context(), w.live.ID, store.HookEventPage{Limit: 100})
	w.ok(err)
	for _, e := range all {
		if e.Customer == id {
			types = append(types, e.Type)
		}
	}
	return types
}

func TestHooksAreToldOfAgreementsAndOfDetailsThatChanged(t *testing.T) {
	w := newTown(t)
	told := &crm{town: w}
	d := w.with(func(c *directory.Config) { c.Hooks = told })
	dana, lee := w.person("dana"), w.person("lee")
	own, ctx := audit.Customer(dana.String()), t.Context()
	said := []directory.Answer{
		{Kind: store.AgreedDocument, Document: "terms", Version: "1"}, {Kind: store.AgreedPurpose, Document: "tips", Version: "1", Refused: true},
	}
	w.ok(d.Agree(ctx, w.live, dana, said, own))
	w.is(d.Agree(ctx, w.live, dana, said, own), store.ErrExists) // at that very instant: nothing happened
	for _, refused := range []bool{false, true} {
		w.now = w.now.Add(time.Minute)
		w.ok(d.Agree(ctx, w.live, dana, []directory.Answer{{Kind: store.AgreedPurpose, Document: "tips", Version: "1", Refused: refused}}, own))
	}
	name := "Dana Reyes"
	for range 2 { // the second time there is nothing to change
		_, err := d.ChangeOwn(ctx, w.live, dana, directory.OwnPatch{Name: &name})
		w.ok(err)
	}
	groups := []string{"solar"}
	_, err := d.Change(ctx, w.live, dana, directory.Patch{Groups: &groups}, rita)
	w.ok(err)
	want := []string{"agreement.given", "agreement.refused", "agreement.given", "agreement.withdrawn", "agreement.refused", "profile.changed", "profile.changed"}
	if got := w.hooksHeard(dana); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}

	// What cannot be told did not happen.
	told.down = errors.New("no randomness")
	w.is(d.Agree(ctx, w.live, lee, said, own), told.down)
	_, err = d.ChangeOwn(ctx, w.live, lee, directory.OwnPatch{Name: &name})
	w.is(err, told.down)
	if all, err := d.Agreements(ctx, w.live.ID, lee); err != nil || len(all) != 0 || w.hooksHeard(lee) != nil {
		t.Errorf("kept %+v, %v", all, err)
	}
}
