package firebase_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/firebase"
	"sallyport/service/source/sourcetest"
)

// The answers are those of the published API; a real project was never asked.

func connection(finds bool) config.Connection {
	c := config.Connection{Kind: "firebase", Secret: "key"}
	if finds {
		c.LookupSecret, c.Project = "account", "acme"
	}
	return c
}

// secretsOf are those of a project whose tokens are given at an address.
func secretsOf(t testing.TB, address string) map[string]string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKCS8PrivateKey(key)
	account, _ := json.Marshal(map[string]string{
		"client_email": "reader@acme.example", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"token_uri": address + "/token",
	})
	return map[string]string{"key": "AIza key", "account": string(account)}
}

const lookedUp = `{"users":[{"localId":"u1","email":"ana@acme.example","emailVerified":true,"lastLoginAt":"1700000000000","passwordHash":"UkVEQUNURUQ=","version":0}]}`

func project(t testing.TB, status int, said string) *sourcetest.Server {
	return sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var asked struct {
			Email    any
			Password string
			IDToken  string
		}
		_ = json.Unmarshal(body, &asked)
		public := r.FormValue("key") == "AIza key"
		private := r.Header.Get("Authorization") == "Bearer machine"
		switch {
		case r.URL.Path == "/token" && strings.Contains(string(body), "jwt-bearer"):
			sourcetest.JSON(w, 200, `{"access_token":"machine","expires_in":3600}`)
		case r.URL.Path == "/v1/accounts:signInWithPassword" && public:
			if asked.Password != sourcetest.Password {
				sourcetest.JSON(w, 400, `{"error":{"message":"INVALID_LOGIN_CREDENTIALS"}}`)
				return
			}
			sourcetest.JSON(w, status, said)
		case r.URL.Path == "/v1/accounts:lookup" && public && asked.IDToken == "t":
			sourcetest.JSON(w, 200, lookedUp)
		case r.URL.Path == "/v1/projects/acme/accounts:lookup" && private:
			if strings.Contains(string(body), "nobody") {
				sourcetest.JSON(w, 200, `{"kind":"x"}`)
				return
			}
			sourcetest.JSON(w, 200, lookedUp)
		case r.URL.Path == "/v1/projects/acme/accounts:batchGet" && private:
			listed(w, r)
		default:
			sourcetest.JSON(w, 403, `{"error":{"message":"PERMISSION_DENIED"}}`)
		}
	})
}

func listed(w http.ResponseWriter, r *http.Request) {
	first, _ := strconv.Atoi(r.FormValue("nextPageToken"))
	var list []string
	for n := first; n < min(first+100, 230); n++ {
		list = append(list, fmt.Sprintf(`{"localId":"u%d","passwordHash":"aGFzaA==","salt":"c2FsdA==","lastLoginAt":"1"}`, n))
	}
	sourcetest.JSON(w, 200, fmt.Sprintf(`{"users":[%s],"nextPageToken":"%d"}`, strings.Join(list, ","), min(first+100, 230)))
}

func TestWhatFirebaseSaysOfAPasswordIsToldApart(t *testing.T) {
	refused := func(message string) string { return `{"error":{"code":400,"message":"` + message + `"}}` }
	tests := map[string]struct {
		status  int
		said    string
		verdict source.Verdict
		reason  source.Reason
		second  bool
	}{
		"right":                     {200, `{"localId":"u1","email":"ana@acme.example","idToken":"t"}`, source.Match, "", false},
		"right, and wants a factor": {200, `{"localId":"u1","email":"ana@acme.example","mfaPendingCredential":"p"}`, source.Match, "", true},
		"right, of somebody else":   {200, `{"localId":"u1","email":"eva@acme.example","idToken":"t"}`, source.Unavailable, source.OtherPerson, false},
		"right, of another id":      {200, `{"localId":"u2","email":"ana@acme.example","idToken":"t"}`, source.Unavailable, source.OtherPerson, false},
		"wrong, as of old":          {400, refused("INVALID_PASSWORD"), source.NoMatch, source.WrongPassword, false},
		"wrong, as of today":        {400, refused("INVALID_LOGIN_CREDENTIALS"), source.NoMatch, source.WrongPassword, false},
		"of nobody":                 {400, refused("EMAIL_NOT_FOUND"), source.NoMatch, source.UnknownThere, false},
		"of a disabled account":     {400, refused("USER_DISABLED"), source.NoMatch, source.DisabledThere, false},
		"of an account tried at":    {400, refused("TOO_MANY_ATTEMPTS_TRY_LATER : Access is disabled."), source.Unavailable, source.LockedThere, false},
		"with a key that is none":   {400, refused("API key not valid. Please pass a valid API key."), source.Unavailable, source.BadClient, false},
		"in a project without any":  {400, refused("OPERATION_NOT_ALLOWED"), source.Unavailable, source.BadClient, false},
		"beyond the quota":          {400, refused("QUOTA_EXCEEDED : Exceeded quota"), source.Unavailable, source.RateLimited, false},
		"something new":             {400, refused("MOON_IS_FULL"), source.Unavailable, source.Unexpected, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := project(t, test.status, test.said)
			secrets := secretsOf(t, server.URL)
			for _, finds := range []bool{false, true} {
				answer := sourcetest.Verify(t, firebase.Open, server.Spec(connection(finds)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
				if answer.Verdict != test.verdict || answer.Reason != test.reason || answer.SecondFactor != test.second {
					t.Errorf("got %+v", answer)
				}
				if test.second && (answer.Element != nil) != finds {
					t.Errorf("behind a factor: %v", answer.Element)
				}
				if answer.Element != nil {
					if raw := string(answer.Element.Raw); !strings.Contains(raw, `"lastSignedInAt"`) || strings.Contains(raw, "passwordHash") {
						t.Errorf("%s", raw)
					}
				}
			}
		})
	}
}

func TestFirebaseThatMisbehavesHasSaidNothing(t *testing.T) {
	sourcetest.Misbehaviour(t, firebase.Open, connection(false), map[string]string{"key": "k"})
}

func TestSomebodyIsFoundAndEverybodyIsReadWithHashes(t *testing.T) {
	server := project(t, 200, "")
	secrets := secretsOf(t, server.URL)
	system, err := firebase.Open(t.Context(), server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	for identifier, want := range map[string]bool{"ana@acme.example": true, "eva@acme.example": false, "nobody@acme.example": false} {
		if _, found, err := system.Finder.Find(t.Context(), identifier); found != want || err != nil {
			t.Errorf("%q: %v, %v", identifier, found, err)
		}
	}
	lines := sourcetest.Fetched(t, firebase.Open, server.Spec(connection(true)), secrets, 230)
	if !strings.Contains(lines[0], `"passwordHash":"aGFzaA=="`) || !strings.Contains(lines[0], `"lastSignedInAt":"1"`) {
		t.Errorf("%s", lines[0])
	}
}

func TestAKeyFileThatSendsElsewhereInClearIsRefused(t *testing.T) {
	server := project(t, 200, "")
	for _, address := range []string{"http://tokens.example", "ftp://x", ""} {
		secrets := secretsOf(t, address)
		if _, err := firebase.Open(t.Context(), server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets)); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}
