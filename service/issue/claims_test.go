package issue_test

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestClaimsWrittenByHandAreWhatTheLibraryReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, list := rapid.String().Draw(t, "text"), rapid.SliceOf(rapid.String()).Draw(t, "list")
		number, name := rapid.Int64().Draw(t, "number"), rapid.String().Draw(t, "name")
		claims := issue.Claims{{"a", text}, {"b", number}, {"c", true}, {"d", list}, {"e" + name, "x"}}
		raw, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(map[string]any{"a": text, "b": number, "c": true, "d": list, "e" + name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		var got, expected map[string]any
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if err := json.Unmarshal(want, &expected); err != nil || !reflect.DeepEqual(got, expected) {
			t.Fatalf("%s, want %s", raw, want)
		}
	})
}

// Whatever a tree calls its claims, none becomes one that tokens depend on.
func TestAConfiguredClaimNeverReplacesOneOfTheTokens(t *testing.T) {
	tree := strings.Replace(issuetest.Tree, "  - {name: account_number, attribute: account_number, in: [access, id]}\n",
		"  - {name: account_number, attribute: account_number, in: [access, id]}\n  - {name: tariff, value: day, in: [access, userinfo]}\n", 1)
	w := issuetest.New(t, tree)
	view := w.View()
	server := view.Snapshot.Servers["apps"]
	for _, name := range []string{"sub", "scope", "aud", "exp", "acr", "client_id", "rev", "cnf"} {
		server.Claims[1].Name = name // past what configuration accepts
		p, err := w.Issue.Preview(t.Context(), view, issue.PreviewRequest{
			Server: "apps", Application: "my-account", Grant: "authorization_code", Groups: []string{"residential"},
		})
		if err != nil || !p.Decision.Allowed {
			t.Fatal(p.Decision, err)
		}
		if p.AccessClaims.Get(name) == "day" {
			t.Errorf("configuration set %s", name)
		}
	}
	server.Claims[1].Name = "tariff"
}
