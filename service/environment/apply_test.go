package environment_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

func TestAnAppliedTreeIsLiveAndDurableBeforeApplyReturns(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	if live.Snapshot() != nil {
		t.Fatal("an environment without revision has a snapshot")
	}
	w.apply(r, live, w.release(1), 0)
	s := live.Snapshot()
	if releaseOf(t, live) != 1 || s.Revision != 1 || s.Digest != w.release(1).Digest() {
		t.Fatalf("live is %+v", s)
	}
	stored, err := w.store.Revision(w.ctx, live.ID, 0)
	w.must(err)
	if stored.Number != 1 || stored.Author != "robin" || stored.Message != "release" || stored.BreakGlass != "" || !stored.Created.Equal(w.now) {
		t.Fatalf("stored is %+v", stored)
	}
	if events := w.events(live.ID, audit.RevisionApplied); len(events) != 1 || events[0].Actor != "operator/robin" || events[0].Result != audit.OK {
		t.Fatalf("events are %+v", events)
	}
	w.store.loads.Store(0)
	w.must(w.started().Fresh())
	if n := w.store.loads.Load(); n != 1 {
		t.Errorf("a start read %d revisions, want the newest alone", n)
	}
}

func TestApplyingTheSameTreeAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.apply(r, live, w.release(1), 0)
	for _, base := range []int64{0, 1, 7} {
		number, applied, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: w.release(1), Base: base, Author: "robin"})
		if number != 1 || applied || err != nil {
			t.Fatalf("on base %d: revision %d, applied %v, %v", base, number, applied, err)
		}
	}
	if events := w.events(live.ID, "revision."); len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
	// A node that has not heard of it yet serves it too before it returns.
	other := w.node()
	w.must(other.Start(w.ctx))
	w.apply(r, live, w.release(2), 1)
	late, _ := other.ByID(live.ID)
	_, applied, err := other.Apply(w.ctx, live.ID, environment.Change{Tree: w.release(2), Base: 1, Author: "kim"})
	if err != nil || applied || releaseOf(t, late) != 2 {
		t.Errorf("applied %v, %v, live is release %d", applied, err, releaseOf(t, late))
	}
}

func TestAChangeMadeOnAnOlderRevisionIsRefusedAndRecorded(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.apply(r, live, w.release(1), 0)
	w.apply(r, live, w.release(2), 1)
	for _, base := range []int64{0, 1, 3} {
		_, applied, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: w.release(3), Base: base, Author: "kim"})
		w.is(err, environment.ErrDrift)
		if applied || releaseOf(t, live) != 2 {
			t.Fatalf("applied %v, live is release %d", applied, releaseOf(t, live))
		}
	}
	events := w.events(live.ID, audit.RevisionRefused)
	if len(events) != 3 || events[0].Result != "drift" || events[0].Actor != "operator/kim" {
		t.Fatalf("events are %+v", events)
	}
}

func TestOfTwoChangesOnOneBaseAtTheSameMomentOneWins(t *testing.T) {
	w := newWorld(t)
	nodes := []*environment.Registry{w.started(), w.node()}
	live := w.production(nodes[0])
	w.must(nodes[1].Start(w.ctx))
	for round := range 10 {
		errs := make([]error, len(nodes))
		var all sync.WaitGroup
		for i, r := range nodes {
			all.Go(func() {
				tree := w.release(10*round + i + 1)
				_, _, errs[i] = r.Apply(w.ctx, live.ID, environment.Change{Tree: tree, Base: int64(round), Author: "robin"})
			})
		}
		all.Wait()
		won, lost := 0, 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case errors.Is(err, environment.ErrDrift):
				lost++
			}
		}
		if won != 1 || lost != 1 {
			t.Fatalf("round %d: %v", round, errs)
		}
		if refusals := w.events(live.ID, audit.RevisionRefused); len(refusals) != round+1 {
			t.Fatalf("round %d: %d refusals recorded", round, len(refusals))
		}
	}
}

func TestAProtectionIsOverriddenOnlyWithAReasonAndBothAreRecorded(t *testing.T) {
	protects := func(n, text string) string {
		return strings.ReplaceAll(strings.Replace(treeText, "production: {", "production: {"+text, 1), "N", n)
	}
	for _, test := range []struct {
		name          string
		created       bool
		first, second string
	}{
		{"an environment that was created protected", true, protects("1", ""), protects("2", "")},
		{"one that its configuration protects", false, protects("1", "protected: true, "), protects("2", "protected: true, ")},
		{"one whose protection the change would end", false, protects("1", "protected: true, "), protects("2", "")},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.started()
			live, err := r.Create(w.ctx, "harbourlight", "production", test.created, "robin")
			w.must(err)
			first := environment.Change{Tree: w.tree(test.first), Author: "robin", BreakGlass: "not needed"}
			if _, _, err := r.Apply(w.ctx, live.ID, first); err != nil {
				t.Fatalf("the first revision protects nothing yet: %v", err)
			}
			change := environment.Change{Tree: w.tree(test.second), Base: 1, Author: "robin"}
			_, _, err = r.Apply(w.ctx, live.ID, change)
			w.is(err, environment.ErrProtected)
			if releaseOf(t, live) != 1 {
				t.Fatal("the refused tree is live")
			}
			if events := w.events(live.ID, audit.RevisionRefused); len(events) != 1 || events[0].Result != "protected" {
				t.Fatalf("refusals are %+v", events)
			}
			change.BreakGlass = "the storm took the office"
			if _, applied, err := r.Apply(w.ctx, live.ID, change); !applied || err != nil {
				t.Fatal(err)
			}
			var reasons []string
			for _, e := range w.events(live.ID, audit.RevisionApplied) {
				var body struct{ Detail map[string]any }
				w.must(json.Unmarshal(e.Body, &body))
				reasons = append(reasons, body.Detail["break_glass"].(string))
			}
			if len(reasons) != 2 || reasons[0] != change.BreakGlass || reasons[1] != "" {
				t.Errorf("recorded reasons are %q", reasons)
			}
			stored, err := w.store.Revision(w.ctx, live.ID, 2)
			w.must(err)
			if stored.BreakGlass != change.BreakGlass {
				t.Errorf("the revision keeps %q", stored.BreakGlass)
			}
		})
	}
}

func TestAChangeUnprotectsNothingThatNobodyCanRead(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.plant(live.ID, 0, "junk")
	_, _, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: w.release(2), Base: 1, Author: "robin"})
	w.is(err, environment.ErrProtected)
	_, _, err = r.Apply(w.ctx, live.ID, environment.Change{Tree: w.release(2), Base: 1, Author: "robin", BreakGlass: "repair"})
	w.must(err)
	if releaseOf(t, live) != 2 {
		t.Error("not repaired")
	}
}

func TestAnInvalidTreeIsRefusedWithAllItsProblems(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	wrong := w.tree(strings.NewReplacer("[my-account]", "[nobody]", "any: [residents]", "any: [strangers]", "N", "1").Replace(treeText))
	_, _, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: wrong, Author: "robin"})
	var invalid *environment.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	text := config.Render(invalid.Problems, nil)
	if !strings.Contains(text, "nobody") || !strings.Contains(text, "strangers") || !strings.Contains(err.Error(), "2 problem(s)") {
		t.Errorf("%v:\n%s", err, text)
	}
	if _, err := r.Plan(w.ctx, live.ID, wrong); !errors.As(err, &invalid) {
		t.Errorf("planning it: %v", err)
	}
	if live.Snapshot() != nil {
		t.Error("it is live")
	}
	if _, err := w.store.Revision(w.ctx, live.ID, 0); !errors.Is(err, store.ErrNotFound) {
		t.Error("it is stored")
	}
}

func TestAnEnvironmentThatIsNotThereTakesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	_, _, err := r.Apply(w.ctx, 99, environment.Change{Tree: w.release(1)})
	w.is(err, environment.ErrNoEnvironment)
	_, err = r.Plan(w.ctx, 99, w.release(1))
	w.is(err, environment.ErrNoEnvironment)
}

func TestAnAddressBelongsToOneEnvironmentOfTheInstallation(t *testing.T) {
	for _, test := range []struct {
		name, url, gateway string
		refused            bool
	}{
		{"the pages of another", "https://id.harbourlight.example", "https://api.orchard.example", true},
		{"the gateway of another as pages", "https://api.harbourlight.example", "https://api.orchard.example", true},
		{"the gateway of another", "https://id.orchard.example", "https://api.harbourlight.example", true},
		{"an issuer of another", "https://id.harbourlight.example/apps", "https://api.orchard.example", true},
		{"below an issuer of another", "https://id.harbourlight.example/apps/x", "https://api.orchard.example", true},
		{"a path that is no issuer", "https://id.harbourlight.example/appsy", "https://api.orchard.example", false},
		{"a host of its own", "https://id.orchard.example", "https://api.orchard.example", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.started()
			w.apply(r, w.production(r), w.release(1), 0)
			other, err := r.Create(w.ctx, "orchard", "production", false, "robin")
			w.must(err)
			text := "kind: tenant\nname: orchard\nenvironments: {production: {url: \"" + test.url + "\", gateway: \"" + test.gateway + "\"}}\n"
			_, _, err = r.Apply(w.ctx, other.ID, environment.Change{Tree: w.tree(text), Author: "robin"})
			var invalid *environment.InvalidError
			if refused := errors.As(err, &invalid); refused != test.refused || err != nil && !refused {
				t.Fatal(err)
			}
			if test.refused && invalid.Problems[0].Code != config.EnvironmentURLTaken {
				t.Error(invalid)
			}
		})
	}
}

func TestCreateTakesNamesThatATreeCanSay(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	long := strings.Repeat("a", 63)
	for _, name := range []string{"a", "a1", "north-east-2", long} {
		if _, err := r.Create(w.ctx, name, name, false, "robin"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "A", "1a", "-a", "a-", "a--b", "a b", "a/b", "a.b", "ä", "a\n", long + "a", strings.Repeat("x", 1<<20)} {
		for _, pair := range [][2]string{{name, "production"}, {"harbourlight", name}} {
			_, err := r.Create(w.ctx, pair[0], pair[1], false, "robin")
			var refused *environment.NameError
			if !errors.As(err, &refused) || len(err.Error()) > 500 {
				t.Errorf("%.80q: %.200v", name, err)
			}
		}
	}
	_, err := r.Create(w.ctx, "system", "preview", false, "robin")
	w.is(err, store.ErrExists)
	if events := w.events(store.System, audit.EnvironmentCreated); len(events) != 4 {
		t.Errorf("%d events", len(events))
	}
}

func TestAnEnvironmentIsCreatedOnceAndKnownAtOnce(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	_, err := r.Create(w.ctx, "harbourlight", "production", false, "robin")
	w.is(err, store.ErrExists)
	byName, found := r.ByName("harbourlight", "production")
	byID, _ := r.ByID(live.ID)
	if !found || byName != live || byID != live || live.Protected || !live.Created.Equal(w.now) {
		t.Errorf("found %v: %+v", found, byName)
	}
	if _, found := r.ByName("harbourlight", "preview"); found {
		t.Error("found what is not there")
	}
	if all := r.Environments(); len(all) != 2 {
		t.Errorf("%d environments, want the system's and one", len(all))
	}
}
