package admin

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/service/operator"
)

// ofWeb is where the developer of one application holds the role, as it is kept.
var ofWeb = operator.Place{Tenant: "acme", Environment: "preview", Server: "application:web"}

// strangersMay are the operations that the developer of one application may call
// at all, besides those of the application's own path.
var strangersMay = []string{"status", "whoami", "list-environments", "inspect-token"}

// Each operation by each role that somebody holds for one application: developers
// alone may do something, and that is little.
func TestADeveloperOfOneApplicationMayDebugItAlone(t *testing.T) {
	r := newRealm(t)
	close(r.stopping)
	r.operator("zed", operator.Desk, placeLetters["N"])
	for _, role := range operator.Roles() {
		token := r.token(r.operator("of-web-"+string(role), role, ofWeb), Scopes())
		for name, request := range operations(t) {
			for _, path := range []string{request.path, strings.ReplaceAll(request.path, "/applications/none", "/applications/web")} {
				own := path != request.path && (name == "debug-token" || name == "list-refusals")
				_, p := r.ask(sent{method: request.method, path: path, body: request.body, header: request.header, token: token})
				may := role == operator.Developer && (own || slices.Contains(strangersMay, name))
				if in := !slices.Contains(shut, p.Code); in != may {
					t.Errorf("%s at %s by %s: %q, agreed is %t", name, path, role, p.Code, may)
				}
			}
		}
	}
}

func (r *realm) debugs(token, path, body string) (status int, text string) {
	method := "POST"
	if body == "" {
		method = "GET"
	}
	answer, _ := r.ask(sent{method: method, path: Prefix + "/environments/acme/preview" + path, body: body, token: token})
	return answer.Code, answer.Body.String()
}

func TestTheAnswerToAStrangerIsAnOutline(t *testing.T) {
	r := newRealm(t)
	stranger := r.token(r.operator("priya", operator.Developer, ofWeb), Scopes())
	own := r.token(r.operator("ken", operator.Developer, placeLetters["N"]), Scopes())
	const asked = `{"application":"somebody-else","scopes":["billing.read.bill"],"groups":["x"]}` // the path says whose it is
	status, text := r.debugs(stranger, "/applications/web/debug", asked)
	var told struct {
		Outline struct {
			Application string
			Checks      []any
		}
		Whole *struct{}
		Text  string
	}
	r.must(json.Unmarshal([]byte(text), &told))
	if status != 200 || told.Whole != nil || told.Text != "" || told.Outline.Application != "web" || len(told.Outline.Checks) == 0 {
		t.Errorf("%d %s", status, text)
	}
	if status, text := r.debugs(own, "/applications/web/debug", asked); status != 200 || !strings.Contains(text, `"whole":`) || !strings.Contains(text, `"text":`) {
		t.Errorf("a developer of the environment: %d %s", status, text)
	}
	for _, wrong := range []string{
		`{"application":"web","customer":"dana"}`,
		`{"application":"web","customer":"` + r.dana.String() + `"}`,
	} {
		if status, text := r.debugs(stranger, "/applications/web/debug", wrong); status != 403 {
			t.Errorf("a customer was named: %d %s", status, text)
		}
	}
	for _, beside := range []string{"", `,"address":"nowhere"`, `,"assurance":"sworn"`, `,"grant":"client_credentials"`, `,"scopes":["x"]`, `,"age":"old"`, `,"grant":"client_credentials","age":"1h"`} {
		_, a := r.debugs(stranger, "/applications/web/debug", `{"application":"web","server":"enterprise"`+beside+`}`)
		_, b := r.debugs(stranger, "/applications/web/debug", `{"application":"web","server":"nothing"`+beside+`}`)
		if a != b || !strings.Contains(a, "code") {
			t.Errorf("a server that is there is told from one that is not:\n%s\n%s", a, b)
		}
	}
}

// tokenOf is an access token of acme's own server.
func (r *realm) tokenOf(application string, change func(map[string]any)) string {
	r.Helper()
	live := r.live("acme")
	server := live.Snapshot().Servers["apps"]
	signing, err := r.cfg.Ring.Signing(r.Context(), live.ID, "apps", jose.ES256)
	r.must(err)
	signer, err := signing.AccessSigner(jose.ES256)
	r.must(err)
	claims := map[string]any{
		"iss": server.Issuer, "aud": server.Audience, "sub": "app:" + application, "client_id": application, "scope": "billing.read.bill",
		"iat": r.now().Unix(), "exp": r.now().Unix() + 60, "jti": "AAAAAAAAAAAAAAAAAAAAAAAA",
	}
	change(claims)
	payload, err := json.Marshal(claims)
	r.must(err)
	token, err := signer.Sign(nil, payload)
	r.must(err)
	return token
}

func TestATokenIsInspectedByWhoeverMayDebugItsApplication(t *testing.T) {
	r := newRealm(t)
	stranger := r.token(r.operator("priya", operator.Developer, ofWeb), Scopes())
	own := r.token(r.operator("ken", operator.Developer, placeLetters["N"]), Scopes())
	good := r.tokenOf("web", func(map[string]any) {})
	for _, test := range []struct {
		name, token, by string
		status          int
		says            string
	}{
		{"a good one, by the developer", good, stranger, 200, `"good":true`},
		{"and what it says", good, stranger, 200, `"client_id":"web"`},
		{"a good one, by an operator", good, own, 200, `"good":true`},
		{"one that was changed", good[:len(good)-6] + "AAAAAA", stranger, 200, `"check":"signature"`},
		{"no token at all", "nonsense", stranger, 200, `"check":"form"`},
		{"an expired one", r.tokenOf("web", func(c map[string]any) { c["iat"], c["exp"] = r.now().Unix()-600, r.now().Unix()-300 }), stranger, 200, `"check":"expiry"`},
		{"one of another application", r.tokenOf("other", func(map[string]any) {}), stranger, 403, string(NotAllowed)},
		{"an expired one of another application", r.tokenOf("other", func(c map[string]any) { c["iat"], c["exp"] = r.now().Unix()-600, r.now().Unix()-300 }), stranger, 403, string(NotAllowed)},
		{"one of a removed application, by an operator", r.tokenOf("other", func(map[string]any) {}), own, 200, `"check":"application"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, text := r.debugs(test.by, "/tokens/inspect", fmt.Sprintf(`{"token":%q}`, test.token))
			if status != test.status || !strings.Contains(text, test.says) {
				t.Errorf("%d %s", status, text)
			}
			if strings.Contains(text, test.token) {
				t.Error("the answer holds the token")
			}
		})
	}
	for _, env := range []string{"acme", "system"} {
		live, _ := r.cfg.Registry.ByName(env, map[string]string{"acme": "preview", "system": "system"}[env])
		events, _, err := r.cfg.Ledger.Events(t.Context(), live.ID, "", "", 100)
		r.must(err)
		kept, err := json.Marshal(events)
		r.must(err)
		_, signature, _ := strings.Cut(good[strings.Index(good, ".")+1:], ".")
		if strings.Contains(string(kept), signature) {
			t.Errorf("the ledger of %s holds the token", env)
		}
	}
}

// An opaque token is sealed so that who carries it cannot read of the customer. Reading
// it here takes the right to read of customers.
func TestWhatIsSealedIsReadByWhoeverMayReadOfCustomers(t *testing.T) {
	r := newRealm(t)
	live := r.live("acme")
	server := live.Snapshot().Servers["apps"]
	sealing, err := r.cfg.Ring.Sealing(t.Context(), live.ID, "apps")
	r.must(err)
	payload, err := json.Marshal(map[string]any{
		"iss": server.Issuer, "aud": server.Audience, "sub": "app:web", "client_id": "web", "scope": "billing.read.bill", "debts": "many",
		"iat": r.now().Unix(), "exp": r.now().Unix() + 60, "jti": "AAAAAAAAAAAAAAAAAAAAAAAA",
	})
	r.must(err)
	token, err := sealing.Sign(rand.Reader, payload)
	r.must(err)
	for _, test := range []struct {
		role  operator.Role
		at    operator.Place
		reads bool
	}{
		{operator.Owner, placeLetters["N"], true},
		{operator.Security, placeLetters["N"], true},
		{operator.Developer, placeLetters["N"], false},
		{operator.Auditor, placeLetters["N"], false},
		{operator.Developer, ofWeb, false},
	} {
		by := r.token(r.operator("of-"+string(test.role)+test.at.Server, test.role, test.at), Scopes())
		status, text := r.debugs(by, "/tokens/inspect", fmt.Sprintf(`{"token":%q}`, token))
		if status != 200 || !strings.Contains(text, `"good":true`) || strings.Contains(text, "debts") != test.reads {
			t.Errorf("%s at %v: %d %s", test.role, test.at, status, text)
		}
	}
}

func TestRefusalsAreToldToTheApplicationsDeveloper(t *testing.T) {
	r := newRealm(t)
	for _, application := range []string{"web", "other"} {
		r.must(r.cfg.Audit.Record(t.Context(), r.live("acme").ID, audit.Entry{
			Type: audit.TokenRefused, Actor: audit.Application(application), Application: application, Customer: "cus_x", Result: "access_denied",
			Trace: "ref_" + application, Detail: map[string]any{"server": "apps", "why": "said in public"}, Personal: map[string]string{"address": "192.0.2.1"},
		}))
	}
	stranger := r.token(r.operator("priya", operator.Developer, ofWeb), Scopes())
	status, text := r.debugs(stranger, "/applications/web/refusals", "")
	if status != 200 || !strings.Contains(text, "ref_web") || !strings.Contains(text, "said in public") || strings.Contains(text, "ref_other") ||
		strings.Contains(text, "cus_") || strings.Contains(text, "192.0.2") {
		t.Errorf("%d %s", status, text)
	}
}
