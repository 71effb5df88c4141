package environment_test

import (
	"strings"
	"testing"

	"sallyport/service/environment"
	"sallyport/store"
)

func TestOperatorsHaveAnEnvironmentBeforeAnybodyAppliesAnything(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live, rest, found := r.Route(environment.Pages, "localhost:8080", "/console/signin")
	if !found || !live.System() || live.ID != store.System || rest != "/signin" {
		t.Fatalf("/console/signin leads to %+v, rest %q", live, rest)
	}
	snapshot := live.Snapshot()
	if len(snapshot.Servers) != 0 || len(snapshot.Applications) != 0 || snapshot.Revision != 0 {
		t.Errorf("something is issued there: %+v", snapshot)
	}
	if _, _, found := r.Route(environment.Gateway, "localhost:8081", "/console"); found {
		t.Error("the gateway answers for it")
	}
}

func TestTheConsoleLivesWhereItIsTold(t *testing.T) {
	w := newWorld(t)
	cfg := w.config(w.clock)
	cfg.Console = "https://console.example"
	r := environment.New(cfg)
	w.must(r.Start(w.ctx))
	if live, _, found := r.Route(environment.Pages, "console.example", "/"); !found || !live.System() {
		t.Error("it does not answer there")
	}
	cfg.Console = "http://console.example"
	if err := environment.New(cfg).Start(w.ctx); err == nil || !strings.Contains(err.Error(), "console") {
		t.Errorf("plain HTTP to a network: %v", err)
	}
}

func TestTheSystemEnvironmentTakesNoRevision(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	tree := w.tree("kind: tenant\nname: system\nenvironments: {system: {url: \"https://id.example\"}}\n")
	_, _, err := r.Apply(w.ctx, store.System, environment.Change{Tree: tree, Author: "mallory"})
	w.is(err, environment.ErrNoEnvironment)
	_, err = r.Plan(w.ctx, store.System, tree)
	w.is(err, environment.ErrNoEnvironment)
}

func TestNobodyGetsTheAddressOfTheConsole(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live, err := r.Create(w.ctx, "mallory", "production", false, "mallory")
	w.must(err)
	tree := w.tree("kind: tenant\nname: mallory\nenvironments: {production: {url: \"${listen.url}/console\", gateway: \"https://api.example\"}}\n")
	if _, _, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: tree, Author: "mallory"}); err == nil {
		t.Error("it was given away")
	}
}
