package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/oauth"
	"sallyport/service/source/sourcetest"
)

var secrets = map[string]string{"client": "s3&cr:t"}

func server(t testing.TB, status int, said, info string) *sourcetest.Server {
	return sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/userinfo" {
			sourcetest.JSON(w, 200, info)
			return
		}
		id, secret, basic := r.BasicAuth()
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
		if !basic {
			id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
		}
		if id != "sally:port" || secret != "s3&cr:t" {
			sourcetest.JSON(w, 401, `{"error":"invalid_client"}`)
			return
		}
		if r.FormValue("password") != sourcetest.Password || r.FormValue("username") == "" || len(r.PostForm) > 6 {
			sourcetest.JSON(w, 400, `{"error":"invalid_grant"}`)
			return
		}
		sourcetest.JSON(w, status, said)
	})
}

func spec(s *sourcetest.Server, authenticate string) *source.Spec {
	return s.Spec(config.Connection{Kind: "oauth", Client: "sally:port", Secret: "client", Authenticate: authenticate, UserInfo: s.URL + "/userinfo"})
}

const ana = `{"sub":"7","email":"ana@acme.example","address":{"country":"DE"}}`

func TestWhatATokenEndpointSaysOfAPasswordIsToldApart(t *testing.T) {
	tests := map[string]struct {
		status     int
		said, info string
		verdict    source.Verdict
		reason     source.Reason
	}{
		"right":                         {200, `{"access_token":"t"}`, ana, source.Match, ""},
		"right, of somebody else":       {200, `{"access_token":"t"}`, `{"sub":"8","email":"eva@acme.example","name":"ana@acme.example"}`, source.Unavailable, source.OtherPerson},
		"right, and nobody says whose":  {200, `{"access_token":"t"}`, `[]`, source.Unavailable, source.Malformed},
		"wrong":                         {400, `{"error":"invalid_grant"}`, "", source.NoMatch, source.WrongPassword},
		"wrong at B2C":                  {400, `{"error":"access_denied","error_description":"AADB2C90225: The username or password provided in the request are invalid."}`, "", source.NoMatch, source.WrongPassword},
		"of an account locked at B2C":   {400, `{"error":"access_denied","error_description":"AADB2C90114: locked"}`, "", source.Unavailable, source.LockedThere},
		"behind a factor at Entra":      {400, `{"error":"invalid_grant","error_description":"AADSTS50076: multi-factor"}`, "", source.Unavailable, source.Unexpected},
		"of a client without the grant": {400, `{"error":"unauthorized_client"}`, "", source.Unavailable, source.BadClient},
		"of a client that is unknown":   {401, `{"error":"invalid_client"}`, "", source.Unavailable, source.BadClient},
		"in a scope that is unknown":    {400, `{"error":"invalid_scope"}`, "", source.Unavailable, source.BadClient},
		"behind a wall":                 {403, `<html>`, "", source.Unavailable, source.BadClient},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := server(t, test.status, test.said, test.info)
			answer := sourcetest.Verify(t, oauth.Open, spec(s, ""), sourcetest.Deps(&sourcetest.Clock{}, secrets))
			if answer.Verdict != test.verdict || answer.Reason != test.reason || (answer.Element != nil) != (test.verdict == source.Match) {
				t.Errorf("got %+v", answer)
			}
		})
	}
}

func TestAClientShowsWhoItIsAsConfigured(t *testing.T) {
	s := server(t, 200, `{"access_token":"t"}`, ana)
	for authenticate, want := range map[string]source.Verdict{"basic": source.Match, "post": source.Match, "none": source.Unavailable} {
		if answer := sourcetest.Verify(t, oauth.Open, spec(s, authenticate), sourcetest.Deps(&sourcetest.Clock{}, secrets)); answer.Verdict != want {
			t.Errorf("%s: %+v", authenticate, answer)
		}
	}
}

func TestMembersOfAnAnswerAreRenamed(t *testing.T) {
	s := server(t, 200, `{"access_token":"t"}`, ana)
	renamed := spec(s, "")
	renamed.Record = map[string]string{"sub": "id", "address.country": "COUNTRY"}
	answer := sourcetest.Verify(t, oauth.Open, renamed, sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if raw := string(answer.Element.Raw); !strings.Contains(raw, `"id":"7"`) || !strings.Contains(raw, `"COUNTRY":"DE"`) || strings.Contains(raw, `"sub"`) {
		t.Errorf("%s", raw)
	}
	renamed.Rows = true
	answer = sourcetest.Verify(t, oauth.Open, renamed, sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if got := strings.Join(answer.Element.Names, " "); got != "id email COUNTRY" || answer.Element.Values[2] != "DE" {
		t.Errorf("%s %v", got, answer.Element.Values)
	}
}

func TestATokenEndpointThatMisbehavesHasSaidNothing(t *testing.T) {
	sourcetest.Misbehaviour(t, oauth.Open, config.Connection{Kind: "oauth", Client: "sally:port", Secret: "client"}, secrets)
}
