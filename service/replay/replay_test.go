package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/service/replay"
	"sallyport/store"
)

// past is a world in which people and a machine asked for things, and somebody
// was refused.
func past(t *testing.T) *issuetest.World {
	t.Helper()
	w := issuetest.New(t, issuetest.Tree)
	for _, who := range []struct {
		name, group string
		scopes      []oauth.Scope
		address     string
	}{
		{"Rosa Resident", "residential", []oauth.Scope{"openid", "billing.read.bill", "billing.write.payment"}, "192.0.2.1"},
		{"Rob Resident", "residential", []oauth.Scope{"billing.read.bill"}, ""},
		{"Lena Landlord", "landlords", []oauth.Scope{"billing.read.bill"}, "2001:db8::7"},
		{"Nora Nobody", "", []oauth.Scope{"billing.read.bill"}, "192.0.2.3"},
	} {
		visit(t, w, who.name, who.group, who.scopes, who.address)
		w.Pass(time.Minute)
	}
	view := w.View()
	_, err := w.Issue.ClientCredentials(t.Context(), view, view.Snapshot.Servers["enterprise"],
		issue.Client{Application: view.Snapshot.Applications["payright"], Address: netip.MustParseAddr("192.0.2.9")}, oauth.TokenRequest{
			GrantType: oauth.GrantClientCredentials, Scopes: []oauth.Scope{"payments.write.posting"},
		})
	if err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Minute)
	return w
}

// visit is somebody who signs in at My Account and gets a token, or is refused.
func visit(t *testing.T, w *issuetest.World, name, group string, scopes []oauth.Scope, address string) {
	t.Helper()
	var groups []string
	if group != "" {
		groups = []string{group}
	}
	person, _ := w.SignIn(w.Customer(name, groups...))
	view := w.View()
	application := view.Snapshot.Applications["my-account"]
	verifier := strings.Repeat("v", 43)
	a := issue.Authorization{
		Server: view.Snapshot.Servers["apps"], Application: application, Person: person,
		Request: oauth.AuthorizationRequest{
			Return:       oauth.Return{ClientID: "my-account", RedirectURI: application.Redirects[0]},
			ResponseType: oauth.ResponseTypeCode, Challenge: oauth.ChallengeOf(verifier), Scopes: scopes,
		},
	}
	if address != "" {
		a.Address = netip.MustParseAddr(address)
	}
	authorized, err := w.Issue.Authorize(t.Context(), view, a)
	var refused *issue.Refusal
	if errors.As(err, &refused) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	issued, err := w.Issue.Redeem(t.Context(), view, view.Snapshot.Servers["apps"], issue.Client{Application: application}, oauth.TokenRequest{
		Code: authorized.Code, RedirectURI: application.Redirects[0], CodeVerifier: oauth.NewSecret(verifier),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !issued.RefreshToken.IsZero() {
		w.Pass(time.Second)
		if _, err := w.Issue.Refresh(t.Context(), view, view.Snapshot.Servers["apps"], issue.Client{Application: application}, oauth.TokenRequest{RefreshToken: issued.RefreshToken}); err != nil {
			t.Fatal(err)
		}
	}
}

// candidate compiles a tree that is like the world's but for some texts.
func candidate(t *testing.T, w *issuetest.World, changes ...string) *config.Snapshot {
	t.Helper()
	text := issuetest.Tree
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("the tree has no %q", changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	tree, _ := config.Parse(map[string][]byte{"tree.yaml": []byte(text)})
	snapshot, problems, err := w.Registry.Compiled(w.Live, tree)
	if err != nil {
		t.Fatal(err)
	}
	if snapshot == nil {
		t.Fatal(problems)
	}
	return snapshot
}

func run(t *testing.T, w *issuetest.World, c *config.Snapshot) replay.Report {
	t.Helper()
	r, err := replay.Run(t.Context(), w.Store, w.Live.ID, replay.Wish{Candidate: c, From: w.Now().Add(-24 * time.Hour), To: w.Now().Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheRevisionThatDecidedDecidesTheSameAgain(t *testing.T) {
	w := past(t)
	r := run(t, w, w.View().Snapshot)
	if r.Replayed < 8 || r.Same != r.Replayed || r.More+r.Less != 0 || len(r.Changes) != 0 || !r.Complete || r.Cut {
		t.Errorf("%+v", r)
	}
	if r.Events != r.Replayed+r.Undecided+r.Erased+r.Unreadable {
		t.Errorf("the counts do not add up: %+v", r)
	}
}

func TestWhoWouldHaveGotMoreAndWhoLess(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes []string
		want    []string // kind, application, scope
	}{
		{"a scope taken from residents", []string{`scopes: ["*"]`, "scopes: [billing.read.bill]"}, []string{"lost my-account billing.read.bill", "lost my-account billing.write.payment", "lost my-account openid"}},
		{"a rule for everybody", []string{"groups: {any: [residential]}", "groups: {none: [landlords]}", "entitlements:\n  residential", "entitlements:\n  landlords: [billing.read.bill]\n  residential", "\n  landlords: [billing.read.bill]\nclaims", "\nclaims"}, nil},
		{"a longer life", []string{"lifetimes: {access: 5m}", "lifetimes: {access: 20m}"}, []string{"longer my-account "}},
		{"a shorter life", []string{"lifetimes: {access: 10m,", "lifetimes: {access: 4m,"}, []string{"shorter my-account "}},
		{"a network that leaves a machine out", []string{`networks: [0.0.0.0/0, "::/0"]`, "networks: [198.51.100.0/24]"}, []string{"lost payright payments.write.posting"}},
		{"a ceiling lowered", []string{"assigned: {enterprise: [payments.write.posting, usage.read.interval]}", "assigned: {enterprise: [usage.read.interval]}"}, []string{"lost payright payments.write.posting"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := past(t)
			r := run(t, w, candidate(t, w, test.changes...))
			var got []string
			for _, c := range r.Changes {
				got = append(got, string(c.Kind)+" "+string(c.Application)+" "+string(c.Scope))
				if c.Count == 0 || c.Why == "" || c.Example.Seq == 0 {
					t.Errorf("a change without its example: %+v", c)
				}
			}
			slices.Sort(got)
			if test.want != nil && !slices.Equal(got, test.want) {
				t.Errorf("%v, want %v", got, test.want)
			}
			if r.Same+r.More+r.Less < r.Replayed {
				t.Errorf("the counts do not add up: %+v", r)
			}
		})
	}
}

// The same differences, counted by asking each recorded request by itself.
func TestAReplayAgreesWithDecisionsOneByOne(t *testing.T) {
	w := past(t)
	c := candidate(t, w, "landlords: [billing.read.bill]", "landlords: [billing.read.bill, billing.write.payment]", "      - name: landlords-see", "      - name: everybody\n        grants: [authorization_code]\n        networks: [192.0.2.0/24]\n        scopes: [\"*\"]\n      - name: landlords-see")
	more, less := 0, 0
	for _, e := range w.Events("") {
		if !strings.HasPrefix(e.Type, "token.") && !strings.HasPrefix(e.Type, "authorization.") {
			continue
		}
		then, err := issue.ReadRecord(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		now := access.Decide(c.Servers[then.Server].Access, then.Request)
		for _, s := range now.Granted {
			if !slices.Contains(then.Outcome.Granted, s) {
				more++
			}
		}
		for _, s := range then.Outcome.Granted {
			if !slices.Contains(now.Granted, s) {
				less++
			}
		}
	}
	gained, lost := 0, 0
	for _, change := range run(t, w, c).Changes {
		switch change.Kind {
		case replay.Gained:
			gained += change.Count
		case replay.Lost:
			lost += change.Count
		}
	}
	if gained != more || lost != less {
		t.Errorf("gained %d of %d, lost %d of %d", gained, more, lost, less)
	}
}

func TestWhatCannotBeAskedAgainIsCounted(t *testing.T) {
	w := past(t)
	for _, e := range []audit.Entry{
		{Type: audit.TokenRefused, Actor: audit.System, Application: "my-account", Result: "invalid_request", Detail: map[string]any{"server": "apps", "why": "no code"}},
		{Type: audit.TokenIssued, Actor: audit.System, Application: "my-account", Result: "ok", Detail: map[string]any{"server": 7}},
		{Type: audit.TokenIssued, Actor: audit.System, Application: "my-account", Result: "ok", Detail: map[string]any{"request": map[string]any{"at": "long ago"}}},
		{Type: audit.TokenRevoked, Actor: audit.System, Application: "my-account", Result: "ok"},
	} {
		if err := w.Audit.Record(t.Context(), w.Live.ID, e); err != nil {
			t.Fatal(err)
		}
	}
	before := run(t, w, w.View().Snapshot)
	if before.Undecided != 2 || before.Unreadable != 2 || before.Erased != 0 {
		t.Errorf("%+v", before)
	}
	erasing := erased{w.Store}
	r, err := replay.Run(t.Context(), erasing, w.Live.ID, replay.Wish{Candidate: w.View().Snapshot, From: w.Now().Add(-time.Hour), To: w.Now().Add(time.Second)})
	if err != nil || r.Erased != before.Replayed || r.Replayed != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// erased is a ledger whose personal parts are gone.
type erased struct{ replay.Store }

func (s erased) AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) ([]store.ChainedEvent, string, error) {
	events, next, err := s.Store.AuditEvents(ctx, env, q)
	for i := range events {
		events[i].Erased, events[i].Personal = true, nil
	}
	return events, next, err
}

func TestAReplayIsBoundedAndTellsHowFarItIs(t *testing.T) {
	w := past(t)
	told := 0
	r, err := replay.Run(t.Context(), w.Store, w.Live.ID, replay.Wish{
		Candidate: w.View().Snapshot, From: w.Now().Add(-time.Hour), To: w.Now().Add(time.Second), Events: 3,
		Progress: func(p replay.Report) {
			if told++; p.Complete || p.Events == 0 {
				t.Errorf("on the way: %+v", p)
			}
		},
	})
	if err != nil || r.Events != 3 || !r.Cut || told == 0 || r.Earliest.IsZero() {
		t.Errorf("%+v, %v, told %d times", r, err, told)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := replay.Run(ctx, w.Store, w.Live.ID, replay.Wish{Candidate: w.View().Snapshot, From: w.Now().Add(-time.Hour), To: w.Now()}); err == nil {
		t.Error("it went on though nobody waits")
	}
	if _, err := replay.Run(t.Context(), w.Store, w.Live.ID, replay.Wish{Candidate: w.View().Snapshot, From: w.Now(), To: w.Now()}); !errors.Is(err, replay.ErrRange) {
		t.Errorf("no time: %v", err)
	}
	none, err := replay.Run(t.Context(), w.Store, w.Live.ID+99, replay.Wish{Candidate: w.View().Snapshot, From: w.Now().Add(-time.Hour), To: w.Now()})
	if err != nil || none.Events != 0 || !none.Complete {
		t.Errorf("another environment: %+v, %v", none, err)
	}
}

func TestAReportTellsOfNobody(t *testing.T) {
	w := past(t)
	r := run(t, w, candidate(t, w, `scopes: ["*"]`, "scopes: []"))
	text, err := json.Marshal(r)
	if err != nil || len(r.Changes) == 0 {
		t.Fatal(err)
	}
	for _, word := range []string{"cus_", "192.0.2", "2001:db8", "residential", "Rosa"} {
		if strings.Contains(string(text), word) {
			t.Errorf("it tells %q: %s", word, text)
		}
	}
}

// A server that is gone gives nothing to anybody.
func TestAServerThatIsGoneGivesNothing(t *testing.T) {
	w := past(t)
	gone := *w.View().Snapshot
	gone.Servers = map[string]*config.LiveServer{"apps": gone.Servers["apps"]}
	r := run(t, w, &gone)
	if len(r.Changes) != 1 || r.Changes[0].Application != "payright" || r.Changes[0].Kind != replay.Lost || !strings.Contains(r.Changes[0].Why, "no such authorization server") {
		t.Errorf("%+v", r.Changes)
	}
}
