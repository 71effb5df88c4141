package intake_test

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/store"
)

// world is a ledger and what ought to be in it.
type world struct {
	t     *testing.T
	store store.Store
	svc   *intake.Service
	model map[string]*record // by key; none: the ledger knows nothing
	runs  []string
	name  map[string]string // at the source
	// beside is done before the next batch of a run, once; nil: nothing.
	beside func()
}

// passes is told the points of the service.
func (w *world) passes(point string) {
	if point == intake.BeforeBatch && w.beside != nil {
		w.beside()
	}
}

// record is where a record ought to be.
type record struct {
	state store.RecordState
	way   store.RecordWay
	run   string // that made the customer
	acted bool   // somebody did something here
	name  string // here
	kept  bool   // changed here
}

const modelKeys = 12

func key(n int) string { return fmt.Sprint(n) }

// file is an export of some keys as the source has them now.
func (w *world) file(keys []int) string {
	text := header
	for _, n := range keys {
		text += row(n, set("name", w.name[key(n)]))
	}
	return text
}

// imports is a bulk import of some keys, while somebody comes by themselves.
func (w *world) imports(keys []int, beside int) {
	w.beside = func() {
		w.beside = nil
		w.comes(beside)
		w.sums()
	}
	report, err := w.svc.Import(w.t.Context(), intake.Request{Env: env, Plan: plan(w.t), Source: source(w.file(keys))})
	w.beside = nil
	if err != nil {
		w.t.Fatal(err)
	}
	if report.Run != "" {
		w.runs = append(w.runs, report.Run)
	}
	for _, n := range keys {
		r := w.model[key(n)]
		switch {
		case r == nil, r.state == store.RecordPending:
			w.model[key(n)] = &record{state: store.RecordImported, way: store.WayBulk, run: report.Run, name: w.name[key(n)]}
		case r.state == store.RecordImported && !r.kept:
			r.name = w.name[key(n)]
		}
	}
}

// comes is one person who signs in at the earlier system.
func (w *world) comes(n int) {
	_, err := w.svc.Admit(w.t.Context(), arrival(w.t, key(n), set("name", w.name[key(n)])))
	r := w.model[key(n)]
	if r != nil && r.state == store.RecordErased {
		var held *intake.HeldError
		if !errors.As(err, &held) || held.Reason != intake.Erased {
			w.t.Fatalf("%d came back: %v", n, err)
		}
		return
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if r == nil || r.state == store.RecordPending {
		w.model[key(n)] = &record{state: store.RecordImported, way: store.WayJIT, acted: true, name: w.name[key(n)]}
	}
}

func (w *world) undoes(run string) {
	dry, err := w.svc.Undo(w.t.Context(), intake.UndoRequest{Env: env, Migration: "meterman", Run: run, DryRun: true})
	if errors.Is(err, intake.ErrNotUndoable) {
		return
	}
	if err != nil {
		w.t.Fatal(err)
	}
	removed := int64(0)
	for _, r := range w.model {
		if r.state == store.RecordImported && r.way == store.WayBulk && r.run == run && !r.acted {
			*r = record{state: store.RecordPending}
			removed++
		}
	}
	report, err := w.svc.Undo(w.t.Context(), intake.UndoRequest{Env: env, Migration: "meterman", Run: run})
	if err != nil || report.Removed != removed || dry.Removed != removed {
		w.t.Fatalf("undo of %s removes %d, foretold %d, want %d: %v", run, report.Removed, dry.Removed, removed, err)
	}
}

// person is who a record became.
func (w *world) person(n int) (customer.Customer, bool) {
	p, err := w.store.PersonByIdentifier(w.t.Context(), env, customer.Username, "customer."+key(n))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	return p.Customer, err == nil
}

// changes is somebody who gives themselves another name here.
func (w *world) changes(n int) {
	r := w.model[key(n)]
	if r == nil || r.state != store.RecordImported {
		return
	}
	c, _ := w.person(n)
	c.Name = "Their own " + key(n)
	log := audit.New(w.store, c.Updated.UTC, nil)
	if err := w.store.Write(w.t.Context(), env, func(tx store.Tx) error {
		if err := tx.UpdateCustomer(w.t.Context(), c); err != nil {
			return err
		}
		id := c.ID.String()
		return tx.Audit(w.t.Context(), log.Event(audit.Entry{At: c.Updated.AddDate(0, 0, 1), Type: audit.CustomerChanged, Actor: audit.Customer(id), Customer: id}))
	}); err != nil {
		w.t.Fatal(err)
	}
	r.acted, r.kept, r.name = true, true, c.Name
}

func (w *world) erases(n int) {
	r := w.model[key(n)]
	if r == nil || r.state != store.RecordImported {
		return
	}
	c, _ := w.person(n)
	if _, err := w.svc.Erase(w.t.Context(), env, c.ID); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.Write(w.t.Context(), env, func(tx store.Tx) error { return tx.RemoveCustomer(w.t.Context(), c.ID, c.Version) }); err != nil {
		w.t.Fatal(err)
	}
	*r = record{state: store.RecordErased, way: r.way}
}

// sums holds the ledger's two counts to each other at any moment.
func (w *world) sums() {
	counts, err := w.store.RecordCounts(w.t.Context(), env, "meterman")
	if err != nil {
		w.t.Fatal(err)
	}
	ways, err := w.store.RecordWays(w.t.Context(), env, "meterman")
	if err != nil {
		w.t.Fatal(err)
	}
	for at, n := range ways {
		counts[at.State] -= n
		if n < 0 {
			w.t.Fatalf("%d records are %s by %s", n, at.State, at.Way)
		}
	}
	for state, n := range counts {
		if n != 0 {
			w.t.Fatalf("%d records that are %s came no way: %v", n, state, ways)
		}
	}
}

// holds compares everything.
func (w *world) holds() {
	w.sums()
	want := map[store.StateWay]int64{}
	for k, r := range w.model {
		way := r.way
		if r.state == store.RecordPending {
			way = ""
		}
		want[store.StateWay{State: r.state, Way: way}]++
		var n int
		fmt.Sscan(k, &n)
		if c, here := w.person(n); here != (r.state == store.RecordImported) || here && c.Name != r.name {
			w.t.Fatalf("%s is here %v as %q, want %+v", k, here, c.Name, *r)
		}
	}
	ways, err := w.store.RecordWays(w.t.Context(), env, "meterman")
	if err != nil || fmt.Sprint(ways) != fmt.Sprint(want) {
		w.t.Fatalf("the ledger has %v, want %v, %v", ways, want, err)
	}
}

// Whatever comes in whatever order: imports of any part of the source, newer ones,
// people who come by themselves, who change something here or are erased, and runs
// that are undone. At each step the ledger is what a simple list would be.
func TestTheLedgerIsWhatASimpleListWouldBe(t *testing.T) {
	lives := 0
	rapid.Check(t, func(r *rapid.T) {
		// Each life writes to a disk. Whoever wants more of them asks for more.
		if lives++; lives > 20 && flag.Lookup("rapid.checks").Value.String() == "100" {
			return
		}
		s := openAt(t, filepath.Join(t.TempDir(), "store.db"))
		defer s.Close()
		w := &world{t: t, store: s, model: map[string]*record{}, name: map[string]string{}}
		w.svc = service(s, func(c *intake.Config) { c.Crash = w.passes })
		for n := range modelKeys {
			w.name[key(n)] = "Customer " + key(n)
		}
		one := rapid.IntRange(0, modelKeys-1)
		r.Repeat(map[string]func(*rapid.T){
			"import": func(r *rapid.T) {
				w.imports(rapid.SliceOfNDistinct(one, 1, modelKeys, rapid.ID).Draw(r, "keys"), one.Draw(r, "beside"))
			},
			"come":   func(r *rapid.T) { w.comes(one.Draw(r, "key")) },
			"change": func(r *rapid.T) { w.changes(one.Draw(r, "key")) },
			"erase":  func(r *rapid.T) { w.erases(one.Draw(r, "key")) },
			"source": func(r *rapid.T) {
				w.name[key(one.Draw(r, "key"))] = rapid.SampledFrom([]string{"Tui", "Kea", "Ruru"}).Draw(r, "name")
			},
			"undo": func(r *rapid.T) {
				if len(w.runs) > 0 {
					w.undoes(rapid.SampledFrom(w.runs).Draw(r, "run"))
				}
			},
			"": func(*rapid.T) { w.holds() },
		})
	})
}
