package issue

import (
	"strings"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
)

// issuance is one answer in the making: everything that claims are made of.
type issuance struct {
	*inquiry
	decision access.Decision
	granted  []access.Scope
	jti      string
	now      time.Time
	nonce    string
	wanted   wanted
	filled   map[string]any // what hooks answered, by claim
}

// reserved tells of claims whose meaning tokens depend on: configuration cannot
// set them, wherever they would stand.
func reserved(name string) bool {
	switch name {
	case "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "auth_time", "acr", "amr", "azp",
		"nonce", "at_hash", "c_hash", "sid", "rev", "cnf", "act", "may_act", "active", "token_type":
		return true
	}
	return false
}

// Where a configured claim can stand, as configuration spells it.
const (
	inAccess   = "access"
	inID       = "id"
	inUserinfo = "userinfo"
)

func (i *issuance) has(scope oauth.Scope) bool { return contains(i.granted, scope) }

func contains(granted []access.Scope, scope oauth.Scope) bool {
	for _, s := range granted {
		if string(s) == string(scope) {
			return true
		}
	}
	return false
}

// accessClaims are those of the access token (RFC 9068 §2.2).
func (i *issuance) accessClaims() Claims {
	c := make(Claims, 0, 14+len(i.server.Claims))
	c.add("iss", i.server.Issuer)
	if i.person != nil {
		c.add("sub", i.person.subject)
	} else {
		c.add("sub", machineSubject(i.application))
	}
	c.add("aud", i.server.Audience)
	c.add("client_id", i.application.Name)
	c.add("iat", i.now.Unix())
	c.add("exp", i.now.Unix()+int64(i.decision.Lifetimes.Access/time.Second))
	c.add("jti", i.jti)
	c.add("scope", joinScopes(i.granted))
	if p := i.person; p != nil {
		c.add("auth_time", p.signedIn.Unix())
		c.add("acr", p.acr)
		c.add("amr", p.amr)
		c.add("sid", sessionName(p.session))
	}
	c.add("rev", i.view.Snapshot.Revision)
	c.configured(i, inAccess)
	return c
}

// idClaims are those of the ID token (OIDC Core §2). It is thin: what scopes
// ask for is in userinfo (§5.4), unless the claims parameter wants it here.
func (i *issuance) idClaims(atHash string) Claims {
	p := i.person
	c := make(Claims, 0, 14+len(i.server.Claims))
	c.add("iss", i.server.Issuer)
	c.add("sub", p.subject)
	c.add("aud", i.application.Name)
	c.add("iat", i.now.Unix())
	c.add("exp", i.now.Unix()+int64(i.decision.Lifetimes.Access/time.Second))
	c.add("auth_time", p.signedIn.Unix())
	c.add("acr", p.acr)
	c.add("amr", p.amr)
	c.add("sid", sessionName(p.session))
	if i.nonce != "" {
		c.add("nonce", i.nonce)
	}
	c.add("at_hash", atHash)
	c.standard(p, func(name string) bool { return i.wanted.IDToken.has(name) })
	c.configured(i, inID)
	return c
}

// configured adds the server's own claims for one place. None can replace a
// claim that is there.
func (c *Claims) configured(i *issuance, place string) {
	for n := range i.server.Claims {
		spec := &i.server.Claims[n]
		if !listed(spec.In, place) || !scoped(spec.Scopes, i.granted) || reserved(spec.Name) {
			continue
		}
		if value, said := i.filled[spec.Name]; said && spec.Hook != "" {
			c.addNew(spec.Name, value)
		} else if value, found := valueOf(spec, i.person); found {
			c.addNew(spec.Name, value)
		}
	}
}

// valueOf gives a configured claim's value; a machine has constants only.
func valueOf(spec *config.ClaimSpec, p *person) (any, bool) {
	switch {
	case spec.Value != "":
		return spec.Value, true
	case p == nil:
		return nil, false
	case spec.Attribute != "":
		value, found := p.customer.Attributes[spec.Attribute]
		return value, found && value != ""
	case spec.Groups != "":
		return groupsUnder(p.customer.Groups, strings.TrimSuffix(spec.Groups, "*")), true
	}
	return nil, false
}

func groupsUnder(groups []string, prefix string) []string {
	under := []string{}
	for _, group := range groups {
		if strings.HasPrefix(group, prefix) {
			under = append(under, group)
		}
	}
	return under
}

func listed(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// scoped tells whether one of a claim's scopes was granted; none means always.
func scoped(scopes []string, granted []access.Scope) bool {
	if len(scopes) == 0 {
		return true
	}
	for _, scope := range granted {
		if listed(scopes, string(scope)) {
			return true
		}
	}
	return false
}

func joinScopes(scopes []access.Scope) string {
	if len(scopes) == 1 {
		return string(scopes[0])
	}
	var b strings.Builder
	for i, scope := range scopes {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(scope))
	}
	return b.String()
}
