package gateway_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/route"
	"sallyport/service/subscribe"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
)

// harbourlight is the demo's own configuration, before a back end.
func harbourlight(t *testing.T, backend string) map[string]string {
	t.Helper()
	at := filepath.Join("..", "..", "demo", "harbourlight")
	files := map[string]string{}
	entries, err := os.ReadDir(at)
	if err != nil {
		t.Fatal(err)
	}
	addresses := "variables: {billing-url: \"" + backend + "\", my-account-url: \"http://localhost:1\", post-url: \"http://localhost:2\"}"
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(at, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = strings.ReplaceAll(string(text), "variables: {}", addresses)
	}
	return files
}

// What [subscribe.Judge] says of a call is what the gateway does with it: every
// operation of the demo, every kind of key, and tokens of every application and
// server with each set of scopes that some operation names, and with none.
func TestTheVerdictIsWhatTheGatewayDoes(t *testing.T) {
	w := newWorld(t)
	w.Apply(harbourlight(t, w.back.URL))
	snapshot := w.Live.Snapshot()
	keys := map[string]subscribe.Created{}
	for _, application := range []string{"my-account", "payright", "sunshare"} {
		keys[application] = w.subscription(application, "billing-standard")
	}
	compared, passed := 0, map[subscribe.Check]int{}
	for _, o := range snapshot.Routes.Operations() {
		for _, c := range w.callers(snapshot.Routes, keys) {
			want := subscribe.Judge(snapshot, o, c.shown)
			got := w.call(ask{
				method: o.Method, path: strings.NewReplacer("{meter}", "m-1").Replace(o.Template), key: c.key, token: c.token,
			})
			check := subscribe.Check(got.problem.Check)
			if got.StatusCode == http.StatusOK || check == "request" { // behind the scopes it is about the body
				check = ""
			}
			if check == "limit" {
				t.Fatal("the test met a limit")
			}
			compared, passed[check] = compared+1, passed[check]+1
			if check != want.Check || check != "" && got.problem.Detail != want.Text {
				t.Errorf("%s %s by %s: judged %q (%s), the gateway says %q (%s)", o.Method, o.Template, c.name, want.Check, want.Text, check, got.problem.Detail)
			}
		}
	}
	for _, check := range []subscribe.Check{"", subscribe.CheckKey, subscribe.CheckProduct, subscribe.CheckToken, subscribe.CheckBinding, subscribe.CheckScope} {
		if passed[check] == 0 {
			t.Errorf("nothing of %d calls met %q", compared, check)
		}
	}
}

// judged is a caller as the verdict sees it, and as the gateway does.
type judged struct {
	name, key, token string
	shown            subscribe.Shown
}

func (w *world) callers(table *route.Table, keys map[string]subscribe.Created) []judged {
	shown := []judged{{name: "nobody"}, {name: "an old product", key: w.payright.Primary.Reveal(), shown: subscribe.Shown{Keyed: true, Product: "standard", Application: "payright"}}}
	for application, created := range keys {
		shown = append(shown, judged{name: "the key of " + application, key: created.Primary.Reveal(), shown: subscribe.Shown{Keyed: true, Product: "billing-standard", Application: application}})
	}
	sets := [][]route.Scope{nil}
	for _, o := range table.Operations() {
		sets = append(sets, o.Security.Alternatives...)
	}
	all := slices.Clone(shown)
	for server, applications := range map[string][]string{"apps": {"my-account"}, "enterprise": {"payright", "sunshare"}} {
		for _, application := range applications {
			for _, set := range sets {
				token := w.held(server, application, set)
				for _, by := range shown {
					by.name += " with a token of " + application + " for " + token.name
					by.token, by.shown.Token = token.token, token.shown.Token
					all = append(all, by)
				}
			}
		}
	}
	return all
}

// held is a token with some scopes.
func (w *world) held(server, application string, scopes []route.Scope) judged {
	var names []string
	for _, s := range scopes {
		names = append(names, string(s))
	}
	claims := w.Claims(server, application, strings.Join(names, " "))
	if server == "apps" {
		claims = verifytest.Person(claims, "cus_1", store.GrantID{1}, store.SessionID{1})
	}
	return judged{name: strings.Join(names, " "), token: w.Sign(server, claims), shown: subscribe.Shown{Token: &subscribe.Bearer{
		Server: server, Application: application, Holds: func(s route.Scope) bool { return slices.Contains(scopes, s) },
	}}}
}

// A token of a server that the API does not name never opens an operation.
func TestATokenOfAnotherServerIsJudgedAsTheGatewayDoes(t *testing.T) {
	w := newWorld(t)
	files := verifytest.Tree(w.back.URL)
	files["tree.yaml"] = strings.Replace(files["tree.yaml"], "servers: [apps, partners]", "servers: [apps]", 1)
	files["billing.openapi.yaml"] = strings.ReplaceAll(strings.ReplaceAll(files["billing.openapi.yaml"], "payments.read.posting", "billing.read.bill"), "payments.write.posting", "billing.write.payment")
	w.Apply(files)
	snapshot := w.Live.Snapshot()
	token := w.held("partners", "payright", []route.Scope{"billing.read.bill"})
	by := subscribe.Shown{Keyed: true, Product: "standard", Application: "payright", Token: token.shown.Token}
	o, found := snapshot.Routes.Operation("billing", "events")
	if !found {
		t.Fatal("no operation")
	}
	got := w.call(ask{path: o.Template, key: w.payright.Primary.Reveal(), token: token.token})
	if want := subscribe.Judge(snapshot, o, by); want.Check != subscribe.CheckToken || got.problem.Check != string(want.Check) {
		t.Errorf("judged %+v, the gateway says %+v", want, got.problem)
	}
}
