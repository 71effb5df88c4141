package admin

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/service/operator"
)

// agreed is what each operation takes, written down a second time: the letters
// of the roles that may, and the places at which having one is enough.
//
//	O owner  S security  A architect  D developer  K desk  U auditor  P privacy
//	E everywhere  T the tenant  N its environment  V an authorization server  X another tenant
type agreed struct {
	roles, places string
	body          string // of a request that only the right is missing for
}

var agreement = map[string]agreed{
	"status":             {"OSADKUP", "ETNVX", ""},
	"whoami":             {"OSADKUP", "ETNVX", ""},
	"list-environments":  {"OSADKUP", "ETNVX", ""},
	"create-environment": {"O", "ET", `{"tenant":"acme","name":"Not a name"}`},

	"list-operators":       {"OSU", "ETNVX", ""},
	"show-operator":        {"OSU", "ETN", ""},
	"create-operator-link": {"O", "ETN", `{"role":"desk","place":"acme/preview"}`},
	"grant-role":           {"O", "ETN", `{"role":"auditor","place":"acme/preview"}`},
	"revoke-role":          {"O", "ETN", `{"role":"desk","place":"acme/preview"}`},
	"set-operator-state":   {"O", "ETN", `{"state":"active"}`},

	"plan":           {"OSADU", "ETN", `{"files":{}}`},
	"apply":          {"OA", "ETN", `{"files":{},"base":0}`},
	"list-revisions": {"OSADU", "ETN", ""},
	"show-revision":  {"OSADU", "ETN", ""},

	"preview-change":  {"OSADU", "ETN", `{"files":{},"base":0,"title":"a"}`},
	"propose-change":  {"OA", "ETN", `{"files":{},"base":0,"title":"a"}`},
	"list-changes":    {"OSADU", "ETN", ""},
	"show-change":     {"OSADU", "ETN", ""},
	"change-files":    {"OSADU", "ETN", ""},
	"approve-change":  {"OSA", "ETN", `{"binding":"` + strings.Repeat("0", 64) + `"}`},
	"reject-change":   {"OSA", "ETN", `{}`},
	"withdraw-change": {"OA", "ETN", `{}`},
	"rebase-change":   {"OA", "ETN", ""},
	"apply-change":    {"OA", "ETN", ""},
	"undo-change":     {"OA", "ETN", `{}`},

	"access-reach":   {"OSADU", "ETN", ""},
	"access-diff":    {"OSADU", "ETN", ""},
	"access-matrix":  {"OSADU", "ETNV", ""},
	"access-explain": {"OSADU", "ETNV", `{"application":"web"}`},
	"preview-token":  {"OSADU", "ETNV", `{"application":"web"}`},

	"judge-expectations": {"OSADU", "ETN", ""},
	"last-walk":          {"OSADU", "ETN", ""},
	"begin-walk":         {"OSA", "ETN", `{"lists":["none"]}`},
	"finish-walk":        {"OSA", "ETN", `{"seen":[]}`},

	"list-scopes": {"OSADU", "ETNV", ""},
	"token-sizes": {"OSADU", "ETNV", ""},

	"debug-token":   {"OSADU", "ETN", `{"application":"web","grant":"authorization_code"}`},
	"list-refusals": {"OSADU", "ETN", ""},
	"replay-access": {"OSU", "ETN", `{"since":"2026-01-01T00:00:00Z"}`},
	"inspect-token": {"OSADU", "ETNV", `{"token":"none"}`},

	"query-audit":  {"OSUP", "ETN", ""},
	"tail-audit":   {"OSUP", "ETN", ""},
	"verify-audit": {"OSU", "ETN", ""},

	"list-keys":                {"OSAU", "ETNV", ""},
	"show-keys":                {"OSAU", "ETNV", ""},
	"rotate-key":               {"OS", "ETNV", ""},
	"list-hooks":               {"OSADU", "ETN", ""},
	"test-hook":                {"OSA", "ETN", `{}`},
	"gateway-authority":        {"OSAU", "ETN", ""},
	"rotate-gateway-authority": {"OS", "ETN", `{"keep_seconds":0}`},
	"certify-back-end":         {"OS", "ETN", `{"names":["*"]}`},

	"list-applications": {"OSADU", "ETN", ""},
	"list-secrets":      {"OSADU", "ETN", ""},
	"create-secret":     {"OSA", "ETN", ""},
	"delete-secret":     {"OSA", "ETN", ""},

	"list-backups":  {"OS", "E", ""},
	"create-backup": {"OS", "E", `{"recipients":["age1"]}`},
	"verify-backup": {"OS", "E", `{"sha256":"0","created":"2026-11-22T10:00:00Z","schema":1,"rows":1,"receipt":"00","seen":{"environments":1,"ledgers":1,"passwords":0,"factors":0}}`},

	"list-vault":           {"OSAU", "ETN", ""},
	"show-vault-secret":    {"OSAU", "ETN", ""},
	"create-vault-secret":  {"OSA", "ETN", `{"name":"Not a name","value":"eA=="}`},
	"replace-vault-secret": {"OSA", "ETN", `{"value":"eA=="}`},
	"delete-vault-secret":  {"OSA", "ETN", ""},

	"list-claims":  {"OSKP", "ETN", ""},
	"show-claim":   {"OSKP", "ETN", ""},
	"decide-claim": {"OSK", "ETN", `{"decision":"refuse","note":"x"}`},

	"list-messages": {"OSAKUP", "ETN", ""},
	"retry-message": {"OSAK", "ETN", ""},

	"list-hook-events":   {"OSAKUP", "ETN", ""},
	"replay-hook-events": {"OSAK", "ETN", `{"since":"2026-01-01T00:00:00Z"}`},
	"show-funnel":        {"OSADKUP", "ETN", ""},

	"test-message": {"OSAK", "ETN", `{"channel":"email","address":"none"}`},

	"export-customers":        {"OP", "ETN", `{"recipients":["age1"]}`},
	"change-customer":         {"OSK", "ETN", `{}`},
	"add-identifier":          {"OSK", "ETN", `{"kind":"email","value":"a"}`},
	"remove-identifier":       {"OSK", "ETN", `{"kind":"email","value":"a"}`},
	"choose-first-identifier": {"OSK", "ETN", `{"kind":"email","value":"a"}`},
	"tag-customer":            {"OSK", "ETN", `{}`},
	"list-tagged":             {"OSKP", "ETN", ""},
	"withdraw-agreement":      {"OSK", "ETN", `{"document":"none","reason":"x"}`},
	"list-agreements":         {"OSKP", "ETN", ""},
	"list-memberships":        {"OSKP", "ETN", ""},
	"customer-dossier":        {"OP", "ETN", ""},
	"erase-customer":          {"OP", "ETN", `{}`},
	"find-accounts":           {"OSKP", "ETN", ""},
	"open-account":            {"OSK", "ETN", `{"number":"%"}`},
	"show-account":            {"OSKP", "ETN", ""},
	"change-account":          {"OSK", "ETN", `{}`},
	"add-premises":            {"OSK", "ETN", `{}`},
	"put-member":              {"OSK", "ETN", `{"role":"owner"}`},
	"remove-member":           {"OSK", "ETN", `{}`},
	"list-invitations":        {"OSKP", "ETN", ""},
	"invite-member":           {"OSK", "ETN", `{"address":"a","role":"agent"}`},
	"revoke-invitation":       {"OSK", "ETN", `{}`},
	"find-customers":          {"OSKP", "ETN", ""},
	"show-customer":           {"OSKP", "ETN", ""},
	"set-customer-state":      {"OSK", "ETN", `{"state":"active"}`},
	"sign-out-customer":       {"OSK", "ETN", ""},
	"show-card":               {"OSKP", "ETN", ""},
	"issue-card":              {"OSK", "ETN", `{"account":"a","reason":"b"}`},
	"withdraw-card":           {"OSK", "ETN", ""},

	"list-subscriptions":     {"OSADU", "ETN", ""},
	"show-subscription":      {"OSADU", "ETN", ""},
	"create-subscription":    {"OSA", "ETN", `{"product":"nothing"}`},
	"rotate-subscription":    {"OSA", "ETN", ""},
	"set-subscription-state": {"OSA", "ETN", `{"state":"active"}`},

	"migration-status": {"OSAKUP", "ETN", ""},
	"run-migration":    {"OA", "ETN", ""},
	"start-job":        {"OA", "ETN", ""},
	"show-job":         {"OSAKUP", "ETN", ""},
	"steer-job":        {"OA", "ETN", ""},
	"list-records":     {"OSKP", "ETN", ""},
	"fetch-migration":  {"O", "ETN", `{}`},
	"run-from-source":  {"OA", "ETN", ""},
	"undo-migration":   {"OA", "ETN", ""},

	"list-duplicates":   {"OSKP", "ETN", ""},
	"show-duplicates":   {"OSKP", "ETN", ""},
	"decide-duplicates": {"OA", "ETN", `{"seen":0}`},
	"export-decisions":  {"OSKP", "ETN", ""},
	"import-decisions":  {"OA", "ETN", `{"version":1,"migration":"none","decisions":[]}`},
	"list-systems":      {"OSAKUP", "ETN", ""},
	"probe-system":      {"OA", "ETN", `{"identifier":"a","password":"b"}`},
	"find-at-system":    {"OA", "ETN", `{"identifier":"a"}`},
	"assess-migration":  {"OA", "ETN", ""},

	"reconcile-migration":   {"OA", "ETN", ""},
	"reconcile-from-source": {"OA", "ETN", ""},
	"compare-account":       {"OA", "ETN", `{"identifier":"a","password":"b"}`},
}

var roleLetters = map[operator.Role]string{
	operator.Owner: "O", operator.Security: "S", operator.Architect: "A", operator.Developer: "D",
	operator.Desk: "K", operator.Auditor: "U", operator.Privacy: "P",
}

var placeLetters = map[string]operator.Place{
	"E": {}, "T": {Tenant: "acme"}, "N": {Tenant: "acme", Environment: "preview"},
	"V": {Tenant: "acme", Environment: "preview", Server: "apps"}, "X": {Tenant: "orchard"},
}

// values are what stands for the parameters of paths.
var values = strings.NewReplacer(
	"{hook}", "none",
	"{tenant}", "acme", "{environment}", "preview", "{server}", "apps", "{username}", "zed", "{revision}", "1", "{application}", "none",
	"{change}", "1", "{secret}", "none", "{customer}", "nobody", "{subscription}", "none", "{key}", "primary", "{walk}", "none", "{migration}", "none", "{group}", "none", "{job}", "newest", "{move}", "pause", "{name}", "none", "{account}", "none", "{tag}", "none",
)

// shut are the codes of who is not let in.
var shut = []Code{SignInNeeded, ScopeMissing, NotAllowed, BeyondOwn, NoEnvironment, NoOperator}

// operations gives a request for each operation of the description.
func operations(t *testing.T) map[string]sent {
	t.Helper()
	all := map[string]sent{}
	for path, methods := range description(t).Paths {
		for method, op := range methods {
			a, known := agreement[op.OperationID]
			if !known {
				t.Errorf("nobody agreed who may %s", op.OperationID)
			}
			all[op.OperationID] = sent{
				method: strings.ToUpper(method), path: values.Replace(path), body: a.body, header: map[string]string{"If-Match": `"0"`},
			}
		}
	}
	for name := range agreement {
		if _, described := all[name]; !described {
			t.Errorf("%s is agreed, and does not exist", name)
		}
	}
	return all
}

// Each operation, by each role, at each place, with its scope and with all
// others: who is let in, and what the others are told.
func TestEveryOperationLetsInWhoWasAgreedAndNobodyElse(t *testing.T) {
	r := newRealm(t)
	close(r.stopping) // so that streams end at once
	r.operator("zed", operator.Desk, placeLetters["N"])
	type caller struct {
		name, role, place string
		token             string
		without           map[string]string // tokens by the scope that they lack
	}
	var callers []caller
	for role, letter := range roleLetters {
		for place, at := range placeLetters {
			name := string(role) + "-" + strings.ToLower(place)
			id := r.operator(name, role, at)
			c := caller{name, letter, place, r.token(id, Scopes()), map[string]string{}}
			for _, scope := range Scopes() {
				c.without[scope] = r.token(id, slices.DeleteFunc(Scopes(), func(s string) bool { return s == scope }))
			}
			callers = append(callers, c)
		}
	}
	nobody := r.token(r.operator("nobody", "", operator.Place{}), Scopes())
	scoped := scopesOfOperations(t)
	for name, request := range operations(t) {
		a, routed := agreement[name], strings.Contains(request.path, "/environments/")
		for _, c := range callers {
			request.token = c.token
			_, p := r.ask(request)
			may := strings.Contains(a.roles, c.role) && strings.Contains(a.places, c.place)
			if in := !slices.Contains(shut, p.Code); in != may {
				t.Errorf("%s by %s: %s %s %s, agreed is %t", name, c.name, p.Code, p.Title, p.Detail, may)
				continue
			}
			switch {
			case may:
				request.token = c.without[scoped[name]]
				if answer, p := r.ask(request); p.Code != ScopeMissing || answer.Code != 403 ||
					!strings.Contains(answer.Header().Get("WWW-Authenticate"), `error="insufficient_scope", scope="`+scoped[name]+`"`) {
					t.Errorf("%s by %s without %s: %s", name, c.name, scoped[name], p.Code)
				}
			case routed && (c.place == "X") != (p.Code == NoEnvironment):
				t.Errorf("%s by %s, who has%s a role there: %s", name, c.name, map[bool]string{true: " not", false: ""}[c.place == "X"], p.Code)
			case p.Fix == "" || p.Reference == "" && p.Code != NoOperator:
				t.Errorf("%s by %s: no way out, or no reference: %+v", name, c.name, p)
			}
		}
		request.token = nobody
		if _, p := r.ask(request); !slices.Contains(shut, p.Code) || routed && p.Code != NoEnvironment {
			t.Errorf("%s by somebody without a role: %s", name, p.Code)
		}
		request.token = ""
		if answer, p := r.ask(request); answer.Code != 401 || p.Code != SignInNeeded || answer.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s by nobody: %d %s", name, answer.Code, p.Code)
		}
	}
}

// scopesOfOperations reads which scope the description wants for each.
func scopesOfOperations(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, methods := range description(t).Paths {
		for _, op := range methods {
			if len(op.Security) != 1 || len(op.Security[0][securityScheme]) != 1 {
				t.Errorf("%s wants %v", op.OperationID, op.Security)
				continue
			}
			scope := op.Security[0][securityScheme][0]
			if scope != ScopeOf(operator.Action(op.Action)) {
				t.Errorf("%s is %s and wants %s", op.OperationID, op.Action, scope)
			}
			all[op.OperationID] = scope
		}
	}
	return all
}

func TestNothingIsServedThatIsNotDescribed(t *testing.T) {
	described := []string{"GET " + DescriptionPath}
	for path, methods := range description(t).Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(described)
	for _, guarded := range []bool{true, false} {
		a := newAPI(Config{Faults: faults()}, guarded)
		served := slices.Clone(a.mux.patterns)
		slices.Sort(served)
		if !slices.Equal(served, described) {
			t.Errorf("served %v\ndescribed %v", served, described)
		}
		if len(a.rights) != len(described)-1 {
			t.Errorf("%d rights for %d operations", len(a.rights), len(described)-1)
		}
	}
	r := newRealm(t)
	token := r.token(r.operator("owner", operator.Owner, operator.Place{}), Scopes())
	for _, path := range []string{Prefix + "/nothing", Prefix + "/", Prefix + "/openapi.yaml", Prefix + "/environments/acme", Prefix + "/status/x"} {
		if answer, p := r.ask(sent{method: "GET", path: path, token: token}); answer.Code != 404 || p.Code != NoRoute {
			t.Errorf("%s: %d %s", path, answer.Code, p.Code)
		}
	}
	if answer, p := r.ask(sent{method: "DELETE", path: Prefix + "/status", token: token}); answer.Code != 404 || p.Code != NoRoute {
		t.Errorf("DELETE: %d %s", answer.Code, p.Code)
	}
}

func TestARouteWithoutAnActionCannotBeMade(t *testing.T) {
	for _, need := range []right{{}, {operator.SeeOverview, 0}, {"", there}, {"everything", there}} {
		t.Run(fmt.Sprint(need), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was made")
				}
			}()
			need.check("test")
		})
	}
}

func TestScopesAndActionsAreOneToOneAsTheServerHasThem(t *testing.T) {
	r := newRealm(t)
	a := newAPI(r.cfg, true)
	server := a.issuer()
	var has []string
	for _, scope := range server.Access.Scopes() {
		has = append(has, string(scope.Name))
		change := strings.HasPrefix(string(scope.Name), "sallyport.write.")
		if !scope.Kind.Customer() || change == strings.Contains(scope.Kind.String(), "read") {
			t.Errorf("%s is of kind %s", scope.Name, scope.Kind)
		}
	}
	slices.Sort(has)
	if !slices.Equal(has, Scopes()) || len(slices.Compact(Scopes())) != len(operator.Actions()) {
		t.Errorf("the server has %v, the API wants %v, for %d actions", has, Scopes(), len(operator.Actions()))
	}
	assigned := slices.Sorted(slices.Values(a.system().Snapshot().Applications["command-line"].Assigned[server.Name]))
	if !slices.Equal(assigned, Scopes()) {
		t.Errorf("the command line may ask for %v", assigned)
	}
	for _, action := range operator.Actions() {
		if ScopeOf(action) == "" {
			t.Errorf("%s has no scope", action)
		}
	}
}
