package environment_test

import (
	"strings"
	"testing"
	"time"

	"sallyport/pure/access"
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
	if len(snapshot.Servers) != 1 || len(snapshot.Applications) != 1 || snapshot.Revision != 0 {
		t.Errorf("more is issued there than tokens of the management API: %+v", snapshot)
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

// The management server issues for its own API alone, to people with two
// factors who use the command line.
func TestTheSystemEnvironmentIssuesTokensOfTheManagementAPI(t *testing.T) {
	w := newWorld(t)
	cfg := w.config(w.clock)
	cfg.Console = "https://admin.example:8443/staff"
	r := environment.New(cfg)
	w.must(r.Start(w.ctx))
	live, _ := r.ByID(store.System)
	server := live.Snapshot().Servers[environment.ManagementServer]
	if server.Issuer != "https://admin.example:8443/staff/management" || server.Audience != "https://admin.example:8443/admin/v1" {
		t.Errorf("issuer %s, audience %s", server.Issuer, server.Audience)
	}
	request := access.Request{
		Application: "command-line", Grant: access.AuthorizationCode, Subject: &access.Subject{}, At: w.now,
		Scopes: []access.Scope{"sallyport.read.overview", "sallyport.write.operators"}, Assurance: access.OneFactor,
	}
	if d := access.Decide(server.Access, request); d.Allowed {
		t.Error("a password is enough")
	}
	request.Assurance = access.TwoFactor
	if d := access.Decide(server.Access, request); !d.Allowed || d.Lifetimes.Access > 10*time.Minute || d.Lifetimes.Idle == 0 {
		t.Errorf("with two factors: %+v", d)
	}
	request.Grant, request.Subject = access.ClientCredentials, nil
	if d := access.Decide(server.Access, request); d.Allowed {
		t.Error("a machine manages")
	}
	application := live.Snapshot().Applications["command-line"]
	if application.Authentication != "none" || application.PKCE != "required" {
		t.Errorf("authentication %q, PKCE %q", application.Authentication, application.PKCE)
	}
	if age := application.MaxAge.Std(); age == 0 || age > 10*time.Minute { // else a session left open is a token
		t.Errorf("a sign-in of %s is recent enough", age)
	}
}

func TestNobodyGetsTheAddressOfTheConsole(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live, err := r.Create(w.ctx, "mallory", "production", false, "mallory")
	w.must(err)
	for _, path := range []string{"/console", "/console/management", "/console/management/token", "/admin", "/admin/v1", "/admin/v1/status"} {
		tree := w.tree("kind: tenant\nname: mallory\nenvironments: {production: {url: \"${listen.url}" + path + "\", gateway: \"https://api.example\"}}\n")
		if _, _, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: tree, Author: "mallory"}); err == nil {
			t.Errorf("%s was given away", path)
		}
	}
}

// No revision can take the second factor of operators away, since there is none.
func TestOperatorsAlwaysNeedACode(t *testing.T) {
	r := newWorld(t).started()
	live, _ := r.ByID(store.System)
	if n := len(live.Snapshot().Journeys); n != 1 {
		t.Fatalf("there are %d ways to sign in", n)
	}
	for name, j := range live.Snapshot().Journeys {
		if last := j.Steps[len(j.Steps)-1]; last.Ask != "totp" || last.When == "enrolled" {
			t.Errorf("%s ends by asking for %q, %q", name, last.Ask, last.When)
		}
	}
}
