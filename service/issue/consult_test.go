package issue_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/protocol/jose"
	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/hook"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// guarded gives the world's tree with a hook at url that both servers ask.
func guarded(url, onFailure string) string {
	tree := issuetest.Tree
	for _, change := range [][2]string{
		{"audience: https://api.harbourlight.test/apps\n", "audience: https://api.harbourlight.test/apps\nhooks: [risk]\n"},
		{"audience: https://api.harbourlight.test/enterprise\n", "audience: https://api.harbourlight.test/enterprise\nhooks: [risk]\n"},
		{"claims:\n", "claims:\n  - {name: risk, hook: risk, in: [access, id]}\n"},
	} {
		if !strings.Contains(tree, change[0]) {
			panic(change[0])
		}
		tree = strings.Replace(tree, change[0], change[1], 1)
	}
	return tree + `
---
kind: hook
name: risk
url: ` + url + `
on_failure: ` + onFailure + `
judges: [billing.write.payment, payments.write.posting]
sends: [account_number]
`
}

// receiver is a hook that tests write. It verifies what it is asked by the key set
// that the server publishes, as its owner would.
type receiver struct {
	url string

	mu     sync.Mutex
	answer string // %ID% is the question's; empty: it fails
	asked  []map[string]any
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{answer: `{"id":"%ID%"}`}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/ask"
	return r
}

func (r *receiver) say(answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// last is the newest question.
func (r *receiver) last() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[len(r.asked)-1]
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.asked)
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	token, _ := io.ReadAll(request.Body)
	parts := strings.Split(string(token), ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var question map[string]any
	_ = json.Unmarshal(payload, &question)
	question["token"] = string(token)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, question)
	if r.answer == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, strings.ReplaceAll(r.answer, "%ID%", question["jti"].(string)))
}

// code gets a code for my-account with two scopes of the customer's.
func codeFor(t *testing.T, w *issuetest.World, person issue.Person) oauth.TokenRequest {
	t.Helper()
	view := w.View()
	server, application := view.Snapshot.Servers["apps"], view.Snapshot.Applications["my-account"]
	verifier := strings.Repeat("v", 43)
	authorized, err := w.Issue.Authorize(t.Context(), view, issue.Authorization{
		Server: server, Application: application, Person: person, Request: oauth.AuthorizationRequest{
			Return:       oauth.Return{ClientID: "my-account", RedirectURI: application.Redirects[0]},
			ResponseType: oauth.ResponseTypeCode, Challenge: oauth.ChallengeOf(verifier),
			Scopes: []oauth.Scope{"openid", "billing.read.bill", "billing.write.payment"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return oauth.TokenRequest{Code: authorized.Code, RedirectURI: application.Redirects[0], CodeVerifier: oauth.NewSecret(verifier)}
}

func redeem(t *testing.T, w *issuetest.World, r oauth.TokenRequest) (oauth.TokenResponse, error) {
	t.Helper()
	view := w.View()
	return w.Issue.Redeem(t.Context(), view, view.Snapshot.Servers["apps"], issue.Client{Application: view.Snapshot.Applications["my-account"]}, r)
}

func refresh(t *testing.T, w *issuetest.World, token oauth.Secret) (oauth.TokenResponse, error) {
	t.Helper()
	view := w.View()
	return w.Issue.Refresh(t.Context(), view, view.Snapshot.Servers["apps"],
		issue.Client{Application: view.Snapshot.Applications["my-account"]}, oauth.TokenRequest{RefreshToken: token})
}

func machine(t *testing.T, w *issuetest.World) (oauth.TokenResponse, error) {
	t.Helper()
	view := w.View()
	return w.Issue.ClientCredentials(t.Context(), view, view.Snapshot.Servers["enterprise"],
		issue.Client{Application: view.Snapshot.Applications["payright"], Address: netip.MustParseAddr("192.0.2.7")},
		oauth.TokenRequest{Scopes: []oauth.Scope{"payments.write.posting"}})
}

func reasonOf(err error) issue.Reason {
	var refusal *issue.Refusal
	if errors.As(err, &refusal) {
		return refusal.Reason
	}
	return ""
}

// lastRecord is what the newest event of a type tells.
func lastRecord(t *testing.T, w *issuetest.World, kind audit.Type) issue.Record {
	t.Helper()
	events := w.Events(kind)
	if len(events) == 0 {
		t.Fatalf("no %s", kind)
	}
	record, err := issue.ReadRecord(events[0].Event)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func TestAHookNarrowsATokenAndItsFamily(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookRefuse))
	c := w.Customer("Rosa Resident", "residential")
	person, _ := w.SignIn(c)
	r.say(`{"id":"%ID%","remove":["billing.write.payment"],"claims":{"risk":"high"}}`)
	issued, err := redeem(t, w, codeFor(t, w, person))
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, issued.AccessToken.Reveal())
	if claims["scope"] != "openid billing.read.bill" && claims["scope"] != "billing.read.bill openid" || claims["risk"] != "high" {
		t.Errorf("%v", claims)
	}
	if claimsOf(t, issued.IDToken.Reveal())["risk"] != "high" || slices.Contains(issued.Scopes, "billing.write.payment") {
		t.Errorf("%v", issued.Scopes)
	}
	question := r.last()["ask"].(map[string]any)
	if question["subject"] != claims["sub"] || question["grant"] != "authorization_code" || question["refresh"] != nil ||
		!cmp.Equal(question["attributes"], map[string]any{"account_number": "HL-004711"}) || !cmp.Equal(question["judges"], []any{"billing.write.payment"}) {
		t.Errorf("%v", question)
	}
	record := lastRecord(t, w, audit.TokenIssued)
	if h := record.Hooks; h == nil || h.By != "hook/risk" || len(h.Asked) != 1 || h.Asked[0].ID != r.last()["jti"] ||
		!cmp.Equal(h.Asked[0].Removed, []access.Scope{"billing.write.payment"}) || !cmp.Equal(h.Asked[0].Claims, []string{"risk"}) ||
		slices.Contains(h.Granted, "billing.write.payment") || !slices.Contains(record.Outcome.Granted, "billing.write.payment") {
		t.Errorf("%+v", h)
	}
	if body := string(w.Events(audit.TokenIssued)[0].Body); strings.Contains(body, "high") {
		t.Errorf("a value is in the ledger: %s", body)
	}

	// What was taken at the beginning does not come back, whatever the hook says now.
	r.say(`{"id":"%ID%"}`)
	again, err := refresh(t, w, issued.RefreshToken)
	if err != nil || slices.Contains(again.Scopes, "billing.write.payment") || claimsOf(t, again.AccessToken.Reveal())["risk"] != nil {
		t.Errorf("%v %v", err, again.Scopes)
	}
	if ask := r.last()["ask"].(map[string]any); ask["refresh"] != true || !cmp.Equal(ask["judges"], []any{}) {
		t.Errorf("%v", ask)
	}
	if h := lastRecord(t, w, audit.TokenRefreshed).Hooks; h == nil || h.By != "" || len(h.Asked) != 1 {
		t.Errorf("%+v", h)
	}
}

func TestAHookThatTakesTheSignInLeavesNoIDToken(t *testing.T) {
	r := newReceiver(t)
	all := strings.Replace(guarded(r.url, config.HookWithout), "judges: [billing.write.payment, payments.write.posting]", `judges: ["*"]`, 1)
	w := issuetest.New(t, all)
	person, _ := w.SignIn(w.Customer("Rosa Resident", "residential"))
	r.say(`{"id":"%ID%","remove":["openid","billing.write.payment"]}`)
	issued, err := redeem(t, w, codeFor(t, w, person))
	if err != nil || issued.IDToken.Reveal() != "" || !slices.Equal(issued.Scopes, []oauth.Scope{"billing.read.bill"}) {
		t.Errorf("%v %+v", err, issued)
	}
	r.say("") // who judges everything and does not answer leaves nothing
	if _, err := redeem(t, w, codeFor(t, w, person)); reasonOf(err) != issue.HookRefused {
		t.Errorf("%v", err)
	}
}

// The receiver of the how-to: the key is in the published set, and the type is none
// that tokens have.
func TestAQuestionVerifiesByThePublishedKeysAndIsNoToken(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookRefuse))
	if _, err := machine(t, w); err != nil {
		t.Fatal(err)
	}
	view := w.View()
	signing, err := w.Issue.Signing(t.Context(), view, view.Snapshot.Servers["enterprise"])
	if err != nil {
		t.Fatal(err)
	}
	set, err := jose.ParseKeySet(signing.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := jose.NewVerifier(set, hook.TokenType)
	if err != nil {
		t.Fatal(err)
	}
	question := r.last()
	token := question["token"].(string)
	if _, _, err := verifier.Verify(token); err != nil {
		t.Error(err)
	}
	for name, verifier := range map[string]*jose.Verifier{"access": signing.Access, "ID": signing.ID} {
		if _, _, err := verifier.Verify(token); err == nil {
			t.Errorf("it passes as an %s token", name)
		}
	}
	if question["iss"] != view.Snapshot.Servers["enterprise"].Issuer || question["aud"] != r.url || question["sub"] != nil || question["scope"] != nil ||
		question["ask"].(map[string]any)["subject"] != nil {
		t.Errorf("%v", question)
	}
}

func TestWithoutAnAnswerThereIsNoTokenOrALesserOne(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookRefuse))
	c := w.Customer("Rosa Resident", "residential")
	person, _ := w.SignIn(c)
	ask := codeFor(t, w, person)

	for _, answer := range []string{"", `{"id":"another"}`, `{"id":"%ID%","remove":["billing.read.bill"]}`, `{"id":"%ID%","claims":{"scope":"x"}}`} {
		r.say(answer)
		if _, err := redeem(t, w, ask); reasonOf(err) != issue.HookFailed {
			t.Errorf("%s: %v", answer, err)
		}
	}
	record := lastRecord(t, w, audit.TokenRefused)
	if h := record.Hooks; record.Reason != issue.HookFailed || h == nil || h.By != "hook/risk" || h.Asked[0].Failure != hook.ForeignClaim || len(h.Granted) > 0 {
		t.Errorf("%+v", record)
	}

	// A code is not spent by a hook that fails.
	r.say(`{"id":"%ID%"}`)
	issued, err := redeem(t, w, ask)
	if err != nil || !slices.Contains(issued.Scopes, "billing.write.payment") {
		t.Fatalf("%v %v", err, issued.Scopes)
	}
	r.say("")
	if _, err := refresh(t, w, issued.RefreshToken); reasonOf(err) != issue.HookFailed {
		t.Errorf("%v", err)
	}

	w.Apply(guarded(r.url, config.HookWithout))
	lesser, err := refresh(t, w, issued.RefreshToken) // nor a refresh token
	if err != nil || slices.Contains(lesser.Scopes, "billing.write.payment") || !slices.Contains(lesser.Scopes, "billing.read.bill") {
		t.Errorf("%v %v", err, lesser.Scopes)
	}
	r.say(`{"id":"%ID%"}`) // what a refresh lacked comes back with the next
	if whole, err := refresh(t, w, lesser.RefreshToken); err != nil || !slices.Contains(whole.Scopes, "billing.write.payment") {
		t.Errorf("%v %v", err, whole.Scopes)
	}

	r.say("") // nothing is left of a machine's one scope
	if _, err := machine(t, w); reasonOf(err) != issue.HookRefused {
		t.Errorf("%v", err)
	}
}

// A service that was built without anybody to ask must not go on as if nobody had
// to be asked.
func TestNobodyToAskIsNoLeave(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookWithout))
	w.Issue = issue.New(issue.Config{
		Store: w.Store, Keys: w.Ring, Secrets: w.Secrets, Feed: w.Feed, Audit: w.Audit, Now: w.Now, Rand: rand.Reader,
	})
	if _, err := machine(t, w); reasonOf(err) != issue.HookFailed {
		t.Errorf("%v", err)
	}
}

func TestAPreviewNamesHooksAndAsksNobody(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookWithout))
	preview, err := w.Issue.Preview(t.Context(), w.View(), issue.PreviewRequest{
		Server: "apps", Application: "my-account", Grant: access.AuthorizationCode, Groups: []string{"residential"},
		Scopes: []access.Scope{"billing.read.bill", "billing.write.payment"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []issue.Consulted{{Hook: "risk", OnFailure: "without", Judges: []access.Scope{"billing.write.payment"}, Claims: []string{"risk"}}}
	if diff := cmp.Diff(want, preview.Hooks); diff != "" || r.count() > 0 || preview.AccessClaims.Get("risk") != nil {
		t.Errorf("%s, asked %d times", diff, r.count())
	}
}

func TestAnOperatorsTestMakesNoTokenAndIsRecorded(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookRefuse))
	r.say(`{"id":"%ID%","remove":["billing.write.payment"],"claims":{"risk":"secret value"}}`)
	done, err := w.Issue.TryHook(t.Context(), w.View(), issue.HookTrial{
		Hook: "risk", Application: "my-account", Attributes: map[string]string{"name": "not listed"}, By: audit.Operator("olga"),
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := r.last()["ask"].(map[string]any)
	if ask["test"] != true || ask["subject"] != issue.TestSubject || !cmp.Equal(ask["attributes"], map[string]any{"account_number": "example"}) {
		t.Errorf("%v", ask)
	}
	if done.Failure != "" || !cmp.Equal(done.Left, []access.Scope{"billing.read.bill"}) || done.Claims["risk"] != "secret value" || done.Server.Name != "apps" {
		t.Errorf("%+v", done)
	}
	events := w.Events("")
	if e := events[0]; e.Type != string(audit.HookTested) || e.Actor != "operator/olga" || strings.Contains(string(e.Body), "secret value") {
		t.Errorf("%+v %s", e, e.Body)
	}
	if len(w.Events(audit.TokenIssued)) > 0 {
		t.Error("there is a token")
	}
	for name, test := range map[string]struct {
		trial issue.HookTrial
		want  error
	}{
		"no such hook":                         {issue.HookTrial{Hook: "none"}, issue.ErrNoHook},
		"no such server":                       {issue.HookTrial{Hook: "risk", Server: "none"}, issue.ErrNoServer},
		"no such application":                  {issue.HookTrial{Hook: "risk", Application: "none"}, issue.ErrNoApplication},
		"an application of another server":     {issue.HookTrial{Hook: "risk", Server: "apps", Application: "payright"}, issue.ErrNotAsked},
		"an application that nothing asks for": {issue.HookTrial{Hook: "risk", Application: "billing-api"}, issue.ErrNotAsked},
	} {
		if _, err := w.Issue.TryHook(t.Context(), w.View(), test.trial); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var unknown *issue.UnknownScope
	if _, err := w.Issue.TryHook(t.Context(), w.View(), issue.HookTrial{Hook: "risk", Scopes: []access.Scope{"a.read.b"}}); !errors.As(err, &unknown) {
		t.Errorf("%v", err)
	}
}

// anything is a hook service that says what no good one would.
type anything struct{ outcomes []hook.Outcome }

func (a *anything) Ask(context.Context, hook.Question, []*config.Hook) []hook.Outcome {
	return a.outcomes
}

func (a *anything) Try(context.Context, hook.Question, *config.Hook) (hook.Trial, error) {
	return hook.Trial{}, nil
}

func TestACodeThatWasSpentAsksNobody(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookRefuse))
	person, _ := w.SignIn(w.Customer("Rosa Resident", "residential"))
	ask := codeFor(t, w, person)
	issued, err := redeem(t, w, ask)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := redeem(t, w, ask); reasonOf(err) != issue.SpentCode {
			t.Errorf("%v", err)
		}
	}
	if r.count() != 1 {
		t.Errorf("it was asked %d times about one token", r.count())
	}
	if _, err := refresh(t, w, issued.RefreshToken); reasonOf(err) != issue.RevokedGrant || len(w.Events(audit.CodeReused)) != 1 {
		t.Errorf("%v", err)
	}
}

// Whatever comes back from asking, even past all that service/hook looks at: no
// scope that the rules did not grant, no claim that was not declared.
func TestNothingThatAHookSaysWidensAToken(t *testing.T) {
	r := newReceiver(t)
	w := issuetest.New(t, guarded(r.url, config.HookRefuse))
	c := w.Customer("Rosa Resident", "residential")
	person, _ := w.SignIn(c)
	said := &anything{}
	w.Issue = issue.New(issue.Config{
		Store: w.Store, Keys: w.Ring, Secrets: w.Secrets, Feed: w.Feed, Audit: w.Audit, Now: w.Now, Rand: rand.Reader, Hooks: said,
	})
	snapshot := w.View().Snapshot
	scopes := []access.Scope{"openid", "billing.read.bill", "billing.write.payment", "outage.write.report", "admin.write.all", ""}
	names := []string{"risk", "sub", "scope", "iss", "aud", "exp", "acr", "account_number", "rev", "made_up"}
	rapid.Check(t, func(rt *rapid.T) {
		said.outcomes = nil
		for range rapid.IntRange(0, 3).Draw(rt, "hooks") {
			h := *snapshot.Hooks["risk"]
			h.Name = rapid.SampledFrom([]string{"risk", "other"}).Draw(rt, "name")
			h.OnFailure = rapid.SampledFrom([]string{config.HookRefuse, config.HookWithout}).Draw(rt, "mode")
			said.outcomes = append(said.outcomes, hook.Outcome{
				Hook:    &h,
				Failure: rapid.SampledFrom([]hook.Failure{"", "", "", hook.Slow}).Draw(rt, "failure"),
				Removed: rapid.SliceOf(rapid.SampledFrom(scopes)).Draw(rt, "removed"),
				Claims:  rapid.MapOf(rapid.SampledFrom(names), rapid.Just[any]("said")).Draw(rt, "claims"),
			})
		}
		issued, err := redeem(t, w, codeFor(t, w, person))
		if err != nil {
			if reason := reasonOf(err); reason != issue.HookFailed && reason != issue.HookRefused {
				rt.Fatal(err)
			}
			return
		}
		claims := claimsOf(t, issued.AccessToken.Reveal())
		for scope := range strings.FieldsSeq(claims["scope"].(string)) {
			if !slices.Contains(scopes[:3], access.Scope(scope)) {
				rt.Fatalf("it has %s", scope)
			}
			for _, o := range said.outcomes {
				if slices.Contains(o.Removed, access.Scope(scope)) {
					rt.Fatalf("%s was taken away", scope)
				}
			}
		}
		if len(issued.Scopes) == 0 || claims["account_number"] != "HL-004711" || claims["sub"] == "said" {
			rt.Fatalf("%v", claims)
		}
		for name, value := range claims {
			if value == "said" && name != "risk" {
				rt.Fatalf("%s was filled", name)
			}
		}
	})
}
