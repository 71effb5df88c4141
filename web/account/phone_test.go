package account_test

import (
	"net/url"
	"strings"
	"testing"

	"sallyport/service/signin/signintest"
)

// Otis has a telephone in the hall, and no other.
func TestAPhoneIsSetUpAndSeenAndTakenAway(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	v.open("/account/ways").lacks(t, "phone-add")
	const password = "  - {name: password, ask: password}\n"
	s.Apply(s.Live, strings.Replace(signintest.Tree, password, password+"  - {name: code, ask: totp, when: enrolled, factors: [text, call]}\n", 1))
	v.open("/account/ways").shows(t, 200, `id="phone-add"`, "Not set up")
	v.open("/account/phone/add").shows(t, 200, `name="way"`, `value="call"`, `id="phone-send"`)
	v.post("/account/phone/add", "/account/phone/add", "phone-number", "hall").shows(t, 422, "Enter a phone number", `href="#phone-number"`)
	asked := v.post("/account/phone/add", "/account/phone/add", "phone-number", "(212) 555-0123", "way", "call")
	asked.shows(t, 200, "We call", "(212) 555-0123", `id="phone-prove"`, "Call again")
	offer := valueOf(asked, "offer")
	form := url.Values{"form": {asked.token()}, "phone-number": {"(212) 555-0123"}, "way": {"call"}, "offer": {offer}, "code": {"abc"}}
	v.send("POST", "/account/phone/prove", form).shows(t, 422, "not the code that we sent", offer)
	form.Set("offer", "x")
	v.send("POST", "/account/phone/prove", form).shows(t, 422, "not good any more", `id="phone-send"`)
	form.Set("offer", offer)
	form.Set("code", s.Outbox.Last().Code)
	v.send("POST", "/account/phone/prove", form).shows(t, 200, "Your phone is set up", `id="recovery-codes"`)
	ways := v.open("/account/ways")
	ways.shows(t, 200, "phone …0123", "by call", "10 codes left")
	ways.lacks(t, "555-0123")
	v.open("/account").shows(t, 200, "Password and phone")
	if to := v.open("/account/phone/remove?phone=00").Header.Get("Location"); !strings.Contains(to, "/signin?t=") {
		t.Errorf("taking it away leads to %q", to)
	}
}
