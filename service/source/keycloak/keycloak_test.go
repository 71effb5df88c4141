package keycloak_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/keycloak"
	"sallyport/service/source/sourcetest"
)

// The answers are those of Keycloak 26, by its source; a real one is asked by the
// peers' tests.

var secrets = map[string]string{"client": "s3&cret", "finder": "f1nder"}

func plain() config.Connection {
	return config.Connection{Kind: "keycloak", Realm: "customers", Client: "sallyport", Secret: "client"}
}

func finding() config.Connection {
	c := plain()
	c.LookupClient, c.LookupSecret = "finder", "finder"
	return c
}

const ana = `{"id":"u1","username":"ana","email":"ana@acme.example","emailVerified":true,"enabled":true,"requiredActions":[%s],"attributes":{"account":["4711"]}}`

// realm plays one, with what is said to the password grant.
func realm(t testing.TB, status int, granted string) *sourcetest.Server {
	required := ""
	if strings.Contains(granted, "not fully") {
		required = `"` + strings.TrimPrefix(granted, "not fully ") + `"`
		granted = `{"error":"invalid_grant","error_description":"Account is not fully set up"}`
	}
	return sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.TrimPrefix(r.URL.Path, "/realms/customers/protocol/openid-connect"); {
		case path == "/token" && r.FormValue("grant_type") == "client_credentials":
			if r.FormValue("client_id") != "finder" || r.FormValue("client_secret") != "f1nder" {
				sourcetest.JSON(w, 401, `{"error":"invalid_client"}`)
				return
			}
			sourcetest.JSON(w, 200, `{"access_token":"machine","expires_in":300}`)
		case path == "/token":
			if r.FormValue("password") != sourcetest.Password || r.FormValue("client_secret") != "s3&cret" || len(r.PostForm["password"]) != 1 {
				sourcetest.JSON(w, 401, `{"error":"invalid_grant","error_description":"Invalid user credentials"}`)
				return
			}
			sourcetest.JSON(w, status, granted)
		case path == "/userinfo" && r.Header.Get("Authorization") == "Bearer t":
			sourcetest.JSON(w, 200, `{"sub":"u1","preferred_username":"ana","email":"ana@acme.example","email_verified":true,"account":"4711"}`)
		case r.Header.Get("Authorization") != "Bearer machine":
			sourcetest.JSON(w, 401, `{}`)
		case path == "/admin/realms/customers/users/u1":
			sourcetest.JSON(w, 200, fmt.Sprintf(ana, required))
		case path == "/admin/realms/customers/users/u1/federated-identity":
			sourcetest.JSON(w, 200, `[{"identityProvider":"google","userId":"g7","userName":"ana"}]`)
		case path == "/admin/realms/customers/users" && (r.FormValue("username") == "ana@acme.example"):
			sourcetest.JSON(w, 200, `[]`)
		case path == "/admin/realms/customers/users" && r.FormValue("email") == "ana@acme.example":
			sourcetest.JSON(w, 200, `[{"id":"u9","username":"anastasia","email":"anastasia@acme.example"},`+fmt.Sprintf(ana, required)+`]`)
		case path == "/admin/realms/customers/users" && r.FormValue("first") != "":
			people(w, r)
		case path == "/admin/realms/customers/users":
			sourcetest.JSON(w, 200, `[]`)
		default:
			sourcetest.JSON(w, 404, `{}`)
		}
	})
}

func people(w http.ResponseWriter, r *http.Request) {
	var first int
	_, _ = fmt.Sscan(r.FormValue("first"), &first)
	var list []string
	for n := first; n < min(first+100, 250); n++ {
		list = append(list, fmt.Sprintf("{\n\"id\":\"u%d\"}", n))
	}
	sourcetest.JSON(w, 200, "["+strings.Join(list, ",")+"]")
}

const token = `{"access_token":"t","expires_in":60}`

func TestWhatKeycloakSaysOfAPasswordIsToldApart(t *testing.T) {
	refused := func(code, description string) string {
		return `{"error":"` + code + `","error_description":"` + description + `"}`
	}
	tests := map[string]struct {
		status  int
		granted string
		finds   bool
		verdict source.Verdict
		reason  source.Reason
	}{
		"right":                                  {200, token, false, source.Match, ""},
		"right, with a client that looks up":     {200, token, true, source.Match, ""},
		"wrong":                                  {401, refused("invalid_grant", "Invalid user credentials"), false, source.NoMatch, source.WrongPassword},
		"of a disabled account":                  {400, refused("invalid_grant", "Account disabled"), false, source.NoMatch, source.DisabledThere},
		"of a client that is not known":          {401, refused("invalid_client", "Invalid client or Invalid client credentials"), false, source.Unavailable, source.BadClient},
		"of a client without the grant":          {400, refused("unauthorized_client", "Client not allowed for direct access grants"), false, source.Unavailable, source.BadClient},
		"something that nobody documented":       {400, refused("invalid_grant", "The moon is full"), false, source.Unavailable, source.Unexpected},
		"right, and something is left to do":     {400, "not fully VERIFY_PROFILE", true, source.Match, ""},
		"right, and to be replaced":              {400, "not fully UPDATE_PASSWORD", true, source.NoMatch, source.MustReset},
		"right, and nobody can see what is left": {400, "not fully VERIFY_PROFILE", false, source.Unavailable, source.Unconfirmed},
		"a token that is none":                   {200, `{"access_token":"a\r\nb"}`, false, source.Unavailable, source.Malformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, connection := realm(t, test.status, test.granted), plain()
			if test.finds {
				connection = finding()
			}
			answer := sourcetest.Verify(t, keycloak.Open, server.Spec(connection), sourcetest.Deps(&sourcetest.Clock{}, secrets))
			if answer.Verdict != test.verdict || answer.Reason != test.reason {
				t.Fatalf("got %v %q", answer.Verdict, answer.Reason)
			}
			if (answer.Element != nil) != (test.verdict == source.Match) {
				t.Errorf("the element is %v", answer.Element)
			}
		})
	}
}

func TestTheElementIsThatOfAnExport(t *testing.T) {
	server := realm(t, 200, token)
	for name, connection := range map[string]config.Connection{"by userinfo": plain(), "by the admin API": finding()} {
		answer := sourcetest.Verify(t, keycloak.Open, server.Spec(connection), sourcetest.Deps(&sourcetest.Clock{}, secrets))
		var user struct {
			ID, Username, Email string
			EmailVerified       bool
			Attributes          map[string][]string
			FederatedIdentities []map[string]string
		}
		if answer.Element == nil || json.Unmarshal(answer.Element.Raw, &user) != nil {
			t.Fatal(name, answer)
		}
		if user.ID != "u1" || user.Username != "ana" || !user.EmailVerified || user.Attributes["account"][0] != "4711" {
			t.Errorf("%s: %s", name, answer.Element.Raw)
		}
		if linked := len(user.FederatedIdentities) == 1; linked != (name == "by the admin API") {
			t.Errorf("%s: %s", name, answer.Element.Raw)
		}
	}
}

func TestAnAnswerAboutSomebodyElseIsNotBelieved(t *testing.T) {
	server := realm(t, 200, token)
	for name, connection := range map[string]config.Connection{"by userinfo": plain(), "by the admin API": finding()} {
		answer := sourcetest.VerifyAs(t, keycloak.Open, server.Spec(connection), sourcetest.Deps(&sourcetest.Clock{}, secrets), "eva@acme.example")
		if answer.Verdict != source.Unavailable || answer.Reason != source.OtherPerson || answer.Element != nil {
			t.Errorf("%s: %v %q", name, answer.Verdict, answer.Reason)
		}
	}
}

func TestKeycloakThatMisbehavesHasSaidNothing(t *testing.T) {
	sourcetest.Misbehaviour(t, keycloak.Open, plain(), secrets)
}

func TestSomebodyIsFoundByAWholeName(t *testing.T) {
	server := realm(t, 200, token)
	system, err := keycloak.Open(t.Context(), server.Spec(finding()), sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	_, found, err := system.Finder.Find(t.Context(), "Ana@acme.example")
	if err != nil || found { // the scripted search minds capitals
		t.Errorf("%v, %v", found, err)
	}
	element, found, err := system.Finder.Find(t.Context(), "ana@acme.example")
	if err != nil || !found || !strings.Contains(string(element.Raw), `"u1"`) {
		t.Errorf("%v, %v, %v", element, found, err)
	}
	if _, found, err := system.Finder.Find(t.Context(), "nobody&max=100#"); err != nil || found {
		t.Errorf("%v, %v", found, err)
	}
}

func TestEverybodyIsReadOnceThoughTheReadingStops(t *testing.T) {
	server := realm(t, 200, token)
	sourcetest.Fetched(t, keycloak.Open, server.Spec(finding()), secrets, 250)
}
