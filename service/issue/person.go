package issue

import (
	"encoding/base64"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/store"
)

// person is the customer of a token, with what their sign-in proved.
type person struct {
	customer    customer.Customer
	subject     string
	session     store.SessionID
	signedIn    time.Time // auth_time: that of the authorization, for ever (OIDC Core §12.2)
	acr         string
	amr         []string
	proved      access.Assurance      // what their session has proved by now,
	at          time.Time             // and when it was last signed in
	identifiers []customer.Identifier // loaded only if a claim needs them
	accounts    []claim.Account       // the same
	more        bool                  // accounts than a claim may tell
}

// machineSubject is `sub` of an application that acts for itself. Customer ids
// begin with "cus_", so the two never collide (RFC 9068 §5).
func machineSubject(a *config.Application) string { return "app:" + a.Name }

// asSubject gives what a server's rules need to know of them.
func (p *person) asSubject(rules *access.Model) *access.Subject {
	groups := make([]access.Group, len(p.customer.Groups))
	for i, group := range p.customer.Groups {
		groups[i] = access.Group(group)
	}
	return &access.Subject{Groups: groups, Attributes: rules.Relevant(p.customer.Attributes)}
}

// sessionName is the `sid` claim.
func sessionName(id store.SessionID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// The authentication context classes that sessions reach, weakest first.
const (
	ACRPassword  = "pwd"
	ACRTwoFactor = "mfa"
	ACRPasskey   = "phr"
)

// AssuranceOf gives the level that rules compare for a session's acr. What is
// not known proves nothing.
func AssuranceOf(acr string) access.Assurance {
	switch acr {
	case ACRPassword:
		return access.OneFactor
	case ACRTwoFactor:
		return access.TwoFactor
	case ACRPasskey:
		return access.PhishingResistant
	}
	var level access.Assurance
	if level.UnmarshalText([]byte(acr)) != nil {
		return access.NoAssurance
	}
	return level
}

// alive tells whether a session can be used at now.
func alive(s store.Session, now time.Time) bool {
	return s.Ended.IsZero() && s.Expires.After(now)
}
