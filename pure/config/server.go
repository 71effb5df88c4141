package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
)

var oidcNames = func() []string {
	var names []string
	for _, s := range access.OIDCScopes() {
		names = append(names, string(s))
	}
	return names
}()

// server checks an authorization server and sets its defaults. Its access model
// follows once applications are known.
func (c *checker) server(at spot, s *Server) {
	if Reserved(s.Name) {
		c.fail(at.at("name"), finding{NameReserved, fmt.Sprintf("an authorization server cannot be called %q: pages have that address", s.Name), "choose another name"})
	}
	c.required(at, "audience", s.Audience)
	s.Excess = or(s.Excess, "refuse")
	c.oneOf(at.at("excess"), "way to treat excess scopes", s.Excess, "refuse", "narrow")
	s.Signing.Algorithm = or(s.Signing.Algorithm, "ES256")
	c.oneOf(at.at("signing", "algorithm"), "signing algorithm", s.Signing.Algorithm, "ES256", "RS256", "PS256", "EdDSA")
	c.serverLimits(at.at("limits"), &s.Limits)
	s.AccessTokens = or(s.AccessTokens, TokensJWT)
	c.oneOf(at.at("access_tokens"), "form of access tokens", s.AccessTokens, TokensJWT, TokensOpaque)
	c.within(at.at("signing"), "rotate_every", s.Signing.RotateEvery, bounds{"the time between two keys", Duration(time.Hour), 5 * Duration(year)})
	if s.Signing.RotateEvery == 0 {
		s.Signing.RotateEvery = 90 * Duration(day)
	}
	c.lifetimes(at.at("lifetimes"), s.Lifetimes)
	s.Lifetimes = s.Lifetimes.or(defaultLifetimes())
	c.budget(at, s)
	c.scopes(at.at("scopes"), s)
	scopes := scopeNames(s)
	c.hooks(at.at("hooks"), s)
	for i := range s.Claims {
		c.claim(at.at("claims", i), &s.Claims[i], slices.Concat(scopes, oidcNames))
		c.hookClaim(at.at("claims", i), i, s)
	}
	for group, entitled := range s.Entitlements {
		c.known(at.at("entitlements").key(group), "a table of entitlements", "group", group, c.groups)
		c.scopeList(at.at("entitlements", group), fmt.Sprintf("the group %q", group), entitled, scopes)
	}
	c.policies(at.at("policies"), s, scopes)
	live := &LiveServer{Server: s, Tagged: map[string][]string{}}
	for _, p := range s.Policies {
		live.Tagged[p.Name] = c.tagged[s.Name+"/"+p.Name]
	}
	if c.snapshot.URL != nil {
		live.Issuer = c.snapshot.URL.String() + "/" + s.Name
	}
	c.snapshot.Servers[s.Name] = live
}

// The forms of access tokens, as `access_tokens:` spells them.
const (
	TokensJWT    = "jwt"    // RFC 9068: whoever has the server's public keys can read and verify them
	TokensOpaque = "opaque" // only this installation can read them
)

// TokensOf gives the form of the access tokens that a server makes for an
// application.
func (s *Server) TokensOf(a *Application) string { return or(a.AccessTokens, s.AccessTokens) }

func defaultLifetimes() Lifetimes {
	d := access.DefaultLifetimes()
	return Lifetimes{Duration(d.Access), Duration(d.Refresh), Duration(d.Idle)}
}

// or fills what is zero from other.
func (l Lifetimes) or(other Lifetimes) Lifetimes {
	if l.Access == 0 {
		l.Access = other.Access
	}
	if l.Refresh == 0 {
		l.Refresh = other.Refresh
	}
	if l.Idle == 0 {
		l.Idle = other.Idle
	}
	return l
}

func (c *checker) lifetimes(at spot, l Lifetimes) {
	c.within(at, "access", l.Access, bounds{"the lifetime of access tokens", Duration(time.Minute), Duration(day)})
	c.within(at, "refresh", l.Refresh, bounds{"the lifetime of refresh tokens", Duration(time.Minute), 5 * Duration(year)})
	c.within(at, "idle", l.Idle, bounds{"the idle time of refresh tokens", Duration(time.Minute), 5 * Duration(year)})
	if l.Refresh > 0 && l.Idle > l.Refresh {
		c.fail(at.at("idle"), finding{OutOfBounds, fmt.Sprintf("the idle time %s is longer than the lifetime %s", l.Idle, l.Refresh), "shorten it"})
	}
}

func scopeNames(s *Server) []string {
	names := make([]string, len(s.Scopes))
	for i, scope := range s.Scopes {
		names[i] = scope.Name
	}
	return names
}

func (c *checker) scopes(list spot, s *Server) {
	for i := range s.Scopes {
		scope := &s.Scopes[i]
		at := list.at(i)
		verb, reason := scopeParts(scope.Name)
		switch {
		case !at.has("name"):
			c.fail(at, finding{FieldRequired, "this scope has no name", "add name: app.verb.target"})
		case slices.Contains(oidcNames, scope.Name):
			c.fail(at.at("name"), finding{ScopeOIDC, fmt.Sprintf("the scope %q is OpenID Connect's own and known to every server", scope.Name), "remove it"})
		case reason != "":
			c.fail(at.at("name"), finding{ScopeNameInvalid, fmt.Sprintf("%.80q is no name of a scope: %s", scope.Name, reason), scopeAdvice(scope.Name)})
		}
		if !at.has("kind") {
			c.fail(at, finding{FieldRequired, fmt.Sprintf("the scope %q has no kind", scope.Name), "add kind: customer-read, customer-write, system-read or system-write"})
		} else if c.oneOf(at.at("kind"), "kind of scope", scope.Kind, "customer-read", "customer-write", "system-read", "system-write") &&
			reason == "" && !strings.HasSuffix(scope.Kind, "-"+verb) {
			c.fail(at.at("kind"), finding{ScopeKindDisputed, fmt.Sprintf("the scope %q is named for %s and is of kind %s", scope.Name, verb, scope.Kind), "let the name and the kind agree"})
		}
		scope.Title = or(scope.Title, scope.Name)
		c.consentOf(at, scope)
		c.maturity(at, &scope.Maturity, scope.Until)
		c.replacement(at, *scope, s)
	}
	c.once(list, scopeNames(s), "scope", "name")
	c.families(list, s.Scopes)
}

// scopeList checks references to a server's own scopes.
func (c *checker) scopeList(list spot, by string, names, known []string) {
	for i, name := range names {
		if slices.Contains(oidcNames, name) {
			c.fail(list.at(i), finding{ScopeOIDC, fmt.Sprintf("%s names %q, which is outside ceilings and rules", by, name), "remove it; any application with a signed-in customer may ask for it"})
			continue
		}
		c.known(list.at(i), by, "scope", name, known)
	}
	c.once(list, names, "scope")
}

func (c *checker) policies(list spot, s *Server, scopes []string) {
	names := make([]string, len(s.Policies))
	for i := range s.Policies {
		p := &s.Policies[i]
		at := list.at(i)
		names[i] = p.Name
		c.name(at, p.Name, "policy")
		p.Title = or(p.Title, p.Name)
		if len(p.Applications) == 0 {
			c.fail(at.at("applications"), finding{FieldRequired, fmt.Sprintf("the policy %q names no application", p.Name), `list applications, or write ["*"] for all`})
		}
		p.Applications, c.tagged[s.Name+"/"+p.Name] = c.members(at.at("applications"), fmt.Sprintf("the policy %q", p.Name), p.Applications, s.Name)
		rules := make([]string, len(p.Rules))
		for j := range p.Rules {
			rules[j] = p.Rules[j].Name
			c.rule(at.at("rules", j), &p.Rules[j], scopes)
		}
		c.once(at.at("rules"), rules, "rule", "name")
	}
	c.once(list, names, "policy", "name")
}

func (c *checker) rule(at spot, r *RuleSpec, scopes []string) {
	c.name(at, r.Name, "rule")
	by := fmt.Sprintf("the rule %q", r.Name)
	r.Effect = or(r.Effect, "allow")
	c.oneOf(at.at("effect"), "effect", r.Effect, "allow", "deny")
	for i, grant := range r.Grants {
		c.oneOf(at.at("grants", i), "grant type of a rule", grant, "authorization_code", "client_credentials")
	}
	if r.Groups != nil {
		c.references(at.at("groups", "any"), by, "group", r.Groups.Any, c.groups)
		c.references(at.at("groups", "none"), by, "group", r.Groups.None, c.groups)
		if r.Groups.Any != nil && len(r.Groups.Any) == 0 {
			c.fail(at.at("groups", "any"), finding{AnyOfEmpty, by + " asks for any of no groups, which nobody is in", "name a group, or remove any: for everybody"})
		}
	}
	for i, network := range r.Networks {
		if _, reason := readNetwork(network); reason != "" {
			c.fail(at.at("networks", i), finding{NetworkInvalid, fmt.Sprintf("%.80q is no network: %s", network, reason), "write it 192.0.2.0/24 or 2001:db8::/32"})
		}
	}
	for i, w := range r.Times {
		if _, f := readWindow(at.at("times", i), w); f != nil {
			c.problemsAt(*f)
		}
	}
	if r.Assurance != "" {
		c.oneOf(at.at("assurance"), "level of assurance", r.Assurance, assuranceNames...)
	}
	if !at.has("scopes") {
		c.fail(at, finding{FieldRequired, by + " has no scopes", `list them, or write ["*"] for all below the ceilings; [] is sign-in only`})
	}
	if slices.Contains(r.Scopes, "*") {
		c.starred(at.at("scopes"), by, "scope", r.Scopes, scopes)
	} else {
		c.scopeList(at.at("scopes"), by, r.Scopes, scopes)
	}
	c.lifetimes(at.at("lifetimes"), r.Lifetimes)
	c.conditions(at, r)
}

var assuranceNames = []string{access.NoAssurance.String(), access.OneFactor.String(), access.TwoFactor.String(), access.PhishingResistant.String()}

// readNetwork refuses host bits, which are a slip of the pen: of the address or
// of the length.
func readNetwork(text string) (p netip.Prefix, reason string) {
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil && !strings.Contains(text, "/"):
		return p, "it has no length"
	case err != nil:
		return p, "it cannot be read"
	case p != p.Masked():
		return p, fmt.Sprintf("the network of that length is %s", p.Masked())
	}
	return p, ""
}
