package issue

import (
	"strings"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/claim"
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

	input *claim.Input           // what claims are made of, once it was asked for
	told  map[claim.Place]placed // what the configured claims gave
}

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
	c := make(Claims, 0, 14+i.server.Told.Len())
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
	if i.decision.Rate != (access.Rate{}) {
		c.add(claim.Rate, i.decision.Rate.String())
	}
	c.configured(i, claim.Access)
	return c
}

// idClaims are those of the ID token (OIDC Core §2). It is thin: what scopes
// ask for is in userinfo (§5.4), unless the claims parameter wants it here.
func (i *issuance) idClaims(atHash string) Claims {
	p := i.person
	c := make(Claims, 0, 14+i.server.Told.Len())
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
	c.standard(p, func(name string) bool { return i.byName(i.wanted.IDToken, name) })
	c.configured(i, claim.ID)
	return c
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
