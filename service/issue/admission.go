package issue

import (
	"encoding/json"
	"slices"
	"time"

	"sallyport/protocol/oauth"
)

// Admission is what an authorization request needs before it can be answered.
type Admission int

// The admissions.
const (
	Proceed     Admission = iota + 1 // the session will do
	SignIn                           // somebody must sign in
	SignInAgain                      // the person who is signed in must prove it anew
)

// Visit is an authorization request meeting a browser.
type Visit struct {
	Request   oauth.AuthorizationRequest
	Person    *Person   // nil: nobody is signed in
	Subject   string    // sub that an id_token_hint names; empty: none was sent
	Began     time.Time // when the request first arrived
	Continued bool      // it comes back from signing in
	Now       time.Time
}

// Reachable are the authentication context classes that a sign-in can reach.
func Reachable() []oauth.ACR { return []oauth.ACR{ACRPassword} }

// Admit says whether a browser's session answers the request (OIDC Core
// §3.1.2.1 and §3.1.2.3). A sign-in since the request began answers whatever
// asked for one, so nobody is sent in circles. Refusals: LoginNeeded where
// prompt=none forbids the sign-in that is needed, UnmetACR for an essential
// acr that no sign-in reaches, WrongPerson.
func Admit(v Visit) (Admission, error) {
	need, reason := v.need()
	switch {
	case reason != "":
		return 0, &Refusal{Reason: reason}
	case need != Proceed && v.Request.Asks(oauth.PromptNone):
		return 0, &Refusal{Reason: LoginNeeded}
	}
	return need, nil
}

func (v Visit) need() (Admission, Reason) {
	essential, acrs := v.acrs()
	if essential && !slices.ContainsFunc(acrs, v.possible) {
		return 0, UnmetACR
	}
	if v.Person == nil || !alive(v.Person.Session, v.Now) {
		return SignIn, ""
	}
	again := v.Continued && !v.Person.Session.SignedIn.Before(v.Began)
	switch {
	case v.Subject != "" && v.Subject != v.Person.Customer.ID.String():
		if again {
			return 0, WrongPerson
		}
		return SignIn, ""
	case again:
		if essential && !v.met(acrs) {
			return 0, UnmetACR
		}
		return Proceed, ""
	case v.asksAgain(), v.tooOld(), !v.met(acrs) && slices.ContainsFunc(acrs, reachable):
		return SignInAgain, ""
	}
	return Proceed, ""
}

// asksAgain tells of prompts that show the customer something. Registration is
// the consent, so consent is asked for by letting the customer sign in again,
// on a page that names the application.
func (v Visit) asksAgain() bool {
	r := v.Request
	return r.Asks(oauth.PromptLogin) || r.Asks(oauth.PromptSelectAccount) || r.Asks(oauth.PromptConsent)
}

// tooOld applies max_age; zero asks for a sign-in now.
func (v Visit) tooOld() bool {
	age := v.Request.MaxAge
	return age != nil && (*age == 0 || v.Now.Sub(v.Person.Session.SignedIn) > *age)
}

// acrs are the classes asked for, by an essential claim (§5.5.1.1) or else by
// acr_values and a voluntary claim.
func (v Visit) acrs() (essential bool, acrs []oauth.ACR) {
	claim, asked := v.Request.Claims.IDToken["acr"]
	if !asked {
		return false, v.Request.ACRValues
	}
	for _, raw := range append(slices.Clone(claim.Values), claim.Value) {
		var value string
		if len(raw) > 0 && json.Unmarshal(raw, &value) == nil {
			acrs = append(acrs, oauth.ACR(value))
		}
	}
	if len(acrs) == 0 {
		return false, v.Request.ACRValues // any will do
	}
	return claim.Essential, acrs
}

// met tells whether the session has one of acrs; none asked means any.
func (v Visit) met(acrs []oauth.ACR) bool {
	return len(acrs) == 0 || slices.Contains(acrs, oauth.ACR(v.Person.Session.Assurance))
}

func reachable(acr oauth.ACR) bool { return slices.Contains(Reachable(), acr) }

// possible tells whether the session has a class or could reach it.
func (v Visit) possible(acr oauth.ACR) bool {
	return reachable(acr) || v.Person != nil && oauth.ACR(v.Person.Session.Assurance) == acr
}
