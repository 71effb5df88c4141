package review_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/review"
)

// told gives the lines of a review as their section, a ! for what widens, and their
// sentence.
func told(r *review.Review) (lines []string) {
	for _, l := range r.Lines {
		widens := " "
		if l.Widens {
			widens = "!"
		}
		lines = append(lines, fmt.Sprintf("%-11s%s %s", l.Section, widens, l.Sentence))
	}
	return lines
}

func TestWhatAChangeMeansIsTold(t *testing.T) {
	for _, test := range []struct {
		name string
		edit []string // pairs of texts, in the tree or the document
		want []string
	}{
		{"a title", []string{"name: my-account\n", "name: my-account\ntitle: My account\n"}, []string{
			"neutral      application my-account: title was my-account, and is now My account",
		}},
		{"a redirect more", []string{"[https://my.harbourlight.example/callback]", "[https://my.harbourlight.example/callback, https://evil.example/callback]"}, []string{
			"credentials! application my-account: codes can now be sent to https://evil.example/callback",
		}},
		{"another redirect", []string{"my.harbourlight.example/callback", "evil.example/callback"}, []string{
			"credentials! application my-account: codes can now be sent to https://evil.example/callback",
			"credentials  application my-account: codes can no longer be sent to https://my.harbourlight.example/callback",
		}},
		{"no PKCE", []string{"type: web\n", "type: web\npkce: optional\n"}, []string{
			"credentials! application my-account: pkce was required, and is now optional",
		}},
		{"an age of the sign-in", []string{"type: web\n", "type: web\nmax_age: 10m\n"}, []string{
			"credentials  application my-account: max_age is now 10m, and was not set",
		}},
		{"consent", []string{"type: web\n", "type: web\nconsent: required\n"}, []string{
			"credentials  application my-account: consent was implicit, and is now required",
		}},
		{"opaque tokens", []string{"type: web\n", "type: web\naccess_tokens: opaque\n"}, []string{
			"credentials  application my-account: access_tokens at apps was jwt, and is now opaque",
		}},
		{"an application's rate", []string{"type: web\n", "type: web\nrate: {calls: 2000, per: 1s, burst: 9000}\n"}, []string{
			"widening   ! application my-account: rate at apps was 1000 each 1s, 5000 at once, and is now 2000 each 1s, 9000 at once",
		}},
		{"another audience", []string{"audience: https://api.harbourlight.example/apps", "audience: https://api.harbourlight.example/all"}, []string{
			"credentials! authorization server apps: audience was https://api.harbourlight.example/apps, and is now https://api.harbourlight.example/all",
		}},
		{"another back end", []string{"backend: {url: \"https://billing.harbourlight.example\"}", "backend: {url: \"https://billing.other.example\"}"}, []string{
			"credentials! api billing: backend.url was https://billing.harbourlight.example, and is now https://billing.other.example",
		}},
		{"another address", []string{`url: "https://id.harbourlight.example"`, `url: "https://login.harbourlight.example"`}, []string{
			"credentials! environment preview: pages and issuers are at https://login.harbourlight.example instead of https://id.harbourlight.example",
		}},
		{"a protection", []string{`gateway: "https://api.harbourlight.example"`, `gateway: "https://api.harbourlight.example", protected: true`}, []string{
			"credentials  tenant harbourlight: environments[preview].protected is now true, and was not set",
		}},
		{"a group that nobody names", []string{"{name: landlords}]", "{name: landlords}, {name: staff}]"}, []string{
			"neutral      tenant harbourlight: groups[staff] is new",
		}},
		{"a scope that nobody can have", []string{"  - {name: billing.read.bill,", "  - {name: meters.read.all, kind: customer-read}\n  - {name: billing.read.bill,"}, []string{
			"neutral      apps: scope meters.read.all was added; nobody can get more or less by it",
		}},
		{"a rule renamed", []string{"{name: see,", "{name: look,"}, []string{
			"neutral      apps: rule see of policy own was renamed to look; nobody can get more or less by it",
		}},
		{"a claim", []string{"policies:\n", "claims: [{name: groups, groups: \"*\", in: [access], scopes: [billing.write.payment]}]\npolicies:\n"}, []string{
			"widening   ! my-account: tokens of apps now say groups: groups *, in access, scopes billing.write.payment",
		}},
		{"an operation more", []string{"  /payments:", "  /meters:\n    get: {operationId: meters, security: [{oauth: [billing.read.bill]}], responses: {\"200\": {description: ok}}}\n  /payments:"}, []string{
			"widening   ! my-account: a token with billing.read.bill of apps now opens GET /billing/meters",
			"neutral      api billing: openapi was",
		}},
		{"an operation that needs less", []string{"post: {operationId: pay, security: [{oauth: [billing.write.payment]}]", "post: {operationId: pay, security: [{oauth: [billing.write.payment]}, {oauth: [billing.read.bill]}]"}, []string{
			"widening   ! my-account: a token with billing.read.bill of apps now opens POST /billing/payments",
			"neutral      api billing: openapi was",
		}},
		{"an operation that needs more", []string{"post: {operationId: pay, security: [{oauth: [billing.write.payment]}]", "post: {operationId: pay, security: [{oauth: [billing.write.payment, billing.read.bill]}]"}, []string{
			"narrowing    a token with billing.write.payment no longer opens POST /billing/payments, which needs billing.read.bill and billing.write.payment of apps now",
			"neutral      api billing: openapi was",
		}},
		{"an operation without a token", []string{
			"post: {operationId: pay, security: [{oauth: [billing.write.payment]}]", "post: {operationId: pay, security: []",
			"servers: [apps]\n", "servers: [apps]\npublic: [pay]\n",
		}, []string{
			"widening   ! anybody with a subscription key can now call POST /billing/payments without a token",
			"neutral      api billing: openapi was",
		}},
		{"a parameter renamed means nothing to callers", []string{"  /bills:", "  /bills: "}, []string{
			"neutral      api billing: openapi was",
		}},
		{"an application more", []string{"kind: api\n", "kind: application\nname: kiosk\ntype: browser\nredirects: [https://kiosk.example/callback]\n---\nkind: api\n"}, []string{
			"credentials! application kiosk is new: type browser; authentication none; redirects https://kiosk.example/callback",
		}},
		{"a product", []string{"kind: api\n", "kind: product\nname: bills\napis: [billing]\napplications: [my-account]\nrate: {calls: 10}\n---\nkind: api\n"}, []string{
			"widening   ! product bills is new: apis billing; applications my-account; rate 10 each 1s, 10 at once",
		}},
		{"a hook", []string{"kind: api\n", "kind: hook\nname: fraud\nurl: https://fraud.example/ask\njudges: [\"*\"]\n---\nkind: api\n"}, []string{
			"widening   ! hook fraud is new: url https://fraud.example/ask; judges *",
		}},
		{"a rate of a rule", []string{"{name: pay, groups", "{name: pay, rate: {calls: 5, per: 1s, burst: 5}, groups"}, []string{
			"narrowing    my-account: any customer in residents and not in landlords, from anywhere, calls with a token of apps to sign in by are now limited to 5 calls each 1s, 5 at once instead of no limit of calls; because rule pay of policy own changed: rate",
			"narrowing    my-account: any customer in residents and not in landlords, from anywhere, calls with billing.read.bill of apps are now limited to 5 calls each 1s, 5 at once instead of no limit of calls; because rule pay of policy own changed: rate",
			"narrowing    my-account: any customer in residents, from anywhere, calls with billing.write.payment of apps are now limited to 5 calls each 1s, 5 at once instead of no limit of calls; because rule pay of policy own changed: rate",
		}},
		{"a parent", []string{"- {name: billing.read.bill,", "- {name: billing.read.all, kind: customer-read}\n  - {name: billing.read.bill, parent: billing.read.all,"}, []string{
			"neutral      apps: scope billing.read.all was added; nobody can get more or less by it",
			"neutral      apps: scope billing.read.bill was under no other and is under billing.read.all; nobody can get more or less by it",
			"neutral      a token with billing.read.all of apps now opens GET /billing/bills, and nobody can get one",
		}},
		{"another life", []string{"{name: pay, groups", "{name: pay, lifetimes: {access: 1h}, groups"}, []string{
			"widening   ! my-account: any customer in residents, from anywhere, an access token of apps to sign in by now lives for up to 1h instead of 15m; because rule pay of policy own changed: lifetimes",
			"widening   ! my-account: any customer in residents, from anywhere, an access token with billing.read.bill, billing.write.payment of apps now lives for up to 1h instead of 15m; because rule pay of policy own changed: lifetimes",
		}},
		{"an assignment that gives nothing", []string{"assigned: {apps: [billing.read.bill, billing.write.payment]}", "assigned: {apps: [billing.read.bill]}"}, []string{
			"narrowing    my-account: any customer in residents, from anywhere, can no longer get billing.write.payment of apps; because what application my-account is assigned changed, now without billing.write.payment",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := told(compare(t, edited(t), edited(t, test.edit...)))
			for i, line := range got {
				if at := strings.Index(line, "openapi was"); at >= 0 {
					got[i] = line[:at+len("openapi was")]
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTheFirstReviewTellsEverything(t *testing.T) {
	r := compare(t, nil, edited(t))
	if r.Unchanged != 0 || !r.Passed() {
		t.Error(r.Summary())
	}
	want := []string{
		"widening   ! my-account: any customer in landlords, from anywhere; or any customer in residents, from anywhere, can now get a token of apps to sign in by; because server apps is new",
		"widening   ! my-account: any customer in landlords, from anywhere; or any customer in residents, from anywhere, can now get billing.read.bill of apps, which opens GET /billing/bills; because server apps is new",
		"widening   ! my-account: any customer in residents, from anywhere, can now get billing.write.payment of apps, which opens POST /billing/payments; because server apps is new",
		"credentials! api billing is new: servers apps; path /billing; backend.url https://billing.harbourlight.example",
		"credentials! application my-account is new: type web; authentication client_secret_basic; redirects https://my.harbourlight.example/callback",
		"neutral      authorization server apps is new",
		"neutral      tenant harbourlight is new",
	}
	if d := cmp.Diff(want, told(r)); d != "" {
		t.Error(d)
	}
}
