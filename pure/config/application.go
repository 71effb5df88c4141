package config

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Types of applications, as `type:` spells them.
const (
	TypeWeb     = "web"     // pages made by a server that keeps a secret
	TypeBrowser = "browser" // a script in the browser
	TypeNative  = "native"  // an installed program
	TypeMachine = "machine" // no customer
)

// What `consent:` says of an application or a scope.
const (
	ConsentImplicit = "implicit" // the customer's registration covers it: of an application, it is the organisation's own
	ConsentRequired = "required" // the customer is asked: of an application, it is somebody else's
)

const (
	authorizationCode = "authorization_code"
	refreshToken      = "refresh_token"
	clientCredentials = "client_credentials"
	privateKeyJWT     = "private_key_jwt"
)

// application checks an application by itself and sets its defaults.
func (c *checker) application(at spot, a *Application) {
	c.snapshot.Applications[a.Name] = a
	a.Protocol = or(a.Protocol, "oidc")
	c.oneOf(at.at("protocol"), "protocol", a.Protocol, "oidc")
	c.reachable(at, a)
	if a.Brand != "" {
		c.known(at.at("brand"), "the application", "brand", a.Brand, c.names(KindBrand))
	}
	if a.Home != "" {
		c.link(at.at("home"), a.Home, false)
	}
	if !at.has("type") {
		c.fail(at, finding{FieldRequired, fmt.Sprintf("the application %q has no type", a.Name), "add type: web, browser, native or machine"})
		return
	}
	if !c.oneOf(at.at("type"), "type of application", a.Type, TypeWeb, TypeBrowser, TypeNative, TypeMachine) {
		return
	}
	c.authentication(at, a)
	c.clientKeys(at, a)
	if a.Rate != nil {
		c.rate(at.at("rate"), a.Rate)
	}
	if a.AccessTokens != "" {
		c.oneOf(at.at("access_tokens"), "form of access tokens", a.AccessTokens, TokensJWT, TokensOpaque)
	}
	c.grants(at, a)
	c.consent(at, a)
	c.maxAge(at, a)
	c.introspects(at, a)
}

// authentication refuses secrets where they cannot be kept, and applications
// without one that leave out PKCE.
func (c *checker) authentication(at spot, a *Application) {
	confidential := a.Type == TypeWeb || a.Type == TypeMachine
	if a.Authentication == "" {
		a.Authentication = "none"
		if confidential {
			a.Authentication = "client_secret_basic"
		}
	}
	if c.oneOf(at.at("authentication"), "way to authenticate", a.Authentication, "client_secret_basic", "client_secret_post", privateKeyJWT, "none") &&
		confidential == (a.Authentication == "none") {
		f := finding{AuthenticationBad, fmt.Sprintf("a %s application cannot keep the secret of %s", a.Type, a.Authentication), "remove it, or choose type: web"}
		if confidential {
			f.what, f.fix = fmt.Sprintf("a %s application must authenticate", a.Type), "remove it, or choose type: browser or native"
		}
		c.fail(at.at("authentication"), f)
	}
	a.PKCE = or(a.PKCE, "required")
	if c.oneOf(at.at("pkce"), "setting of PKCE", a.PKCE, "required", "optional") && a.PKCE == "optional" && !confidential {
		c.fail(at.at("pkce"), finding{PKCEOptional, fmt.Sprintf("PKCE is optional for a %s application, which has no secret", a.Type), "remove pkce: it is required unless said otherwise"})
	}
}

// grants refuses grant types and redirects that the type cannot use.
func (c *checker) grants(at spot, a *Application) {
	usual := map[string][]string{
		TypeWeb: {authorizationCode, refreshToken}, TypeBrowser: {authorizationCode, refreshToken},
		TypeNative: {authorizationCode, refreshToken}, TypeMachine: {clientCredentials},
	}[a.Type]
	if a.Grants == nil {
		a.Grants = usual
	}
	possible := usual
	if a.Type == TypeWeb {
		possible = append(slices.Clone(usual), clientCredentials)
	}
	for i, grant := range a.Grants {
		if c.oneOf(at.at("grants", i), "grant type", grant, authorizationCode, refreshToken, clientCredentials) && !slices.Contains(possible, grant) {
			c.fail(at.at("grants", i), finding{GrantUnfit, fmt.Sprintf("a %s application cannot use %s", a.Type, grant), "it can use " + quoted(possible)})
		}
	}
	c.once(at.at("grants"), a.Grants, "grant type")
	code := slices.Contains(a.Grants, authorizationCode)
	switch {
	case len(a.Grants) == 0:
		c.fail(at.at("grants"), finding{GrantUnfit, "the application may use no grant type", "remove grants: for the usual ones of its type"})
	case slices.Contains(a.Grants, refreshToken) && !code:
		c.fail(at.at("grants"), finding{GrantUnfit, "refresh tokens are only given with authorization_code", "add authorization_code, or remove refresh_token"})
	case code && len(a.Redirects) == 0:
		c.fail(at.at("redirects"), finding{FieldRequired, fmt.Sprintf("the application %q has no redirects, so no customer can sign in", a.Name), "add redirects: with the exact addresses that codes are sent to"})
	case !code && len(a.Redirects) > 0:
		c.fail(at.at("redirects"), finding{GrantUnfit, "the application has redirects, but no customer signs in to it", "remove them"})
	}
	if !code && len(a.LogoutRedirects) > 0 {
		c.fail(at.at("post_logout_redirects"), finding{GrantUnfit, "the application has post_logout_redirects, but no customer signs in to it", "remove them"})
	}
}

// consent refuses to ask where there is nobody to be asked.
func (c *checker) consent(at spot, a *Application) {
	a.Consent = or(a.Consent, ConsentImplicit)
	if c.oneOf(at.at("consent"), "setting of consent", a.Consent, ConsentImplicit, ConsentRequired) &&
		a.Consent == ConsentRequired && !slices.Contains(a.Grants, authorizationCode) {
		c.fail(at.at("consent"), finding{GrantUnfit, "the application asks for consent, but no customer signs in to it", "remove consent"})
	}
}

// maxAge bounds the age of a sign-in, where anybody signs in.
func (c *checker) maxAge(at spot, a *Application) {
	c.within(at, "max_age", a.MaxAge, bounds{"the age of a sign-in", Duration(time.Minute), 30 * Duration(day)})
	if a.MaxAge > 0 && !slices.Contains(a.Grants, authorizationCode) {
		c.fail(at.at("max_age"), finding{GrantUnfit, "the application bounds the age of a sign-in, but no customer signs in to it", "remove max_age"})
	}
}

// introspects refuses to let strangers look into tokens: who cannot
// authenticate is one (RFC 7662 §2.1).
func (c *checker) introspects(at spot, a *Application) {
	if len(a.Introspects) > 0 && a.Authentication == "none" {
		c.fail(at.at("introspects"), finding{AuthenticationBad, fmt.Sprintf("a %s application cannot authenticate, so it may not look into tokens", a.Type), "remove it, or choose type: machine"})
	}
}

// reachable checks where codes are sent and who may call from a browser.
func (c *checker) reachable(at spot, a *Application) {
	for i, redirect := range a.Redirects {
		if reason := checkRedirect(redirect, a.Type == TypeNative); reason != "" {
			c.fail(at.at("redirects", i), finding{RedirectInvalid, fmt.Sprintf("the redirect %s", reason), "write the exact https address; http only for localhost"})
		}
	}
	for i, redirect := range a.LogoutRedirects {
		if reason := checkRedirect(redirect, a.Type == TypeNative); reason != "" {
			c.fail(at.at("post_logout_redirects", i), finding{RedirectInvalid, fmt.Sprintf("the redirect %s", reason), "write the exact https address; http only for localhost"})
		}
	}
	for i, origin := range a.Origins {
		if reason := checkOrigin(origin); reason != "" {
			c.fail(at.at("origins", i), finding{OriginInvalid, fmt.Sprintf("the origin %s", reason), "write https://host, with the port only if it is unusual"})
		}
	}
	c.once(at.at("redirects"), a.Redirects, "redirect")
	c.once(at.at("post_logout_redirects"), a.LogoutRedirects, "redirect")
	c.once(at.at("origins"), a.Origins, "origin")
}

// assignments checks what applications may ask for, once servers are known, and
// that policies name only applications that their server serves.
func (c *checker) assignments() {
	each(c, func(at spot, a *Application) {
		c.references(at.at("introspects"), "the application", "authorization server", a.Introspects, c.names(KindServer))
		for _, server := range slices.Sorted(maps.Keys(a.Assigned)) {
			if !c.known(at.at("assigned").key(server), "the application", "authorization server", server, c.names(KindServer)) {
				continue
			}
			if live := c.snapshot.Servers[server]; live != nil {
				c.algorithm(at.at("id_token_algorithm"), a, live.Server)
				c.scopeList(at.at("assigned", server), fmt.Sprintf("the application %q", a.Name), a.Assigned[server], scopeNames(live.Server))
			}
		}
	})
	each(c, func(at spot, s *Server) {
		for i, p := range s.Policies {
			for _, name := range p.Applications {
				a := c.snapshot.Applications[name]
				if a == nil {
					continue
				}
				if _, assigned := a.Assigned[s.Name]; !assigned {
					c.fail(at.at("policies", i, "applications").item(name), finding{
						ReferenceMissing,
						fmt.Sprintf("the policy %q names the application %q, which is not assigned to this server", p.Name, name),
						fmt.Sprintf("add %s: to assigned of the application; [] is sign-in only", s.Name),
					})
				}
			}
		}
	})
}

// algorithm refuses what a server has no key for. RS256 is always there, since
// every client must be able to verify it (OpenID Connect Core 1.0 §15.1).
func (c *checker) algorithm(at spot, a *Application, s *Server) {
	if a.IDTokenAlgorithm != "" && a.IDTokenAlgorithm != "RS256" && a.IDTokenAlgorithm != s.Signing.Algorithm {
		c.fail(at, finding{AlgorithmUnfit, fmt.Sprintf("the server %q signs with %s and RS256, not with %.20q", s.Name, s.Signing.Algorithm, a.IDTokenAlgorithm), "use one of them, or remove it"})
	}
}

// link checks an address that people follow.
func (c *checker) link(at spot, text string, contact bool) {
	if reason := checkLink(text, contact); reason != "" {
		c.fail(at, finding{LinkInvalid, "the address " + reason, "write an https address"})
	}
}
