package config_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/route"
)

func compile(t testing.TB, tree *config.Tree, environment string) *config.Snapshot {
	t.Helper()
	snapshot, problems := config.Compile(tree, environment, builtin)
	if snapshot == nil {
		t.Fatal(config.Render(problems, tree.Files()))
	}
	return snapshot
}

func TestTheHarbourlightTreeHasNoProblem(t *testing.T) {
	tree, files := harbourlight(t)
	if problems := config.Check(tree, builtin); len(problems) > 0 {
		t.Fatal(config.Render(problems, files))
	}
}

func TestASnapshotHasItsEnvironmentsAddresses(t *testing.T) {
	tree, _ := harbourlight(t)
	preview, production := compile(t, tree, "preview"), compile(t, tree, "production")
	for _, c := range []struct{ what, got, want string }{
		{"the base", preview.URL.String(), "http://localhost:8080/preview"},
		{"the base in production", production.URL.String(), "https://login.harbourlight.example"},
		{"the gateway, which follows the base unless it is named", preview.Gateway.String(), "http://localhost:8081/preview"},
		{"the gateway in production", production.Gateway.String(), "https://api.harbourlight.example"},
		{"an issuer", preview.Servers["apps"].Issuer, "http://localhost:8080/preview/apps"},
		{"an issuer in production", production.Servers["enterprise"].Issuer, "https://login.harbourlight.example/enterprise"},
		{"a redirect", preview.Applications["my-account"].Redirects[0], "http://localhost:9100/callback"},
		{"a redirect in production", production.Applications["my-account"].Redirects[0], "https://my.harbourlight.example/callback"},
		{"a back end", production.APIs["billing"].Backend.URL, "https://billing.internal.harbourlight.example"},
		{"the other environment, by its own variables", preview.Tenant.Environments["production"].URL, "https://login.harbourlight.example"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %s; want %s", c.what, c.got, c.want)
		}
	}
	if preview.Digest != production.Digest {
		t.Error("one tree has two digests")
	}
}

func TestWhatIsLeftOutGetsItsDefault(t *testing.T) {
	tree, _ := harbourlight(t)
	s := compile(t, tree, "preview")
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"a web application authenticates", s.Applications["my-account"].Authentication, "client_secret_basic"},
		{"a browser application does not", s.Applications["start-stop"].Authentication, "none"},
		{"PKCE", s.Applications["my-account"].PKCE, "required"},
		{"protocol", s.Applications["payright"].Protocol, "oidc"},
		{"grants of a machine", s.Applications["payright"].Grants, []string{"client_credentials"}},
		{"grants of others", s.Applications["mobile"].Grants, []string{"authorization_code", "refresh_token"}},
		{"excess", s.Servers["enterprise"].Excess, "refuse"},
		{"algorithm", s.Servers["apps"].Signing.Algorithm, "ES256"},
		{"rotation", s.Servers["apps"].Signing.RotateEvery.Std(), 90 * 24 * time.Hour},
		{"lifetimes", s.Servers["enterprise"].Lifetimes.Access.Std(), access.DefaultLifetimes().Access},
		{"effect", s.Servers["apps"].Policies[0].Rules[2].Effect, "allow"},
		{"title", s.Journeys["sign-in"].Title, "sign-in"},
		{"title of an environment", s.Tenant.Environments["production"].Title, "production"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
}

func TestTheModelsOfASnapshotDecide(t *testing.T) {
	tree, _ := harbourlight(t)
	s := compile(t, tree, "preview")
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	resident := &access.Subject{Groups: []access.Group{"residents"}}
	pay := access.Request{
		Application: "my-account", Grant: access.AuthorizationCode, Subject: resident,
		Scopes: []access.Scope{"billing.write.payment"}, At: at, Address: netip.MustParseAddr("192.0.2.7"), Assurance: access.OneFactor,
	}
	if d := access.Decide(s.Servers["apps"].Access, pay); d.Allowed || d.NeededAssurance != access.TwoFactor {
		t.Errorf("one factor pays: %+v", d)
	}
	pay.Assurance = access.TwoFactor
	if d := access.Decide(s.Servers["apps"].Access, pay); !d.Allowed || d.Rule != "payments-need-two-factors" || d.Lifetimes.Access != 5*time.Minute {
		t.Errorf("two factors: %+v", d)
	}
	if _, verdict := s.Routes.Match("GET", "/billing/v1/bills"); verdict != route.Found {
		t.Errorf("the billing API is %v", verdict)
	}
	if plan := s.Migrations["meterman"].Plan; !plan.HasPasswords() {
		t.Error("the migration leaves the passwords behind")
	}
	if brand := s.BrandOf(s.Applications["mobile"]); brand.Name != "harbourlight" || brand.LogoSVG == nil {
		t.Errorf("an application without a brand wears %+v", brand)
	}
}

func TestASnapshotDoesNotReachBackIntoItsTree(t *testing.T) {
	tree, _ := harbourlight(t)
	digest := tree.Digest()
	s := compile(t, tree, "preview")
	s.Servers["apps"].Policies[0].Rules[0].Scopes[0] = "everything"
	s.Tenant.Environments["preview"] = config.EnvironmentSpec{}
	s.Applications["mobile"].Redirects[0] = "https://evil.example"
	if tree.Digest() != digest {
		t.Error("writing to a snapshot changed the tree")
	}
}

func TestATreeWithAnErrorNeverBecomesASnapshot(t *testing.T) {
	files := readTree(t, "testdata/harbourlight")
	files["extra.yaml"] = []byte("kind: brand\nname: x\ncolour: blue\n")
	tree, _ := config.Parse(files)
	if s, problems := config.Compile(tree, "preview", builtin); s != nil || !config.Refused(problems) {
		t.Errorf("%v, %v", s, problems)
	}
	if s, problems := config.Compile(tree, "nowhere", builtin); s != nil || !strings.Contains(config.Render(problems, files), `no environment "nowhere"`) {
		t.Errorf("%v, %v", s, problems)
	}
}

func TestVariablesStandForOthersAndCanBeEscaped(t *testing.T) {
	files := readTree(t, "testdata/harbourlight")
	files["x.yaml"] = []byte("kind: brand\nname: x\nnotes: ${payments} $${payments} $$${payments} ${tenant}/${environment} $5 {}\n")
	tree, _ := config.Parse(files)
	want := "http://localhost:9100/payments ${payments} $${payments} harbourlight/preview $5 {}"
	if got := compile(t, tree, "preview").Brands["x"].Notes; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// TestRulesAskOfAttributesAgesAndFamilies goes from YAML to decisions.
func TestRulesAskOfAttributesAgesAndFamilies(t *testing.T) {
	files := map[string][]byte{"tree.yaml": []byte(`kind: tenant
name: t
environments: {e: {url: "https://id.example"}}
attributes: [{name: meters, type: number, owner: o, purpose: p, classification: internal, retention: relationship}]
---
kind: authorization-server
name: s
audience: https://api.example
scopes:
  - {name: meter.read.all, kind: customer-read}
  - {name: meter.read.usage, kind: customer-read, parent: meter.read.all}
  - {name: meter.write.reading, kind: customer-write}
policies:
  - name: p
    applications: [one]
    rules:
      - {name: fresh, attributes: [{name: meters, at_least: 1, below: "20"}], max_age: 10m, scopes: [meter.write.reading], rate: {calls: 60, per: 1m}}
      - {name: read, scopes: [meter.read.all]}
---
kind: application
name: one
type: web
redirects: [https://one.example/back]
assigned: {s: [meter.read.all, meter.write.reading]}
`)}
	tree, _ := config.Parse(files)
	s, problems := config.Compile(tree, "e", nil)
	if s == nil || config.Refused(problems) {
		t.Fatal(config.Render(problems, files))
	}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	ask := func(scope access.Scope, meters string, ago time.Duration) access.Decision {
		return access.Decide(s.Servers["s"].Access, access.Request{
			Application: "one", Grant: access.AuthorizationCode, Scopes: []access.Scope{scope},
			At: now, Authenticated: now.Add(-ago), Subject: &access.Subject{Attributes: map[access.Attribute]string{"meters": meters}},
		})
	}
	if d := ask("meter.write.reading", "7", time.Minute); d.Rule != "fresh" || d.Rate.String() != "60/60/60" {
		t.Errorf("got %+v", d)
	}
	if d := ask("meter.write.reading", "20", time.Minute); d.Allowed || d.NeededAge != 0 {
		t.Errorf("got %+v", d)
	}
	if d := ask("meter.write.reading", "7", time.Hour); d.Allowed || d.NeededAge != 10*time.Minute {
		t.Errorf("got %+v", d)
	}
	if d := ask("meter.read.usage", "", time.Hour); d.Rule != "read" {
		t.Errorf("got %+v", d)
	}
}
