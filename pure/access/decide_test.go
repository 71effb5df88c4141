package access_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
)

type (
	scopes = []access.Scope
	groups = []access.Group
	rules  = []access.RuleSpec
)

const (
	code    = access.AuthorizationCode
	machine = access.ClientCredentials
)

// noon is a Tuesday.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// utility is the server that the tables below bend to their sentence: one
// application with every scope and grant, and one policy with the rules given.
func utility(change func(*access.Spec), list ...access.RuleSpec) access.Spec {
	all := scopes{"bill.read.invoice", "bill.write.payment", "meter.read.usage", "meter.write.sync"}
	s := access.Spec{
		Server: "utility",
		Scopes: []access.ScopeSpec{
			{Name: "bill.read.invoice", Kind: access.CustomerRead, Default: true},
			{Name: "bill.write.payment", Kind: access.CustomerWrite},
			{Name: "meter.read.usage", Kind: access.CustomerRead, Default: true},
			{Name: "meter.write.sync", Kind: access.SystemWrite},
		},
		Applications: []access.ApplicationSpec{
			{ID: "app", Scopes: all, Grants: []access.GrantType{code, machine, access.RefreshToken}},
			{ID: "other", Scopes: all, Grants: []access.GrantType{code, machine}},
		},
		Policies: []access.PolicySpec{{Name: "main", Applications: []access.ApplicationID{"app"}, Rules: list}},
	}
	if change != nil {
		change(&s)
	}
	return s
}

func compile(t testing.TB, s access.Spec) *access.Model {
	t.Helper()
	m, problems := access.Compile(s)
	if m == nil {
		t.Fatalf("Compile: %v", problems)
	}
	return m
}

func allow(name access.RuleName, names ...access.Scope) access.RuleSpec {
	return access.RuleSpec{Name: name, Effect: access.Allow, Scopes: append(scopes{}, names...), AllScopes: false}
}

func allowAll(name access.RuleName) access.RuleSpec {
	return access.RuleSpec{Name: name, Effect: access.Allow, AllScopes: true}
}

func deny(name access.RuleName, names ...access.Scope) access.RuleSpec {
	return access.RuleSpec{Name: name, Effect: access.Deny, Scopes: names}
}

func denyAll(name access.RuleName) access.RuleSpec {
	return access.RuleSpec{Name: name, Effect: access.Deny, AllScopes: true}
}

func with(r access.RuleSpec, changes ...func(*access.RuleSpec)) access.RuleSpec {
	for _, change := range changes {
		change(&r)
	}
	return r
}

// person asks by authorization code for a customer in no group, machineAsks by
// client credentials.
func person(names ...access.Scope) access.Request {
	return access.Request{Application: "app", Grant: code, Subject: &access.Subject{}, Scopes: names, At: noon, Assurance: access.OneFactor}
}

func member(group access.Group, names ...access.Scope) access.Request {
	r := person(names...)
	r.Subject.Groups = groups{group}
	return r
}

func machineAsks(names ...access.Scope) access.Request {
	return access.Request{Application: "app", Grant: machine, Scopes: names, At: noon}
}

func refresh(original scopes, names ...access.Scope) access.Request {
	r := person(names...)
	r.Original = original
	return r
}

func from(address string, r access.Request) access.Request {
	r.Address = netip.MustParseAddr(address)
	return r
}

func at(clock string, r access.Request) access.Request {
	var err error
	if r.At, err = time.Parse(time.RFC3339, clock); err != nil {
		panic(err)
	}
	return r
}

func assured(level access.Assurance, r access.Request) access.Request {
	r.Assurance = level
	return r
}

func narrow(s *access.Spec)      { s.Excess = access.NarrowExcess }
func fallThrough(s *access.Spec) { s.FallThrough = true }

func assign(names ...access.Scope) func(*access.Spec) {
	return func(s *access.Spec) { s.Applications[0].Scopes = names }
}

func entitle(table map[access.Group][]access.Scope) func(*access.Spec) {
	return func(s *access.Spec) { s.Entitlements = table }
}

// then adds later policies that name the application.
func then(more ...access.PolicySpec) func(*access.Spec) {
	return func(s *access.Spec) { s.Policies = append(s.Policies, more...) }
}

func both(changes ...func(*access.Spec)) func(*access.Spec) {
	return func(s *access.Spec) {
		for _, change := range changes {
			change(s)
		}
	}
}

// TestDecide goes through the sentences of the design on access, in order. Each
// row wants either the granted scopes and the rule, or the code and the check.
func TestDecide(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	office := netip.MustParsePrefix("192.0.2.0/24")
	inOffice := func(r *access.RuleSpec) { r.Networks = []netip.Prefix{office} }
	landlords := func(r *access.RuleSpec) { r.AnyOf = groups{"landlords"} }
	notBlocked := func(r *access.RuleSpec) { r.NoneOf = groups{"blocked"} }
	workday := func(r *access.RuleSpec) {
		r.Windows = []access.Window{{From: 9 * time.Hour, To: 17 * time.Hour, Zone: london}}
	}
	mondayNight := func(r *access.RuleSpec) {
		r.Windows = []access.Window{{Days: []time.Weekday{time.Monday}, From: 22 * time.Hour, To: 6 * time.Hour, Zone: london}}
	}
	strong := func(r *access.RuleSpec) { r.Assurance = access.TwoFactor }
	byMachine := func(r *access.RuleSpec) { r.Grants = []access.GrantType{machine} }

	type want struct {
		granted scopes
		rule    access.RuleName
		code    access.ErrorCode
		check   access.Check
	}
	granted := func(rule access.RuleName, names ...access.Scope) want { return want{granted: names, rule: rule} }
	refused := func(code access.ErrorCode, check access.Check) want { return want{code: code, check: check} }

	for _, row := range []struct {
		sentence string
		change   func(*access.Spec)
		rules    rules
		request  access.Request
		want     want
	}{
		// 1. The application.
		{
			"an application that the server does not serve is refused", nil,
			rules{allowAll("all")},
			func() access.Request { r := person("bill.read.invoice"); r.Application = "stranger"; return r }(),
			refused(access.UnauthorizedClient, access.CheckApplication),
		},
		{
			"a grant that the application may not use is refused",
			func(s *access.Spec) { s.Applications[0].Grants = []access.GrantType{machine} },
			rules{allowAll("all")},
			person("bill.read.invoice"), refused(access.UnauthorizedClient, access.CheckGrant),
		},
		{
			"a refresh is not a grant type of its own", nil,
			rules{allowAll("all")},
			func() access.Request {
				r := person("bill.read.invoice")
				r.Grant = access.RefreshToken
				return r
			}(),
			refused(access.UnauthorizedClient, access.CheckGrant),
		},
		{
			"client credentials with a customer are refused", nil,
			rules{allowAll("all")},
			func() access.Request {
				r := machineAsks("meter.write.sync")
				r.Subject = &access.Subject{}
				return r
			}(),
			refused(access.AccessDenied, access.CheckSubject),
		},
		{
			"an authorization code without a customer is refused, lest none-of takes it for a machine", nil,
			rules{allowAll("all")},
			func() access.Request { r := person("bill.read.invoice"); r.Subject = nil; return r }(),
			refused(access.AccessDenied, access.CheckSubject),
		},

		// 2. Scopes.
		{
			"an unknown scope is invalid_scope", nil,
			rules{allowAll("all")},
			person("bill.read.invoice", "no.such.scope"), refused(access.InvalidScope, access.CheckScopes),
		},
		{
			"an unknown scope is invalid_scope even where the server narrows", narrow,
			rules{allowAll("all")},
			person("bill.read.invoice", "no.such.scope"), refused(access.InvalidScope, access.CheckScopes),
		},
		{
			"an OIDC scope by client credentials is invalid_scope", narrow,
			rules{allowAll("all")},
			machineAsks("meter.write.sync", "openid"), refused(access.InvalidScope, access.CheckScopes),
		},
		{
			"an empty request asks for the default scopes", nil,
			rules{allowAll("all")},
			person(), granted("all", "bill.read.invoice", "meter.read.usage"),
		},
		{
			"an empty request asks only for the defaults below the ceilings", assign("meter.read.usage", "bill.write.payment"),
			rules{allowAll("all")},
			person(), granted("all", "meter.read.usage"),
		},
		{
			"an empty request with no default left is invalid_scope", assign("bill.write.payment"),
			rules{allowAll("all")},
			person(), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"an empty request by a machine has no customer's defaults", nil,
			rules{allowAll("all")},
			machineAsks(), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"a scope asked twice is granted once", nil,
			rules{allowAll("all")},
			person("bill.read.invoice", "bill.read.invoice", "openid", "openid"), granted("all", "openid", "bill.read.invoice"),
		},

		// 3. Ceilings.
		{
			"a scope above what the application is assigned is refused", assign("bill.read.invoice"),
			rules{allowAll("all")},
			person("bill.read.invoice", "bill.write.payment"), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"a scope above the ceilings is dropped where the server narrows", both(narrow, assign("bill.read.invoice")),
			rules{allowAll("all")},
			person("bill.read.invoice", "bill.write.payment"), granted("all", "bill.read.invoice"),
		},
		{
			"narrowing to nothing is invalid_scope", both(narrow, assign("bill.read.invoice")),
			rules{allowAll("all")},
			person("bill.write.payment"), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"narrowing leaves OIDC's own scopes", both(narrow, assign("bill.read.invoice")),
			rules{allowAll("all")},
			person("openid", "bill.write.payment"), granted("all", "openid"),
		},
		{
			"a system scope is above a customer's ceiling", nil,
			rules{allowAll("all")},
			person("meter.write.sync"), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"a customer scope is above a machine's ceiling", nil,
			rules{allowAll("all")},
			machineAsks("bill.read.invoice"), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"no entitlement table entitles to all customer scopes", nil,
			rules{allowAll("all")},
			person("bill.write.payment"), granted("all", "bill.write.payment"),
		},
		{
			"an empty entitlement table entitles to none", entitle(map[access.Group][]access.Scope{}),
			rules{allowAll("all")},
			person("bill.write.payment"), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"a table without the customer's groups entitles to none",
			entitle(map[access.Group][]access.Scope{"payers": {"bill.write.payment"}}),
			rules{allowAll("all")},
			member("landlords", "bill.write.payment"), refused(access.InvalidScope, access.CheckCeilings),
		},
		{
			"a customer is entitled to what the table lists for a group",
			entitle(map[access.Group][]access.Scope{"payers": {"bill.write.payment"}}),
			rules{allowAll("all")},
			member("payers", "bill.write.payment"), granted("all", "bill.write.payment"),
		},
		{
			"the entitlement table does not bound a machine", entitle(map[access.Group][]access.Scope{}),
			rules{allowAll("all")},
			machineAsks("meter.write.sync"), granted("all", "meter.write.sync"),
		},
		{
			"OIDC's own scopes are outside the ceilings", both(assign(), entitle(map[access.Group][]access.Scope{})),
			rules{allow("sign-in")},
			person("openid", "profile"), granted("sign-in", "openid", "profile"),
		},
		{
			"a request of OIDC's own scopes alone still needs a rule", nil,
			rules{with(allowAll("machines"), byMachine)},
			person("openid"), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"OIDC's own scopes go along with scopes that a rule covers", nil,
			rules{allow("bills", "bill.read.invoice")},
			person("bill.read.invoice", "offline_access", "openid"), granted("bills", "openid", "offline_access", "bill.read.invoice"),
		},
		{
			"OIDC's own scopes asked alone are not joined by defaults", nil,
			rules{allowAll("all")},
			person("openid"), granted("all", "openid"),
		},

		// 4. Policies.
		{
			"an application that no policy names gets nothing", nil,
			rules{allowAll("all")},
			func() access.Request { r := person("bill.read.invoice"); r.Application = "other"; return r }(),
			refused(access.AccessDenied, access.CheckPolicy),
		},
		{
			"a policy for all names every application",
			then(access.PolicySpec{Name: "rest", All: true, Rules: rules{allowAll("rest-all")}}), nil,
			func() access.Request { r := person("bill.read.invoice"); r.Application = "other"; return r }(),
			granted("rest-all", "bill.read.invoice"),
		},
		{
			"the first policy that names the application decides",
			then(access.PolicySpec{Name: "rest", All: true, Rules: rules{allowAll("rest-all")}}),
			rules{allow("bills", "bill.read.invoice")},
			person("bill.write.payment"), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"falling through to later policies is an option of the server",
			both(fallThrough, then(access.PolicySpec{Name: "rest", All: true, Rules: rules{allowAll("rest-all")}})),
			rules{allow("bills", "bill.read.invoice")},
			person("bill.write.payment"), granted("rest-all", "bill.write.payment"),
		},

		// 5. Rules.
		{
			"the first rule that matches wins", nil,
			rules{allow("first", "bill.read.invoice"), allowAll("second")},
			person("bill.read.invoice"), granted("first", "bill.read.invoice"),
		},
		{"no rule, no token", nil, nil, person("bill.read.invoice"), refused(access.AccessDenied, access.CheckRule)},
		{
			"an allow rule matches when every scope is covered", nil,
			rules{allow("one", "bill.read.invoice"), allow("two", "bill.read.invoice", "bill.write.payment")},
			person("bill.read.invoice", "bill.write.payment"), granted("two", "bill.read.invoice", "bill.write.payment"),
		},
		{
			"two rules that cover a part each do not add up", nil,
			rules{allow("one", "bill.read.invoice"), allow("two", "bill.write.payment")},
			person("bill.read.invoice", "bill.write.payment"), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"for an empty request a rule grants those defaults that it covers", nil,
			rules{allow("bills", "bill.read.invoice", "bill.write.payment")},
			person(), granted("bills", "bill.read.invoice"),
		},
		{
			"a rule that covers no default does not match an empty request", nil,
			rules{allow("pay", "bill.write.payment"), allow("usage", "meter.read.usage")},
			person(), granted("usage", "meter.read.usage"),
		},
		{
			"a rule for another grant type does not match", nil,
			rules{with(allowAll("machines"), byMachine), allow("bills", "bill.read.invoice")},
			person("bill.read.invoice"), granted("bills", "bill.read.invoice"),
		},
		{
			"any-of needs one of the groups", nil,
			rules{with(allowAll("l"), landlords)},
			member("tenants", "bill.read.invoice"), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"any-of is met by one of the groups", nil,
			rules{with(allowAll("l"), landlords)},
			member("landlords", "bill.read.invoice"), granted("l", "bill.read.invoice"),
		},
		{
			"any-of never matches a machine", nil,
			rules{with(allowAll("l"), landlords)},
			machineAsks("meter.write.sync"), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"none-of does not match a member", nil,
			rules{with(allowAll("n"), notBlocked)},
			member("blocked", "bill.read.invoice"), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"none-of matches a machine", nil,
			rules{with(allowAll("n"), notBlocked)},
			machineAsks("meter.write.sync"), granted("n", "meter.write.sync"),
		},

		// Deny.
		{
			"a deny rule fires when any scope is listed", nil,
			rules{deny("no-pay", "bill.write.payment"), allowAll("all")},
			person("bill.read.invoice", "bill.write.payment"), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"a deny rule does not fire when no scope is listed", nil,
			rules{deny("no-pay", "bill.write.payment"), allowAll("all")},
			person("bill.read.invoice"), granted("all", "bill.read.invoice"),
		},
		{
			"a deny rule on * always fires, on OIDC's own alone too", nil,
			rules{denyAll("closed"), allowAll("all")},
			person("openid"), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"a deny rule with a list does not fire on OIDC's own alone", nil,
			rules{deny("no-pay", "bill.write.payment"), allowAll("all")},
			person("openid"), granted("all", "openid"),
		},
		{
			"a deny rule fires on an empty request that asks for a listed default", nil,
			rules{deny("no-bills", "bill.read.invoice"), allowAll("all")},
			person(), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"a deny rule does not fire on scopes that the ceilings dropped", both(narrow, assign("bill.read.invoice")),
			rules{deny("no-pay", "bill.write.payment"), allowAll("all")},
			person("bill.read.invoice", "bill.write.payment"), granted("all", "bill.read.invoice"),
		},
		{
			"a deny rule after the matching rule does not fire", nil,
			rules{allowAll("all"), denyAll("closed")},
			person("bill.read.invoice"), granted("all", "bill.read.invoice"),
		},
		{
			"a deny rule whose conditions fail does not fire", nil,
			rules{with(denyAll("closed"), landlords), allowAll("all")},
			member("tenants", "bill.read.invoice"), granted("all", "bill.read.invoice"),
		},
		{
			"a deny rule is final under fall-through",
			both(fallThrough, then(access.PolicySpec{Name: "rest", All: true, Rules: rules{allowAll("rest-all")}})),
			rules{deny("no-pay", "bill.write.payment")},
			person("bill.write.payment"), refused(access.AccessDenied, access.CheckDeny),
		},

		// Networks.
		{
			"an address inside meets a network allow", nil,
			rules{with(allowAll("office"), inOffice)},
			from("192.0.2.7", person("bill.read.invoice")), granted("office", "bill.read.invoice"),
		},
		{
			"an address outside meets no network allow", nil,
			rules{with(allowAll("office"), inOffice)},
			from("192.0.3.7", person("bill.read.invoice")), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"an IPv4 address mapped into IPv6 counts as IPv4", nil,
			rules{with(denyAll("office"), inOffice), allowAll("all")},
			from("::ffff:192.0.2.7", person("bill.read.invoice")), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"a zone does not hide an address from a deny", nil,
			rules{with(denyAll("link"), func(r *access.RuleSpec) { r.Networks = []netip.Prefix{netip.MustParsePrefix("fe80::/10")} }), allowAll("all")},
			from("fe80::1%eth0", person("bill.read.invoice")), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"an unknown address meets every network deny", nil,
			rules{with(denyAll("office"), inOffice), allowAll("all")},
			person("bill.read.invoice"), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"an unknown address meets no network allow",
			nil,
			rules{with(allowAll("anywhere"), func(r *access.RuleSpec) {
				r.Networks = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
			})},
			person("bill.read.invoice"), refused(access.AccessDenied, access.CheckRule),
		},

		// Time. London is an hour ahead of UTC from 29 March 2026.
		{
			"a window holds at from", nil,
			rules{with(allowAll("day"), workday)},
			at("2026-03-03T09:00:00Z", person("bill.read.invoice")), granted("day", "bill.read.invoice"),
		},
		{
			"a window holds just before to", nil,
			rules{with(allowAll("day"), workday)},
			at("2026-03-03T16:59:59.999Z", person("bill.read.invoice")), granted("day", "bill.read.invoice"),
		},
		{
			"a window does not hold at to", nil,
			rules{with(allowAll("day"), workday)},
			at("2026-03-03T17:00:00Z", person("bill.read.invoice")), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"a window follows its zone into summer", nil,
			rules{with(allowAll("day"), workday)},
			at("2026-04-07T08:00:00Z", person("bill.read.invoice")), granted("day", "bill.read.invoice"),
		},
		{
			"a weekly window past midnight belongs to the day on which it opens", nil,
			rules{with(allowAll("night"), mondayNight)},
			at("2026-03-03T05:59:00Z", person("bill.read.invoice")), granted("night", "bill.read.invoice"),
		},
		{
			"a weekly window does not open on other days", nil,
			rules{with(allowAll("night"), mondayNight)},
			at("2026-03-02T05:59:00Z", person("bill.read.invoice")), refused(access.AccessDenied, access.CheckRule),
		},
		{
			"an unknown instant meets no window of an allow", nil,
			rules{with(allowAll("day"), workday)},
			func() access.Request { r := person("bill.read.invoice"); r.At = time.Time{}; return r }(),
			refused(access.AccessDenied, access.CheckRule),
		},
		{
			"an unknown instant meets every window of a deny", nil,
			rules{with(denyAll("day"), workday), allowAll("all")},
			func() access.Request { r := person("bill.read.invoice"); r.At = time.Time{}; return r }(),
			refused(access.AccessDenied, access.CheckDeny),
		},

		// Assurance.
		{
			"enough assurance matches", nil,
			rules{with(allowAll("strong"), strong)},
			assured(access.PhishingResistant, person("bill.read.invoice")), granted("strong", "bill.read.invoice"),
		},
		{
			"too little assurance is a non-match", nil,
			rules{with(allowAll("strong"), strong), allow("weak", "bill.read.invoice")},
			person("bill.read.invoice"), granted("weak", "bill.read.invoice"),
		},
		{
			"if nothing matches the refusal names assurance", nil,
			rules{with(allowAll("strong"), strong)},
			person("bill.read.invoice"), refused(access.AccessDenied, access.CheckAssurance),
		},
		{
			"a refusal names no assurance that would not help", nil,
			rules{with(allow("strong", "bill.read.invoice"), strong)},
			person("bill.write.payment"), refused(access.AccessDenied, access.CheckRule),
		},

		// Refresh.
		{
			"a refresh that omits scopes asks for the original set, never the defaults", nil,
			rules{allowAll("all")},
			refresh(scopes{"openid", "bill.write.payment"}), granted("all", "openid", "bill.write.payment"),
		},
		{
			"a refresh may ask for less", nil,
			rules{allowAll("all")},
			refresh(scopes{"openid", "bill.read.invoice", "bill.write.payment"}, "bill.read.invoice"), granted("all", "bill.read.invoice"),
		},
		{
			"a refresh gets nothing beyond the original", narrow,
			rules{allowAll("all")},
			refresh(scopes{"bill.read.invoice"}, "bill.read.invoice", "bill.write.payment"), refused(access.InvalidScope, access.CheckOriginal),
		},
		{
			"a refresh of nothing is refused", nil,
			rules{allowAll("all")},
			refresh(scopes{}), refused(access.InvalidScope, access.CheckOriginal),
		},
		{
			"a refresh is decided by the live rules", nil,
			rules{deny("no-pay", "bill.write.payment"), allowAll("all")},
			refresh(scopes{"bill.write.payment"}), refused(access.AccessDenied, access.CheckDeny),
		},
		{
			"an application without the refresh grant may not refresh",
			func(s *access.Spec) { s.Applications[0].Grants = []access.GrantType{code} },
			rules{allowAll("all")},
			refresh(scopes{"openid"}), refused(access.UnauthorizedClient, access.CheckGrant),
		},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			m := compile(t, utility(row.change, row.rules...))
			d := access.Decide(m, row.request)
			got := want{d.Granted, d.Rule, d.Error.Code, d.Error.Check}
			if !d.Allowed {
				got.rule = ""
			}
			if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("-want +got\n%s\n%s", diff, access.Explain(m, row.request))
			}
			if diff := cmp.Diff(d, access.Explain(m, row.request).Decision); diff != "" {
				t.Errorf("Explain differs from Decide: %s", diff)
			}
		})
	}
}

func TestDecideTellsWhatWasRefused(t *testing.T) {
	m := compile(t, utility(both(narrow, assign("bill.read.invoice", "meter.write.sync"))))
	r := person("bill.read.invoice", "bill.write.payment", "meter.write.sync")
	want := []access.RefusedScope{{"bill.write.payment", access.NotAssigned}, {"meter.write.sync", access.NeedsMachine}}
	if diff := cmp.Diff(want, access.Decide(m, r).Refused); diff != "" {
		t.Error(diff)
	}
}

func TestDecideNamesTheLeastAssuranceThatWouldDo(t *testing.T) {
	m := compile(t, utility(nil,
		with(allow("pay", "bill.write.payment"), func(r *access.RuleSpec) { r.Assurance = access.PhishingResistant }),
		with(allow("pay-too", "bill.write.payment"), func(r *access.RuleSpec) { r.Assurance = access.TwoFactor })))
	if got := access.Decide(m, person("bill.write.payment")).NeededAssurance; got != access.TwoFactor {
		t.Errorf("needed %v, want %v", got, access.TwoFactor)
	}
}

func TestLifetimesComeFromTheRuleThenTheServerThenTheDefaults(t *testing.T) {
	m := compile(t, utility(func(s *access.Spec) { s.Lifetimes.Refresh = 8 * 24 * time.Hour },
		with(allowAll("all"), func(r *access.RuleSpec) { r.Lifetimes.Access = 5 * time.Minute })))
	want := access.Lifetimes{Access: 5 * time.Minute, Refresh: 8 * 24 * time.Hour, Idle: access.DefaultLifetimes().Idle}
	if diff := cmp.Diff(want, access.Decide(m, person()).Lifetimes); diff != "" {
		t.Error(diff)
	}
}

func TestFallingThroughIsMarked(t *testing.T) {
	m := compile(t, utility(both(fallThrough, then(access.PolicySpec{Name: "rest", All: true, Rules: rules{allowAll("rest-all")}})),
		allow("bills", "bill.read.invoice")))
	if d := access.Decide(m, person("bill.write.payment")); !d.FellThrough || d.Policy != "rest" {
		t.Errorf("got %+v", d)
	}
	if d := access.Decide(m, person("bill.read.invoice")); d.FellThrough {
		t.Errorf("got %+v", d)
	}
}

func TestADescriptionNeverRepeatsTheRequest(t *testing.T) {
	m := compile(t, utility(nil))
	d := access.Decide(m, person("<script>"))
	if want := "this authorization server does not know every scope asked"; d.Error.Description != want {
		t.Errorf("got %q", d.Error.Description)
	}
}
