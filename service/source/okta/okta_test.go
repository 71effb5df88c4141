package okta_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/okta"
	"sallyport/service/source/sourcetest"
)

// The answers are those of Okta's published API; a real organisation was never asked.

var secrets = map[string]string{"token": "00token"}

func connection(finds bool) config.Connection {
	c := config.Connection{Kind: "okta"}
	if finds {
		c.LookupSecret = "token"
	}
	return c
}

const whole = `{"id":"00u1","status":"ACTIVE","profile":{"login":"ana@acme.example","email":"ana@acme.example","firstName":"Ana"}}`

func organisation(t testing.TB, status int, said string) *sourcetest.Server {
	var server *sourcetest.Server
	throttled := false
	server = sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/authn" {
			var asked struct{ Username, Password string }
			if json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Password != sourcetest.Password {
				sourcetest.JSON(w, 401, `{"errorCode":"E0000004"}`)
				return
			}
			w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC).Unix(), 10))
			sourcetest.JSON(w, status, said)
			return
		}
		switch {
		case r.Header.Get("Authorization") != "SSWS 00token":
			sourcetest.JSON(w, 401, `{"errorCode":"E0000011"}`)
		case r.URL.Path == "/api/v1/users/00u1" || r.URL.Path == "/api/v1/users/ana@acme.example":
			sourcetest.JSON(w, 200, whole)
		case r.URL.Path == "/api/v1/users" && r.FormValue("search") == `profile.email eq "second@acme.example"`:
			sourcetest.JSON(w, 200, `[`+strings.Replace(whole, `"email":"ana`, `"email":"second`, 1)+`]`)
		case r.URL.Path == "/api/v1/users" && r.FormValue("search") != "":
			sourcetest.JSON(w, 200, `[]`)
		case r.URL.Path == "/api/v1/users" && r.FormValue("after") == "100" && !throttled:
			throttled = true
			w.Header().Set("Retry-After", "7")
			sourcetest.JSON(w, 429, `{"errorCode":"E0000047"}`)
		case r.URL.Path == "/api/v1/users":
			page(w, r, server.URL)
		default:
			sourcetest.JSON(w, 404, `{"errorCode":"E0000007"}`)
		}
	})
	return server
}

func page(w http.ResponseWriter, r *http.Request, base string) {
	after, _ := strconv.Atoi(r.FormValue("after"))
	var list []string
	for n := after; n < min(after+100, 230); n++ {
		list = append(list, fmt.Sprintf("{\n\"id\":\"00u%d\"}", n))
	}
	w.Header().Add("Link", "<"+base+"/api/v1/users?limit=200>; rel=\"self\"")
	if after+100 < 230 {
		w.Header().Add("Link", fmt.Sprintf("<%s/api/v1/users?after=%d&limit=200>; rel=\"next\"", base, after+100))
		w.Header().Set("X-Rate-Limit-Remaining", "0")
		w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Date(2026, 11, 22, 12, 1, 0, 0, time.UTC).Unix(), 10))
	}
	sourcetest.JSON(w, 200, "["+strings.Join(list, ",")+"]")
}

func said(status string) string {
	return `{"status":"` + status + `","_embedded":{"user":{"id":"00u1","profile":{"login":"ana@acme.example","firstName":"Ana"}}}}`
}

func TestWhatOktaSaysOfAPasswordIsToldApart(t *testing.T) {
	tests := map[string]struct {
		status  int
		said    string
		verdict source.Verdict
		reason  source.Reason
		second  bool
	}{
		"right":                      {200, said("SUCCESS"), source.Match, "", false},
		"right, and wants a factor":  {200, said("MFA_REQUIRED"), source.Match, "", true},
		"right, and enrols a factor": {200, said("MFA_ENROLL"), source.Match, "", true},
		"right, and expired":         {200, said("PASSWORD_EXPIRED"), source.NoMatch, source.MustReset, false},
		"of a locked account":        {200, said("LOCKED_OUT"), source.Unavailable, source.LockedThere, false},
		"in a state of no password":  {200, said("RECOVERY"), source.Unavailable, source.Unexpected, false},
		"of nobody":                  {200, `{"status":"SUCCESS"}`, source.Unavailable, source.Malformed, false},
		"wrong":                      {401, `{"errorCode":"E0000004"}`, source.NoMatch, source.WrongPassword, false},
		"too often asked":            {429, `{"errorCode":"E0000047"}`, source.Unavailable, source.RateLimited, false},
		"that we may not ask about":  {403, `{"errorCode":"E0000006"}`, source.Unavailable, source.BadClient, false},
		"an error nobody documented": {400, `{"errorCode":"E9999999"}`, source.Unavailable, source.Unexpected, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := organisation(t, test.status, test.said)
			for _, finds := range []bool{false, true} {
				answer := sourcetest.Verify(t, okta.Open, server.Spec(connection(finds)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
				if answer.Verdict != test.verdict || answer.Reason != test.reason || answer.SecondFactor != test.second {
					t.Errorf("got %+v", answer)
				}
				if test.verdict == source.Match && strings.Contains(string(answer.Element.Raw), `"email"`) != finds {
					t.Errorf("%s", answer.Element.Raw)
				}
				if test.reason == source.RateLimited && answer.After != 30*time.Second {
					t.Errorf("to be left alone for %v", answer.After)
				}
			}
		})
	}
}

func TestAnAnswerAboutSomebodyElseIsNotBelieved(t *testing.T) {
	server := organisation(t, 200, said("SUCCESS"))
	answer := sourcetest.VerifyAs(t, okta.Open, server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets), "eva@acme.example")
	if answer.Verdict != source.Unavailable || answer.Reason != source.OtherPerson {
		t.Errorf("got %+v", answer)
	}
}

func TestOktaThatMisbehavesHasSaidNothing(t *testing.T) {
	c := connection(false)
	c.Kind = "okta"
	sourcetest.Misbehaviour(t, okta.Open, c, secrets)
}

func TestSomebodyIsFoundByLoginOrAddress(t *testing.T) {
	server := organisation(t, 200, "")
	system, err := okta.Open(t.Context(), server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	for identifier, want := range map[string]bool{
		"ana@acme.example": true, "second@acme.example": true, "nobody@acme.example": false, "..": false, "00u1": false,
		`x" or profile.login pr or profile.email eq "x@y`: false,
	} {
		if _, found, err := system.Finder.Find(t.Context(), identifier); found != want || err != nil {
			t.Errorf("%q: %v, %v", identifier, found, err)
		}
	}
}

func TestEverybodyIsReadPageByPageThoughOktaThrottles(t *testing.T) {
	server := organisation(t, 200, "")
	sourcetest.Fetched(t, okta.Open, server.Spec(connection(true)), secrets, 230)
}

func TestANextPageElsewhereIsNotFollowed(t *testing.T) {
	reached := sourcetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) { sourcetest.JSON(w, 200, "[]") })
	server := sourcetest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Link", "<"+reached.URL+"/api/v1/users?after=1>; rel=\"next\"")
		sourcetest.JSON(w, 200, `[{"id":"1"}]`)
	})
	system, err := okta.Open(t.Context(), server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	err = system.Fetcher.Fetch(t.Context(), nil, func([]byte, source.Cursor) error { return nil })
	if f := source.FaultOf(t.Context(), err); f.Reason != source.Redirected || len(reached.Asked()) != 0 {
		t.Errorf("%v, and it was asked %v", err, reached.Asked())
	}
}
