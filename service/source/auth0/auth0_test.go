package auth0_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/auth0"
	"sallyport/service/source/sourcetest"
)

// The answers are those of Auth0's published API; a real tenant was never asked.

var secrets = map[string]string{"client": "c1", "finder": "f1"}

func connection(finds bool) config.Connection {
	c := config.Connection{Kind: "auth0", Realm: "Users", Client: "sallyport", Secret: "client"}
	if finds {
		c.LookupClient, c.LookupSecret = "finder", "finder"
	}
	return c
}

const whole = `{"user_id":"auth0|1","email":"ana@acme.example","email_verified":true,"identities":[{"connection":"Users"}],"created_at":"2024-01-01T00:00:00.000Z"}`

func tenant(t testing.TB, status int, said string) *sourcetest.Server {
	return sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/oauth/token" && r.FormValue("grant_type") == "client_credentials":
			sourcetest.JSON(w, 200, `{"access_token":"machine","expires_in":86400}`)
		case r.URL.Path == "/oauth/token":
			if r.FormValue("password") != sourcetest.Password || r.FormValue("realm") != "Users" || r.FormValue("client_secret") != "c1" {
				sourcetest.JSON(w, 403, `{"error":"invalid_grant","error_description":"Wrong email or password."}`)
				return
			}
			sourcetest.JSON(w, status, said)
		case r.URL.Path == "/userinfo":
			sourcetest.JSON(w, 200, `{"sub":"auth0|1","email":"ana@acme.example","email_verified":true,"nickname":"victim@acme.example"}`)
		case r.Header.Get("Authorization") != "Bearer machine":
			sourcetest.JSON(w, 401, `{}`)
		case r.URL.Path == "/api/v2/users/auth0|1":
			sourcetest.JSON(w, 200, whole)
		case r.URL.Path == "/api/v2/users" && r.FormValue("sort") == "":
			if strings.HasPrefix(r.FormValue("q"), `(email:"ana@acme.example" OR `) {
				sourcetest.JSON(w, 200, "["+strings.Replace(whole, `"Users"`, `"Others"`, 1)+","+whole+"]")
				return
			}
			sourcetest.JSON(w, 200, "[]")
		case r.URL.Path == "/api/v2/users":
			listed(w, r)
		default:
			sourcetest.JSON(w, 404, `{}`)
		}
	})
}

// listed gives 2,300 users, three of each second, a thousand of one search.
func listed(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.FormValue("page"))
	since, _, _ := strings.Cut(r.FormValue("q")[strings.Index(r.FormValue("q"), "[")+1:], " ")
	var list []string
	for n := range 2300 {
		at := fmt.Sprintf("2024-01-01T%02d:%02d:%02d.000Z", n/3/3600, n/3/60%60, n/3%60)
		if since == "*" || at >= since {
			list = append(list, fmt.Sprintf(`{"user_id":"auth0|%d","created_at":%q}`, n, at))
		}
	}
	list = list[min(page*100, len(list)):min(page*100+100, len(list), 1000)]
	sourcetest.JSON(w, 200, "["+strings.Join(list, ",")+"]")
}

func TestWhatAuth0SaysOfAPasswordIsToldApart(t *testing.T) {
	tests := map[string]struct {
		status  int
		said    string
		verdict source.Verdict
		reason  source.Reason
		second  bool
	}{
		"right":                       {200, `{"access_token":"t"}`, source.Match, "", false},
		"right, and wants a factor":   {403, `{"error":"mfa_required","mfa_token":"x"}`, source.Match, "", true},
		"wrong":                       {403, `{"error":"invalid_grant","error_description":"Wrong email or password."}`, source.NoMatch, source.WrongPassword, false},
		"of a blocked account":        {401, `{"error":"unauthorized","error_description":"user is blocked"}`, source.NoMatch, source.DisabledThere, false},
		"known to have leaked":        {403, `{"error":"password_leaked"}`, source.NoMatch, source.MustReset, false},
		"of an account tried at":      {429, `{"error":"too_many_attempts"}`, source.Unavailable, source.LockedThere, false},
		"too often asked":             {429, `{"error":"too_many_requests"}`, source.Unavailable, source.RateLimited, false},
		"too often asked, in short":   {429, `{"error":"access_denied_"}`, source.Unavailable, source.RateLimited, false},
		"denied by an action":         {403, `{"error":"access_denied"}`, source.Unavailable, source.Unexpected, false},
		"of a client that is unknown": {401, `{"error":"invalid_client"}`, source.Unavailable, source.BadClient, false},
		"without the grant":           {403, `{"error":"unauthorized_client"}`, source.Unavailable, source.BadClient, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := tenant(t, test.status, test.said)
			for _, finds := range []bool{false, true} {
				answer := sourcetest.Verify(t, auth0.Open, server.Spec(connection(finds)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
				if answer.Verdict != test.verdict || answer.Reason != test.reason || answer.SecondFactor != test.second {
					t.Errorf("got %+v", answer)
				}
				if test.verdict == source.Match && !test.second && !strings.Contains(string(answer.Element.Raw), `"user_id":"auth0|1"`) {
					t.Errorf("%s", answer.Element.Raw)
				}
				if test.second && (answer.Element != nil) != finds {
					t.Errorf("behind a factor: %v", answer.Element)
				}
			}
		})
	}
}

func TestANicknameIsNoIdentifier(t *testing.T) {
	server := tenant(t, 200, `{"access_token":"t"}`)
	for _, finds := range []bool{false, true} {
		answer := sourcetest.VerifyAs(t, auth0.Open, server.Spec(connection(finds)), sourcetest.Deps(&sourcetest.Clock{}, secrets), "victim@acme.example")
		if answer.Verdict != source.Unavailable || answer.Reason != source.OtherPerson {
			t.Errorf("got %+v", answer)
		}
	}
}

func TestAuth0ThatMisbehavesHasSaidNothing(t *testing.T) {
	sourcetest.Misbehaviour(t, auth0.Open, connection(false), secrets)
}

func TestSomebodyIsFoundInTheRealmAlone(t *testing.T) {
	server := tenant(t, 200, "")
	system, err := auth0.Open(t.Context(), server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	element, found, err := system.Finder.Find(t.Context(), "ana@acme.example")
	if err != nil || !found || !strings.Contains(string(element.Raw), `"Users"`) {
		t.Errorf("%v, %v", found, err)
	}
	if _, found, err := system.Finder.Find(t.Context(), `" OR email:* OR "`); found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

func TestEverybodyIsReadBeyondAThousand(t *testing.T) {
	server := tenant(t, 200, "")
	lines := sourcetest.Fetched(t, auth0.Open, server.Spec(connection(true)), secrets, 2300)
	seen := map[string]bool{}
	for _, line := range lines {
		if seen[line] {
			t.Fatalf("twice: %s", line)
		}
		seen[line] = true
	}
}
