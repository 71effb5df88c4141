package hook_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	gojose "github.com/go-jose/go-jose/v4"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/hook"
	"sallyport/service/source/sourcetest"
)

type question struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	ID       string `json:"jti"`
	Ask      struct{ What, Migration, Identifier, Password, Sealed string }
}

// receiver plays the tenant's service: it answers with said, where ID stands for the
// question's.
func receiver(t testing.TB, said string, heard *question) *sourcetest.Server {
	return sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		token, _ := io.ReadAll(r.Body)
		payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(string(token), ".")[1])
		var q question
		if err := json.Unmarshal(payload, &q); err != nil {
			t.Error(err)
		}
		*heard = q
		sourcetest.JSON(w, 200, strings.ReplaceAll(said, "ID", q.ID))
	})
}

// deps sign with something that only looks like a signature: keys are keyring's.
func deps() source.Deps {
	d := sourcetest.Deps(&sourcetest.Clock{}, nil)
	d.Issuer = func(server string) string { return "https://id.acme.example/" + server }
	d.Sign = func(_ context.Context, server string, payload []byte) (string, error) {
		return "e30." + base64.RawURLEncoding.EncodeToString(payload) + "." + server, nil
	}
	return d
}

func connection() config.Connection {
	return config.Connection{Kind: "hook", Server: "apps", Password: config.HookTLS, Finds: true}
}

func TestWhatAHookSaysOfAPasswordIsToldApart(t *testing.T) {
	tests := map[string]struct {
		said    string
		verdict source.Verdict
		reason  source.Reason
	}{
		"match":                          {`{"id":"ID","answer":"match","record":{"key":"7"}}`, source.Match, ""},
		"match, without a record":        {`{"id":"ID","answer":"match"}`, source.Match, ""},
		"no match":                       {`{"id":"ID","answer":"no_match"}`, source.NoMatch, source.WrongPassword},
		"unavailable":                    {`{"id":"ID","answer":"unavailable"}`, source.Unavailable, source.Broken},
		"the answer of another question": {`{"id":"other","answer":"match"}`, source.Unavailable, source.OtherPerson},
		"nothing":                        {`{"id":"ID"}`, source.Unavailable, source.Malformed},
		"something else":                 {`{"id":"ID","answer":"yes"}`, source.Unavailable, source.Malformed},
		"no match, and a record":         {`{"id":"ID","answer":"no_match","record":{}}`, source.Unavailable, source.Malformed},
		"more than it may":               {`{"id":"ID","answer":"match","admin":true}`, source.Unavailable, source.Malformed},
		"a record that is none":          {`{"id":"ID","answer":"match","record":[1]}`, source.Unavailable, source.Malformed},
		"something behind the answer":    {`{"id":"ID","answer":"match"}{}`, source.Unavailable, source.Malformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var heard question
			server := receiver(t, test.said, &heard)
			answer := sourcetest.Verify(t, hook.Open, server.Spec(connection()), deps())
			if answer.Verdict != test.verdict || answer.Reason != test.reason {
				t.Errorf("got %+v", answer)
			}
			if heard.Ask.Password != sourcetest.Password || heard.Issuer != "https://id.acme.example/apps" || heard.Audience != server.URL || heard.Ask.Migration != "old" {
				t.Errorf("asked %+v", heard)
			}
		})
	}
}

func TestASealedPasswordIsForTheReceiverAndForOneQuestion(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	public, _ := json.Marshal(gojose.JSONWebKey{Key: &key.PublicKey})
	var heard question
	spec := receiver(t, `{"id":"ID","answer":"no_match"}`, &heard).Spec(connection())
	spec.Password, spec.KeyJWK = config.HookSealed, public
	if answer := sourcetest.Verify(t, hook.Open, spec, deps()); answer.Verdict != source.NoMatch {
		t.Fatalf("got %+v", answer)
	}
	if heard.Ask.Password != "" {
		t.Error("the password is there in clear")
	}
	sealed, err := gojose.ParseEncryptedCompact(heard.Ask.Sealed, []gojose.KeyAlgorithm{gojose.ECDH_ES}, []gojose.ContentEncryption{gojose.A256GCM})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := sealed.Decrypt(key)
	var inside struct{ JTI, Password string }
	if err != nil || json.Unmarshal(plain, &inside) != nil || inside.Password != sourcetest.Password || inside.JTI != heard.ID {
		t.Errorf("%s, %v", plain, err)
	}
}

func TestAHookFindsPeopleWithoutAPassword(t *testing.T) {
	var heard question
	system, err := hook.Open(t.Context(), receiver(t, `{"id":"ID","answer":"match","record":{"key":"7"}}`, &heard).Spec(connection()), deps())
	if err != nil {
		t.Fatal(err)
	}
	element, found, err := system.Finder.Find(t.Context(), "ana")
	if err != nil || !found || string(element.Raw) != `{"key":"7"}` || heard.Ask.What != "find" || heard.Ask.Password != "" {
		t.Errorf("%v, %v, %v, asked %+v", element, found, err, heard)
	}
}

func TestWithoutAKeyNothingIsSealedToItIsNotOpened(t *testing.T) {
	var heard question
	spec := receiver(t, "{}", &heard).Spec(connection())
	spec.Password = config.HookSealed
	if _, err := hook.Open(t.Context(), spec, deps()); err == nil {
		t.Error("a hook without the receiver's key was opened")
	}
}
