package issue

import (
	"encoding/json"
	"slices"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/pure/journey"
)

// Admission is what an authorization request needs before it can be answered.
type Admission int

// The admissions.
const (
	Proceed     Admission = iota + 1 // the session will do
	SignIn                           // somebody must sign in, or prove more: see [Visit.TwoFactors]
	SignInAgain                      // the person who is signed in must prove it anew
)

// Visit is an authorization request meeting a browser.
type Visit struct {
	Request   oauth.AuthorizationRequest
	Person    *Person       // nil: nobody is signed in
	Subject   string        // sub that an id_token_hint names; empty: none was sent
	Reachable []oauth.ACR   // what a sign-in can reach here: [Reachable]
	MaxAge    time.Duration // of a sign-in, for the application; 0: any will do
	Began     time.Time     // when the request first arrived
	Continued bool          // it comes back from signing in
	Now       time.Time
}

// Reachable are the authentication context classes that signing in can reach
// in an environment, weakest first: they depend on its sign-in journey.
func Reachable(s *config.Snapshot) []oauth.ACR {
	if provesTwoFactors(s) {
		return []oauth.ACR{ACRPassword, ACRTwoFactor}
	}
	return []oauth.ACR{ACRPassword}
}

// provesTwoFactors tells whether the sign-in journey can. One that does not
// compile signs nobody in.
func provesTwoFactors(s *config.Snapshot) bool {
	for _, configured := range s.Journeys {
		if configured.Purpose == "sign-in" {
			j, err := journey.Compile(configured)
			return err == nil && j.TwoFactors()
		}
	}
	return journey.Default().TwoFactors()
}

// Admit says whether a browser's session answers the request (OIDC Core
// §3.1.2.1 and §3.1.2.3). A sign-in since the request began answers whatever
// asked for one, so nobody is sent in circles; but not for ever where MaxAge bounds it. Refusals: LoginNeeded where
// prompt=none forbids the sign-in that is needed, UnmetACR for an essential
// acr that no sign-in reaches, or that this one did not, WrongPerson.
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
	essential, acrs := acrsOf(v.Request)
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
		return SignInAgain, "" // with less, the session that is there would lead straight back here
	case again && !v.tooOldFor(v.MaxAge):
		if essential && !v.met(acrs) {
			return 0, UnmetACR
		}
		return Proceed, ""
	case v.asksAgain(), v.tooOld():
		return SignInAgain, ""
	case !v.met(acrs) && slices.ContainsFunc(acrs, v.reachable):
		return SignIn, ""
	}
	return Proceed, ""
}

// TwoFactors tells whether whoever signs in for the request must prove two
// factors: no class that it asks for is reached by less, and one is by that.
func (v Visit) TwoFactors() bool {
	_, acrs := acrsOf(v.Request)
	enough := func(acr oauth.ACR) bool { return meets(ACRPassword, acr) }
	return !slices.ContainsFunc(acrs, enough) && slices.ContainsFunc(acrs, v.reachable)
}

// asksAgain tells of prompts for the customer's name or password. prompt=consent
// is answered by a page of its own: see [Service.Authorize].
func (v Visit) asksAgain() bool {
	return v.Request.Asks(oauth.PromptLogin) || v.Request.Asks(oauth.PromptSelectAccount)
}

// tooOld applies max_age, the request's, of which zero asks for a sign-in now, and
// the application's.
func (v Visit) tooOld() bool {
	asked := v.Request.MaxAge
	return asked != nil && (*asked == 0 || v.tooOldFor(*asked)) || v.tooOldFor(v.MaxAge)
}

// tooOldFor tells whether the sign-in is older than an age; 0 is none. What an
// application demands holds whenever a request comes back: the request that
// waited may be an hour old.
func (v Visit) tooOldFor(age time.Duration) bool {
	return age > 0 && v.Now.Sub(v.Person.Session.SignedIn) > age
}

// acrsOf gives the classes asked for, by an essential claim (OIDC Core §5.5.1.1)
// or else by acr_values and a voluntary claim.
func acrsOf(r oauth.AuthorizationRequest) (essential bool, acrs []oauth.ACR) {
	claim, asked := r.Claims.IDToken["acr"]
	if !asked {
		return false, r.ACRValues
	}
	for _, raw := range append(slices.Clone(claim.Values), claim.Value) {
		var value string
		if len(raw) > 0 && json.Unmarshal(raw, &value) == nil {
			acrs = append(acrs, oauth.ACR(value))
		}
	}
	if len(acrs) == 0 {
		return false, r.ACRValues // any will do
	}
	return claim.Essential, acrs
}

// met tells whether the session has one of acrs; none asked means any.
func (v Visit) met(acrs []oauth.ACR) bool {
	return len(acrs) == 0 || slices.ContainsFunc(acrs, v.has)
}

func (v Visit) has(acr oauth.ACR) bool {
	return v.Person != nil && meets(oauth.ACR(v.Person.Session.Assurance), acr)
}

func (v Visit) reachable(acr oauth.ACR) bool {
	return slices.ContainsFunc(v.Reachable, func(reached oauth.ACR) bool { return meets(reached, acr) })
}

// possible tells whether the session has a class or could reach it.
func (v Visit) possible(acr oauth.ACR) bool { return v.reachable(acr) || v.has(acr) }

// meets tells whether who reached a class satisfies one that is asked for: the
// same, or a weaker one of ours.
func meets(reached, asked oauth.ACR) bool {
	return reached == asked || rank(asked) > 0 && rank(reached) > rank(asked)
}

// rank orders our classes; 0 for what is not ours.
func rank(acr oauth.ACR) int {
	return 1 + slices.Index([]oauth.ACR{ACRPassword, ACRTwoFactor, ACRPasskey}, acr)
}

// toldACR is the class that a token names. One that was asked for as essential
// must be named as it was asked for (OIDC Core §5.5.1.1), though more was proved.
func toldACR(r oauth.AuthorizationRequest, reached string) string {
	essential, acrs := acrsOf(r)
	if !essential || slices.Contains(acrs, oauth.ACR(reached)) {
		return reached
	}
	told := reached
	for _, acr := range acrs {
		if meets(oauth.ACR(reached), acr) && (told == reached || rank(acr) > rank(oauth.ACR(told))) {
			told = string(acr)
		}
	}
	return told
}
