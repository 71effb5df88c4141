package admin

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/operator"
	"sallyport/service/vault"
	"sallyport/store"
)

func TestOnlyATokenOfAnOperatorOfThisAPIIsTaken(t *testing.T) {
	r := newRealm(t)
	id := r.operator("owner", operator.Owner, operator.Place{})
	set := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) { c[name] = value }
	}
	good := r.token(id, Scopes())
	body, signature, _ := strings.Cut(good[strings.Index(good, ".")+1:], ".")
	for _, test := range []struct {
		name   string
		header http.Header
		path   string
	}{
		{"nothing", http.Header{}, ""},
		{"an empty token", http.Header{"Authorization": {"Bearer "}}, ""},
		{"another scheme", http.Header{"Authorization": {"Basic " + good}}, ""},
		{"two tokens", http.Header{"Authorization": {"Bearer " + good, "Bearer " + good}}, ""},
		{"a token in the query", http.Header{}, "?access_token=" + good},
		{"a name in a header", http.Header{"Sallyport-Operator": {"owner"}}, ""},
		{"no token at all", http.Header{"Authorization": {"Bearer owner"}}, ""},
		{"a token without a signature", http.Header{"Authorization": {"Bearer " + strings.TrimSuffix(good, signature)}}, ""},
		{"a token for another audience", r.bearing(id, set("aud", "https://api.acme.example/apps")), ""},
		{"a token for two audiences", r.bearing(id, set("aud", []string{"https://gate.example/admin/v1", "https://api.acme.example/apps"})), ""},
		{"a token of another issuer", r.bearing(id, set("iss", "https://acme.example/apps")), ""},
		{"a token that has expired", r.bearing(id, set("exp", time.Now().Add(-time.Second).Unix())), ""},
		{"a token of the future", r.bearing(id, set("iat", time.Now().Add(time.Hour).Unix())), ""},
		{"a token of an application that is not there", r.bearing(id, set("client_id", "web")), ""},
		{"a machine's token", r.bearing(id, set("sub", "app:command-line")), ""},
		{"a token without a session", r.bearing(id, func(c map[string]any) { delete(c, "sid") }), ""},
		{"somebody's who is not there", r.bearing(r.dana), ""}, // a customer of acme
		{"a payload by itself", http.Header{"Authorization": {"Bearer " + body}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://gate.example"+Prefix+"/whoami"+test.path, nil)
			request.Header = test.header
			answer := httptest.NewRecorder()
			r.handler.ServeHTTP(answer, request)
			challenge := answer.Header().Get("WWW-Authenticate")
			if answer.Code != http.StatusUnauthorized || !strings.HasPrefix(challenge, "Bearer ") {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
			if strings.Contains(answer.Body.String()+challenge, signature) {
				t.Error("the token is repeated")
			}
			if got := answer.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
	if answer, _ := r.ask(sent{method: "GET", path: Prefix + "/whoami", token: good}); answer.Code != http.StatusOK {
		t.Fatalf("the good one: %d %s", answer.Code, answer.Body)
	}
}

// bearing is a token with something wrong.
func (r *realm) bearing(id fmt.Stringer, change ...func(map[string]any)) http.Header {
	r.Helper()
	return http.Header{"Authorization": {"Bearer " + r.signed(id.String(), change...)}}
}

// An ID token of the same server, for the same person, is no access token.
func TestAnIDTokenOpensNothing(t *testing.T) {
	r := newRealm(t)
	id := r.operator("owner", operator.Owner, operator.Place{})
	good := r.token(id, Scopes())
	header, err := base64.RawURLEncoding.DecodeString(good[:strings.Index(good, ".")])
	r.must(err)
	if !strings.Contains(string(header), `"at+jwt"`) {
		t.Fatalf("the header of an access token is %s", header)
	}
	signing, err := r.cfg.Ring.Signing(t.Context(), store.System, "management")
	r.must(err)
	signer, err := signing.IDSigner("ES256")
	r.must(err)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(good, ".")[1])
	r.must(err)
	token, err := signer.Sign(nil, payload)
	r.must(err)
	if answer, p := r.ask(sent{method: "GET", path: Prefix + "/whoami", token: token}); answer.Code != 401 || p.Code != SignInNeeded {
		t.Errorf("%d %s", answer.Code, p.Code)
	}
}

func TestWhoeverIsDisabledOrLosesTheRoleIsOutWithTheNextRequest(t *testing.T) {
	r := newRealm(t)
	id := r.operator("owner", operator.Owner, operator.Place{})
	other := r.operator("robin", operator.Security, operator.Place{Tenant: "acme"})
	ownersToken, token := r.token(id, Scopes()), r.token(other, Scopes())
	keys := sent{method: "GET", path: Prefix + "/environments/acme/preview/keys", token: token}
	in := func(want int) {
		t.Helper()
		if answer, p := r.ask(keys); answer.Code != want {
			t.Errorf("%d %s, want %d", answer.Code, p.Code, want)
		}
	}
	in(http.StatusOK)
	r.must(r.cfg.Operators.Revoke(t.Context(), "robin", operator.Holding{Role: operator.Security, Place: operator.Place{Tenant: "acme"}}, "operator/owner"))
	in(http.StatusNotFound) // there is nothing where they have no role
	r.must(r.cfg.Operators.Grant(t.Context(), "robin", operator.Holding{Role: operator.Developer, Place: operator.Place{Tenant: "acme"}}, "operator/owner"))
	in(http.StatusForbidden)
	if answer, _ := r.ask(sent{method: "PUT", path: Prefix + "/operators/robin/state", body: `{"state":"disabled"}`, token: ownersToken, header: map[string]string{"If-Match": "*"}}); answer.Code != 200 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	in(http.StatusUnauthorized)
}

// What does not exist and what is another tenant's look the same, to the byte.
func TestAnotherTenantsEnvironmentDoesNotExist(t *testing.T) {
	r := newRealm(t)
	close(r.stopping)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{Tenant: "acme"}), Scopes())
	r.operator("zed", operator.Desk, operator.Place{Tenant: "orchard"})
	for name, request := range operations(t) {
		request.token = token
		if !strings.Contains(request.path, "/environments/acme/preview") {
			continue
		}
		at := func(place string) string {
			there := request
			there.path = strings.Replace(request.path, "acme/preview", place, 1)
			answer, p := r.ask(there)
			p.Reference = ""
			told, _ := json.Marshal(p)
			return http.StatusText(answer.Code) + string(told)
		}
		if theirs, nobodys := at("orchard/preview"), at("nobody/preview"); theirs != nobodys || !strings.Contains(theirs, string(NoEnvironment)) {
			t.Errorf("%s: %s\nand of nobody: %s", name, theirs, nobodys)
		}
	}
	for _, path := range []string{"/status", "/environments", "/operators"} {
		answer, _ := r.ask(sent{method: "GET", path: Prefix + path, token: token})
		if answer.Code != 200 || strings.Contains(answer.Body.String(), "orchard") || strings.Contains(answer.Body.String(), "system") || strings.Contains(answer.Body.String(), "zed") {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if _, p := r.ask(sent{method: "GET", path: Prefix + "/operators/zed", token: token}); p.Code != NoOperator {
		t.Errorf("another tenant's operator: %s", p.Code)
	}
}

// Ids of one environment find nothing in another, whoever asks.
func TestIdsOfAnotherEnvironmentFindNothing(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{}), Scopes())
	made, err := r.cfg.Subscribe.Create(t.Context(), r.live("acme"), "web", "standard", "operator/test")
	r.must(err)
	secret, _, err := r.cfg.Secrets.CreateSecret(t.Context(), r.live("acme").ID, "web", "operator/test")
	r.must(err)
	_, err = r.cfg.Vault.Put(t.Context(), r.live("acme").ID, vault.Change{Name: "meterman-db", By: "operator/test"}, []byte("hush"))
	r.must(err)
	for _, request := range []sent{
		{method: "GET", path: "/customers/" + r.dana.String()},
		{method: "GET", path: "/customers/dana"},
		{method: "PUT", path: "/customers/" + r.dana.String() + "/state", body: `{"state":"disabled"}`},
		{method: "POST", path: "/customers/" + r.dana.String() + "/sign-out"},
		{method: "GET", path: "/subscriptions/" + made.ID},
		{method: "PUT", path: "/subscriptions/" + made.ID + "/state", body: `{"state":"suspended"}`},
		{method: "POST", path: "/subscriptions/" + made.ID + "/keys/primary"},
		{method: "DELETE", path: "/applications/web/secrets/" + secret},
		{method: "GET", path: "/vault/meterman-db"},
		{method: "PUT", path: "/vault/meterman-db", body: `{"value":"YW5ldw=="}`},
		{method: "DELETE", path: "/vault/meterman-db"},
		{method: "GET", path: "/revisions/7"},
	} {
		request.token, request.header = token, map[string]string{"If-Match": "*"}
		request.path = Prefix + "/environments/orchard/preview" + request.path
		if answer, p := r.ask(request); answer.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d %s", request.method, request.path, answer.Code, p.Code)
		}
	}
}

// Operators are nobody's customers: what may be done to a customer by who helps
// customers everywhere would else be done to operators.
func TestOperatorsAreNotManagedAsCustomers(t *testing.T) {
	r := newRealm(t)
	close(r.stopping)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{}), Scopes())
	open := []string{
		"plan", "list-revisions", "show-revision", "preview-change", "list-changes", "show-change", "change-files", "access-reach", "access-diff", "access-matrix", "list-scopes", "token-sizes", "judge-expectations", "last-walk", "access-explain", "preview-token", "query-audit", "replay-access", "tail-audit", "verify-audit",
		"list-keys", "show-keys", "rotate-key", "list-hooks", "gateway-authority", "rotate-gateway-authority", "certify-back-end",
		"list-applications", "list-secrets", "list-subscriptions", "show-subscription", "show-funnel",
	}
	for name, request := range operations(t) {
		request.token = token
		if !strings.Contains(request.path, "/environments/acme/preview") {
			continue
		}
		request.path = strings.Replace(request.path, "acme/preview", "system/system", 1)
		if _, p := r.ask(request); (p.Code != NoEnvironment) != slices.Contains(open, name) && name != "plan" {
			t.Errorf("%s: %s", name, p.Code)
		}
	}
}

// The name in the ledger is the token's, whatever a header says.
func TestTheLedgerNamesWhomTheTokenNames(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("robin", operator.Owner, operator.Place{}), Scopes())
	forged := map[string]string{"Sallyport-Operator": "mallory@host", "If-Match": "*"}
	for _, request := range []sent{
		{method: "PUT", path: "/customers/dana/state", body: `{"state":"disabled"}`},
		{method: "GET", path: "/customers?prefix=da"},
		{method: "POST", path: "/applications/web/secrets"},
		{method: "POST", path: "/subscriptions", body: `{"application":"web","product":"standard"}`},
		{method: "GET", path: "/audit/events?query=type:x"},
	} {
		request.token, request.header, request.path = token, forged, Prefix+"/environments/acme/preview"+request.path
		if answer, p := r.ask(request); answer.Code >= 300 {
			t.Errorf("%s: %d %s %s", request.path, answer.Code, p.Code, p.Detail)
		}
	}
	events, _, err := r.cfg.Ledger.Events(t.Context(), r.live("acme").ID, "", "", 100)
	r.must(err)
	found := 0
	for _, e := range events {
		if e.Actor == "operator/robin" {
			found++
		}
		if strings.Contains(e.Actor, "mallory") {
			t.Errorf("%s by %s", e.Type, e.Actor)
		}
	}
	if found < 5 {
		t.Errorf("robin did %d things", found)
	}
}

// On the control socket everybody must say who they are, also who sends a stream.
func TestNobodyChangesAnythingWithoutAName(t *testing.T) {
	r := newRealm(t)
	local := New(r.cfg)
	for path, methods := range description(t).Paths {
		for method, op := range methods {
			named := slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "Sallyport-Operator" })
			if !named {
				continue
			}
			request := httptest.NewRequestWithContext(t.Context(), strings.ToUpper(method), values.Replace(path), strings.NewReader(agreement[op.OperationID].body))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("If-Match", `"0"`)
			answer := httptest.NewRecorder()
			local.ServeHTTP(answer, request)
			if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "Sallyport-Operator") {
				t.Errorf("%s: %d %s", op.OperationID, answer.Code, answer.Body)
			}
		}
	}
}

// What a request may not say is refused, not ignored: nobody gives themselves
// more by a member that some struct happens to have.
func TestUnknownMembersAreRefused(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{}), Scopes())
	for name, request := range operations(t) {
		if request.body == "" || name == "plan" { // which changes nothing
			continue
		}
		for _, member := range []string{"verified", "role_of", "version", "id", "created", "operator", "tenants"} {
			var body map[string]any
			r.must(json.Unmarshal([]byte(request.body), &body))
			body[member] = "owner"
			more, err := json.Marshal(body)
			r.must(err)
			asked := request
			asked.token, asked.body = token, string(more)
			if answer, p := r.ask(asked); answer.Code != http.StatusUnprocessableEntity || p.Code != RequestInvalid || !strings.Contains(p.Detail, member) {
				t.Errorf("%s takes %s: %d %s %s", name, member, answer.Code, p.Code, p.Detail)
			}
		}
	}
}

// amended are the operations that change what exists; each wants the version
// that was seen.
var amended = []string{
	"set-operator-state", "grant-role", "revoke-role", "rotate-key", "rotate-gateway-authority", "delete-secret", "set-customer-state", "sign-out-customer",
	"rotate-subscription", "set-subscription-state", "replace-vault-secret", "delete-vault-secret",
	"change-customer", "add-identifier", "remove-identifier", "choose-first-identifier", "change-account", "erase-customer",
}

func TestWhatExistsIsChangedAtTheVersionThatWasSeenOrNotAtAll(t *testing.T) {
	var told []string
	for _, methods := range description(t).Paths {
		for _, op := range methods {
			if slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.Name == "If-Match" }) {
				told = append(told, op.OperationID)
			}
		}
	}
	slices.Sort(told)
	if want := slices.Sorted(slices.Values(amended)); !slices.Equal(told, want) {
		t.Fatalf("If-Match is taken by %v, want %v", told, want)
	}
	r := newRealm(t)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{}), Scopes())
	r.operator("zed", operator.Desk, operator.Place{Tenant: "acme"})
	live := r.live("acme")
	made, err := r.cfg.Subscribe.Create(t.Context(), live, "web", "standard", "operator/test")
	r.must(err)
	secret, _, err := r.cfg.Secrets.CreateSecret(t.Context(), live.ID, "web", "operator/test")
	r.must(err)
	here := Prefix + "/environments/acme/preview"
	for _, name := range []string{"kept", "ended"} {
		_, err := r.cfg.Vault.Put(t.Context(), live.ID, vault.Change{Name: name, By: "operator/test"}, []byte("hush"))
		r.must(err)
	}
	number := "HL-1"
	_, err = r.cfg.Directory.OpenAccount(t.Context(), live, directory.AccountPatch{Number: &number}, "operator", "operator/test")
	r.must(err)
	for _, address := range []string{"a@mail.test", "b@mail.test"} {
		_, err := r.cfg.Directory.Prove(t.Context(), live, r.dana, customer.Email, address, "", directory.ProvedByCode, "system")
		r.must(err)
	}
	type amend struct{ seen, method, path, body string }
	all := map[string]amend{
		"set-operator-state":       {Prefix + "/operators/zed", "PUT", "/state", `{"state":"disabled"}`},
		"grant-role":               {Prefix + "/operators/zed", "PUT", "/roles", `{"role":"auditor","place":"acme"}`},
		"revoke-role":              {Prefix + "/operators/zed", "DELETE", "/roles", `{"role":"desk","place":"acme"}`},
		"rotate-key":               {here + "/keys/apps", "POST", "/rotate", ""},
		"rotate-gateway-authority": {here + "/gateway/authority", "POST", "/rotate", `{"keep_seconds":60}`},
		"delete-secret":            {here + "/applications/web/secrets", "DELETE", "/" + secret, ""},
		"sign-out-customer":        {here + "/customers/dana", "POST", "/sign-out", ""},
		"set-customer-state":       {here + "/customers/dana", "PUT", "/state", `{"state":"disabled"}`},
		"rotate-subscription":      {here + "/subscriptions/" + made.ID, "POST", "/keys/primary", ""},
		"set-subscription-state":   {here + "/subscriptions/" + made.ID, "PUT", "/state", `{"state":"suspended"}`},
		"replace-vault-secret":     {here + "/vault/kept", "PUT", "", `{"value":"YW5ldw=="}`},
		"change-customer":          {here + "/customers/dana", "PATCH", "", `{"name":"Dana R"}`},
		"add-identifier":           {here + "/customers/dana", "POST", "/identifiers", `{"kind":"phone","value":"+12125550142"}`},
		"remove-identifier":        {here + "/customers/dana", "POST", "/identifiers/remove", `{"kind":"phone","value":"+12125550142"}`},
		"choose-first-identifier":  {here + "/customers/dana", "POST", "/identifiers/first", `{"kind":"email","value":"b@mail.test"}`},
		"change-account":           {here + "/accounts/hl-1", "PATCH", "", `{"state":"closed"}`},
		"erase-customer":           {here + "/customers/dana", "POST", "/erase", `{}`},
		"delete-vault-secret":      {here + "/vault/ended", "DELETE", "", ""},
	}
	for _, name := range amended {
		how, known := all[name]
		if !known {
			t.Errorf("nobody tries %s", name)
			continue
		}
		version := func() string {
			answer, p := r.ask(sent{method: "GET", path: how.seen, token: token})
			if (name == "delete-vault-secret" || name == "erase-customer") && p.Code == NotFound {
				return "gone"
			}
			if answer.Code != 200 || answer.Header().Get("ETag") == "" {
				t.Fatalf("%s: %d %s, ETag %q", how.seen, answer.Code, p.Code, answer.Header().Get("ETag"))
			}
			return answer.Header().Get("ETag")
		}
		change := func(match string) (int, Code) {
			request := sent{method: how.method, path: how.seen + how.path, body: how.body, token: token}
			if match != "" {
				request.header = map[string]string{"If-Match": match}
			}
			answer, p := r.ask(request)
			return answer.Code, p.Code
		}
		seen := version()
		if status, code := change(""); status != http.StatusPreconditionRequired || code != VersionMissing {
			t.Errorf("%s without a version: %d %s", name, status, code)
		}
		for _, wrong := range []string{`"0"`, `"` + strings.Repeat("x", 40) + `"`, "W/" + seen, seen + ", " + seen, strings.Trim(seen, `"`), `""`, `"-1"`, `"+1"`, `"01"`} {
			if status, code := change(wrong); status != http.StatusPreconditionFailed || code != Outdated {
				t.Errorf("%s at %s: %d %s", name, wrong, status, code)
			}
		}
		if version() != seen {
			t.Fatalf("%s was done", name)
		}
		if status, code := change(seen); status != http.StatusOK {
			t.Errorf("%s at the version that was seen: %d %s", name, status, code)
		}
		if now := version(); now == seen {
			t.Errorf("%s leaves the version %s", name, now)
		}
		if status, code := change(seen); status != http.StatusPreconditionFailed && status != http.StatusNotFound && code != RoleHeld {
			t.Errorf("%s a second time: %d %s", name, status, code)
		}
	}
}

// Each change tells what was and what is.
func TestEveryChangeIsRecordedWithBeforeAndAfter(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{}), Scopes())
	r.operator("zed", operator.Desk, operator.Place{Tenant: "acme"})
	here := Prefix + "/environments/acme/preview"
	unseen := map[string]string{"If-Match": "*"}
	do := func(method, path, body string) {
		t.Helper()
		if answer, p := r.ask(sent{method: method, path: path, body: body, token: token, header: unseen}); answer.Code >= 300 {
			t.Fatalf("%s %s: %d %s %s", method, path, answer.Code, p.Code, p.Detail)
		}
	}
	made, err := r.cfg.Subscribe.Create(t.Context(), r.live("acme"), "web", "standard", "operator/test")
	r.must(err)
	secret, _, err := r.cfg.Secrets.CreateSecret(t.Context(), r.live("acme").ID, "web", "operator/test")
	r.must(err)
	do("PUT", Prefix+"/operators/zed/roles", `{"role":"auditor","place":"acme"}`)
	do("DELETE", Prefix+"/operators/zed/roles", `{"role":"auditor","place":"acme"}`)
	do("GET", here+"/keys/apps", "")
	do("POST", here+"/keys/apps/rotate", "")
	do("POST", here+"/gateway/authority/rotate", `{"keep_seconds":60}`)
	do("DELETE", here+"/applications/web/secrets/"+secret, "")
	do("POST", here+"/customers/dana/sign-out", "")
	do("PUT", here+"/customers/dana/state", `{"state":"disabled"}`)
	do("POST", here+"/subscriptions/"+made.ID+"/keys/primary", "")
	do("PUT", here+"/subscriptions/"+made.ID+"/state", `{"state":"suspended"}`)
	do("POST", here+"/vault", `{"name":"meterman-db","value":"eA=="}`)
	do("PUT", here+"/vault/meterman-db", `{"value":"eQ=="}`)
	do("DELETE", here+"/vault/meterman-db", "")
	do("POST", Prefix+"/environments", `{"tenant":"acme","name":"staging"}`)
	want := map[store.EnvironmentID][]audit.Type{
		store.System: {audit.RoleGranted, audit.RoleRevoked, audit.EnvironmentCreated},
		r.live("acme").ID: {
			audit.RevisionApplied, audit.KeyRotated, audit.SecretCreated, audit.SecretDeleted, audit.CustomerSignedOut, audit.CustomerChanged,
			audit.SubscriptionMade, audit.SubscriptionMoved, audit.VaultStored, audit.VaultDeleted,
		},
	}
	for env, types := range want {
		for _, kind := range types {
			events, _, err := r.cfg.Ledger.Events(t.Context(), env, "type:"+string(kind), "", 100)
			r.must(err)
			if len(events) == 0 {
				t.Errorf("%s was not recorded", kind)
			}
			for _, e := range events {
				var detail map[string]any
				r.must(json.Unmarshal(e.Detail, &detail))
				before, told := detail["before"]
				after, alsoTold := detail["after"]
				if !told || !alsoTold || cmp.Equal(before, after) {
					t.Errorf("%s: before %v, after %v, of %v", kind, before, after, slices.Sorted(maps.Keys(detail)))
				}
			}
		}
	}
}

// A stream ends when whoever follows it may do so no longer.
func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("robin", operator.Auditor, operator.Place{Tenant: "acme"}), Scopes())
	server := httptest.NewServer(r.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+Prefix+"/environments/acme/preview/audit/tail", nil)
	r.must(err)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := server.Client().Do(request)
	r.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d", response.StatusCode)
	}
	began := time.Now()
	r.must(r.cfg.Operators.Revoke(t.Context(), "robin", operator.Holding{Role: operator.Auditor, Place: operator.Place{Tenant: "acme"}}, "operator/owner"))
	one := make([]byte, 1<<16)
	for {
		if _, err := response.Body.Read(one); err != nil {
			break
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it went on for %s", took)
	}
}

// A token that ends says where to follow on.
func TestAStreamEndsWithItsTokenAndSaysWhereToGoOn(t *testing.T) {
	r := newRealm(t)
	id := r.operator("robin", operator.Auditor, operator.Place{Tenant: "acme"})
	server := httptest.NewServer(r.handler)
	defer server.Close()
	tail := Prefix + "/environments/acme/preview/audit/tail"
	follow := func(query, token string) (*bufio.Scanner, func() error) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+tail+query, nil)
		r.must(err)
		request.Host = "gate.example"
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := server.Client().Do(request)
		r.must(err)
		if response.StatusCode != http.StatusOK {
			t.Fatalf("status %d", response.StatusCode)
		}
		return bufio.NewScanner(response.Body), response.Body.Close
	}
	lines, end := follow("", r.token(id, Scopes()))
	r.ahead.Store(int64(11 * time.Minute))
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	r.must(end())
	var on Continuation
	if err := json.Unmarshal([]byte(last), &on); err != nil || on.Continue == "" {
		t.Fatalf("the last line is %q", last)
	}
	r.must(r.cfg.Audit.Record(t.Context(), r.live("acme").ID, audit.Entry{Type: audit.CustomerViewed, Actor: audit.System}))
	fresh := r.token(id, Scopes(), func(c map[string]any) { c["exp"] = time.Now().Add(time.Hour).Unix() })
	lines, end = follow("?cursor="+on.Continue, fresh)
	if !lines.Scan() || !strings.Contains(lines.Text(), string(audit.CustomerViewed)) {
		t.Errorf("it goes on with %q", lines.Text())
	}
	r.must(end())
	close(r.stopping) // so that a cursor that is taken ends at once
	for _, forged := range []string{"x", "999:1", on.Continue + "0", "-1", "%00", "'"} {
		if answer, p := r.ask(sent{method: "GET", path: tail + "?cursor=" + forged, token: fresh}); answer.Code >= 500 {
			t.Errorf("cursor %s: %d %s", forged, answer.Code, p.Code)
		}
	}
}

func TestTheResourceTellsWhereTokensComeFrom(t *testing.T) {
	r := newRealm(t)
	answer, _ := r.ask(sent{method: "GET", path: ResourcePath})
	var told struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Scopes   []string `json:"scopes_supported"`
	}
	r.must(json.Unmarshal(answer.Body.Bytes(), &told))
	if told.Resource != "https://gate.example/admin/v1" || !slices.Equal(told.Servers, []string{"https://gate.example/console/management"}) || len(told.Scopes) != len(Scopes()) {
		t.Errorf("%+v", told)
	}
	if answer, _ := r.ask(sent{method: "GET", path: DescriptionPath}); answer.Code != 200 || !strings.Contains(answer.Body.String(), "https://gate.example/console/management/token") {
		t.Errorf("the description: %d", answer.Code)
	}
}

// What an action shows besides its own is left out, not refused.
func TestRecordsOfPeopleAreLeftOutForThoseWhoMayNotReadThem(t *testing.T) {
	r := newRealm(t)
	ask := func(role operator.Role, scopes []string, path string) (int, Problem) {
		t.Helper()
		id := r.operator(fmt.Sprintf("%s-%d", role, r.people), role, operator.Place{Tenant: "acme"})
		answer, p := r.ask(sent{method: "GET", path: Prefix + "/environments/acme/preview" + path, token: r.token(id, scopes)})
		return answer.Code, p
	}
	if status, p := ask(operator.Auditor, Scopes(), "/audit/events?personal=true"); status != 403 || p.Code != NotAllowed {
		t.Errorf("an auditor reads what is personal: %d %s", status, p.Code)
	}
	if status, p := ask(operator.Privacy, []string{"sallyport.read.audit"}, "/audit/events?personal=true"); status != 403 || p.Code != ScopeMissing {
		t.Errorf("without the scope: %d %s", status, p.Code)
	}
	if status, p := ask(operator.Privacy, Scopes(), "/audit/events?personal=true"); status != 200 {
		t.Errorf("who answers for it: %d %s", status, p.Code)
	}
	architect := r.token(r.operator("archie", operator.Architect, operator.Place{Tenant: "acme"}), Scopes())
	question := sent{method: "POST", path: Prefix + "/environments/acme/preview/access/explain", body: `{"application":"web","customer":"dana"}`, token: architect}
	if answer, p := r.ask(question); answer.Code != 403 || p.Code != NotAllowed {
		t.Errorf("an architect asks about a customer: %d %s", answer.Code, p.Code)
	}
	breakGlass := sent{method: "POST", path: Prefix + "/environments/acme/preview/revisions", body: `{"files":{},"base":1,"break_glass":"hurry"}`, token: architect}
	if answer, p := r.ask(breakGlass); answer.Code != 403 || p.Code != NotAllowed {
		t.Errorf("an architect breaks the glass: %d %s", answer.Code, p.Code)
	}
}

// A role for one server opens that server, and lists hold nothing else.
func TestARoleForOneServerShowsThatServerAlone(t *testing.T) {
	r := newRealm(t)
	at := operator.Place{Tenant: "acme", Environment: "preview", Server: "apps"}
	token := r.token(r.operator("sam", operator.Security, at), Scopes())
	here := Prefix + "/environments/acme/preview"
	for _, server := range []string{"apps", "enterprise"} {
		owner := r.token(r.operator("owner-"+server, operator.Owner, operator.Place{}), Scopes())
		r.ask(sent{method: "GET", path: here + "/keys/" + server, token: owner}) // makes the keys
	}
	for _, path := range []string{"/keys", "/access/matrix"} {
		answer, p := r.ask(sent{method: "GET", path: here + path, token: token})
		if answer.Code != 200 || !strings.Contains(answer.Body.String(), `"apps"`) || strings.Contains(answer.Body.String(), "enterprise") {
			t.Errorf("%s: %d %s %s", path, answer.Code, p.Code, answer.Body)
		}
	}
	for _, request := range []sent{
		{method: "GET", path: here + "/keys/enterprise"},
		{method: "POST", path: here + "/keys/enterprise/rotate", header: map[string]string{"If-Match": "*"}},
		{method: "GET", path: here + "/access/matrix?server=enterprise"},
		{method: "POST", path: here + "/access/explain", body: `{"application":"web","server":"enterprise"}`},
		{method: "GET", path: here + "/gateway/authority"},
		{method: "GET", path: here + "/applications"},
	} {
		request.token = token
		if answer, p := r.ask(request); answer.Code != 403 || p.Code != NotAllowed {
			t.Errorf("%s: %d %s", request.path, answer.Code, p.Code)
		}
	}
}

// Nobody gets into somebody's account who may do more than they.
func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	r := newRealm(t)
	acme := operator.Place{Tenant: "acme"}
	token := r.token(r.operator("tess", operator.Owner, acme), Scopes())
	r.operator("deskhand", operator.Desk, acme)
	both := r.operator("both", operator.Desk, acme)
	r.must(r.store.Write(t.Context(), store.System, func(tx store.Tx) error {
		return tx.PutOperatorRole(t.Context(), store.OperatorRole{Operator: both, Role: string(operator.Owner)})
	}))
	r.operator("stranger", operator.Desk, operator.Place{Tenant: "orchard"})
	unseen := map[string]string{"If-Match": "*"}
	for _, test := range []struct {
		name, method, path, body string
		code                     Code
	}{
		{"a role everywhere", "PUT", "/operators/deskhand/roles", `{"role":"desk"}`, BeyondOwn},
		{"a role elsewhere", "PUT", "/operators/deskhand/roles", `{"role":"desk","place":"orchard"}`, BeyondOwn},
		{"a role that does not exist", "PUT", "/operators/deskhand/roles", `{"role":"root","place":"acme"}`, RequestInvalid},
		{"a role within", "PUT", "/operators/deskhand/roles", `{"role":"owner","place":"acme/preview"}`, ""},
		{"a role to somebody unseen", "PUT", "/operators/stranger/roles", `{"role":"desk","place":"acme"}`, NoOperator},
		{"taking what is beyond", "DELETE", "/operators/both/roles", `{"role":"owner"}`, BeyondOwn},
		{"a link for an owner of everything", "POST", "/operators/links", `{}`, BeyondOwn},
		{"a link for an owner of the tenant", "POST", "/operators/links", `{"role":"owner","place":"acme"}`, ""},
		{"the account of who may do more", "POST", "/operators/links", `{"username":"both"}`, BeyondOwn},
		{"the account of somebody unseen", "POST", "/operators/links", `{"username":"stranger"}`, NoOperator},
		{"the account of who may do less", "POST", "/operators/links", `{"username":"deskhand"}`, ""},
		{"disabling who may do more", "PUT", "/operators/both/state", `{"state":"disabled"}`, BeyondOwn},
		{"disabling somebody unseen", "PUT", "/operators/stranger/state", `{"state":"disabled"}`, NoOperator},
		{"disabling who may do less", "PUT", "/operators/deskhand/state", `{"state":"disabled"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer, p := r.ask(sent{method: test.method, path: Prefix + test.path, body: test.body, token: token, header: unseen})
			if p.Code != test.code {
				t.Errorf("%d %s %s", answer.Code, p.Code, p.Detail)
			}
		})
	}
}
