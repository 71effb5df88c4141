package issue

import (
	"slices"

	"sallyport/protocol/oauth"
	"sallyport/pure/customer"
)

// wanted is what the claims parameter asked for by name, less what nobody
// could answer: it travels in the code and lies in the grant.
type wanted struct {
	IDToken  names `json:"i,omitempty"`
	Userinfo names `json:"u,omitempty"`
}

type names []string

func (n names) has(name string) bool { return slices.Contains(n, name) }

// standardClaims are those of OIDC Core §5.1 that the directory can answer.
var standardClaims = [...]struct {
	name  string
	scope oauth.Scope
}{
	{"name", oauth.ScopeProfile},
	{"preferred_username", oauth.ScopeProfile},
	{"updated_at", oauth.ScopeProfile},
	{"email", oauth.ScopeEmail},
	{"email_verified", oauth.ScopeEmail},
	{"phone_number", oauth.ScopePhone},
	{"phone_number_verified", oauth.ScopePhone},
}

// wantedBy keeps the names that can be answered.
func wantedBy(r oauth.ClaimsRequest) wanted {
	var w wanted
	for _, claim := range standardClaims {
		if _, asked := r.IDToken[oauth.ClaimName(claim.name)]; asked {
			w.IDToken = append(w.IDToken, claim.name)
		}
		if _, asked := r.UserInfo[oauth.ClaimName(claim.name)]; asked {
			w.Userinfo = append(w.Userinfo, claim.name)
		}
	}
	return w
}

// byName tells whether a claim is told because the claims parameter names it. That is no
// way around a hook: where one judges the scope of the claim, it is told with the scope
// that the hook left, or not at all.
func (i *issuance) byName(asked names, name string) bool {
	if !asked.has(name) {
		return false
	}
	for _, standard := range standardClaims {
		if standard.name == name {
			return i.has(standard.scope) || !i.judged(standard.scope)
		}
	}
	return false
}

// judged tells whether a hook of the server may take a scope away. One that the
// snapshot does not have may take everything.
func (i *issuance) judged(scope oauth.Scope) bool {
	return slices.ContainsFunc(i.server.Hooks, func(name string) bool {
		h := i.view.Snapshot.Hooks[name]
		return h == nil || h.MayTake(string(scope))
	})
}

// standard adds the OIDC claims for which ask is true and that have a value.
func (c *Claims) standard(p *person, ask func(name string) bool) {
	username, _ := p.identifier(customer.Username)
	email, hasEmail := p.identifier(customer.Email)
	phone, hasPhone := p.identifier(customer.Phone)
	for _, claim := range [...]struct {
		name  string
		value any
		there bool
	}{
		{"name", p.customer.Name, p.customer.Name != ""},
		{"preferred_username", username.Display, username.Display != ""},
		{"updated_at", p.customer.Updated.Unix(), !p.customer.Updated.IsZero()},
		{"email", email.Display, hasEmail},
		{"email_verified", email.Verified, hasEmail},
		{"phone_number", phone.Value, hasPhone},
		{"phone_number_verified", phone.Verified, hasPhone},
	} {
		if claim.there && ask(claim.name) {
			c.add(claim.name, claim.value)
		}
	}
}

// identifier gives the customer's first identifier of a kind, a verified one
// if there is any.
func (p *person) identifier(kind customer.IdentifierKind) (best customer.Identifier, found bool) {
	for _, id := range p.identifiers {
		if id.Kind == kind && (!found || id.Verified && !best.Verified) {
			best, found = id, true
		}
	}
	if best.Display == "" {
		best.Display = best.Value
	}
	return best, found
}

// StandardClaims lists the OIDC claims that a customer can have.
func StandardClaims() []string {
	list := make([]string, len(standardClaims))
	for i, claim := range standardClaims {
		list[i] = claim.name
	}
	return list
}
