package issue_test

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/access"
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

// Whatever a tree calls its claims, none becomes one that tokens depend on: those
// names are refused (package claim holds the list to it), and what stands in a place
// already, stays.
func TestAConfiguredClaimNeverReplacesOneThatIsThere(t *testing.T) {
	w := issuetest.New(t, strings.Replace(issuetest.Tree, accountNumber, accountNumber+
		"  - {name: email, value: mallory@example.test, in: [userinfo]}\n  - {name: email_verified, value: x, in: [access]}\n", 1))
	mia := w.Customer("Mia Ortega", "residential")
	p, err := w.Issue.Preview(t.Context(), w.View(), issue.PreviewRequest{
		Server: "apps", Application: "my-account", Grant: "authorization_code", Customer: mia.ID, Scopes: []access.Scope{"openid", "email"},
	})
	if err != nil || !p.Decision.Allowed {
		t.Fatal(p.Decision, err)
	}
	if p.Userinfo.Get("email") == "mallory@example.test" || p.AccessClaims.Get("email_verified") != "x" {
		t.Errorf("%v, %v", p.Userinfo, p.AccessClaims)
	}
	for _, c := range p.AccessClaims {
		if issue.Reserved(c.Name) == (c.Name == "account_number" || c.Name == "email_verified") {
			t.Errorf("%s: reserved %v", c.Name, issue.Reserved(c.Name))
		}
	}
}

// accountNumber is the first claim of issuetest's tree.
const accountNumber = "  - {name: account_number, attribute: account_number, in: [access, id]}\n"
