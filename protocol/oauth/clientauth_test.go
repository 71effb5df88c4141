package oauth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func basic(userinfo string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(userinfo))
}

func TestRFC6749_2_3_ClientAuthentication(t *testing.T) {
	jwtType := "client_assertion_type=" + url.QueryEscape(assertionTypeJWT)
	for name, test := range map[string]struct {
		headers []string
		body    string
		want    ClientAuth
		code    Code
	}{
		"basic":                                {[]string{basic("web:s3cret")}, "", ClientAuth{AuthSecretBasic, "web", NewSecret("s3cret")}, ""},
		"basic in small letters":               {[]string{"basic" + basic("web:s3cret")[5:]}, "", ClientAuth{AuthSecretBasic, "web", NewSecret("s3cret")}, ""},
		"basic, form-encoded (§2.3.1)":         {[]string{basic("a%3Ab:x%2By+z%25")}, "", ClientAuth{AuthSecretBasic, "a:b", NewSecret("x+y z%")}, ""},
		"basic with colons in the secret":      {[]string{basic("web:a:b")}, "", ClientAuth{AuthSecretBasic, "web", NewSecret("a:b")}, ""},
		"basic and the same client in body":    {[]string{basic("web:s")}, "client_id=web", ClientAuth{AuthSecretBasic, "web", NewSecret("s")}, ""},
		"post":                                 {nil, "client_id=web&client_secret=s3cret", ClientAuth{AuthSecretPost, "web", NewSecret("s3cret")}, ""},
		"a public client":                      {nil, "client_id=spa", ClientAuth{AuthNone, "spa", Secret{}}, ""},
		"an empty secret counts as omitted":    {nil, "client_id=spa&client_secret=", ClientAuth{AuthNone, "spa", Secret{}}, ""},
		"an assertion":                         {nil, jwtType + "&client_assertion=a.b.c", ClientAuth{AuthPrivateKeyJWT, "", NewSecret("a.b.c")}, ""},
		"an assertion with client":             {nil, jwtType + "&client_assertion=a.b.c&client_id=web", ClientAuth{AuthPrivateKeyJWT, "web", NewSecret("a.b.c")}, ""},
		"nothing":                              {nil, "", ClientAuth{}, CodeInvalidClient},
		"basic and post":                       {[]string{basic("web:s")}, "client_id=web&client_secret=s", ClientAuth{}, CodeInvalidRequest},
		"basic and an assertion":               {[]string{basic("web:s")}, jwtType + "&client_assertion=a", ClientAuth{}, CodeInvalidRequest},
		"post and an assertion":                {nil, jwtType + "&client_assertion=a&client_id=web&client_secret=s", ClientAuth{}, CodeInvalidRequest},
		"basic and another client in body":     {[]string{basic("web:s")}, "client_id=other", ClientAuth{}, CodeInvalidRequest},
		"two headers":                          {[]string{basic("web:s"), basic("web:s")}, "", ClientAuth{}, CodeInvalidRequest},
		"an assertion without type":            {nil, "client_assertion=a", ClientAuth{}, CodeInvalidRequest},
		"a type without assertion":             {nil, "client_id=web&" + jwtType, ClientAuth{}, CodeInvalidRequest},
		"a SAML assertion":                     {nil, "client_assertion=a&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Asaml2-bearer", ClientAuth{}, CodeInvalidClient},
		"a secret without client":              {nil, "client_secret=s", ClientAuth{}, CodeInvalidClient},
		"bearer":                               {[]string{"Bearer abc"}, "client_id=web", ClientAuth{}, CodeInvalidClient},
		"an empty header":                      {[]string{""}, "client_id=web", ClientAuth{}, CodeInvalidClient},
		"basic alone":                          {[]string{"Basic"}, "client_id=web", ClientAuth{}, CodeInvalidClient},
		"basic that is no base64":              {[]string{"Basic !!!!"}, "", ClientAuth{}, CodeInvalidClient},
		"basic without padding":                {[]string{strings.TrimRight(basic("web:s"), "=")}, "", ClientAuth{}, CodeInvalidClient},
		"basic in two lines":                   {[]string{basic("web:s3cret")[:10] + "\n" + basic("web:s3cret")[10:]}, "", ClientAuth{}, CodeInvalidClient},
		"basic without colon":                  {[]string{basic("web")}, "", ClientAuth{}, CodeInvalidClient},
		"basic without client":                 {[]string{basic(":s")}, "", ClientAuth{}, CodeInvalidClient},
		"basic with an empty secret":           {[]string{basic("web:")}, "", ClientAuth{}, CodeInvalidClient},
		"basic with bad percent-encoding":      {[]string{basic("web:100%")}, "", ClientAuth{}, CodeInvalidClient},
		"basic with a line break in the id":    {[]string{basic("a%0ab:s")}, "", ClientAuth{}, CodeInvalidClient},
		"basic with a NUL in the secret":       {[]string{basic("web:a%00")}, "", ClientAuth{}, CodeInvalidClient},
		"basic of a megabyte":                  {[]string{basic("web:" + strings.Repeat("a", 1<<20))}, "", ClientAuth{}, CodeInvalidClient},
		"a secret of 2 kB":                     {nil, "client_id=web&client_secret=" + strings.Repeat("a", 2000), ClientAuth{}, CodeInvalidClient},
		"an assertion of 20 kB":                {nil, jwtType + "&client_assertion=" + strings.Repeat("a", 20000), ClientAuth{}, CodeInvalidClient},
		"a client id with a control character": {nil, "client_id=a%0a", ClientAuth{}, CodeInvalidClient},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParseParameters(test.body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseClientAuth(test.headers, p)
			if CodeOf(err) != test.code || (err != nil) != (test.code != "") {
				t.Fatalf("got %v, want %q", err, test.code)
			}
			if diff := cmp.Diff(test.want, got, exportAll); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASecretShowsItselfNowhere(t *testing.T) {
	auth := ClientAuth{AuthSecretPost, "web", NewSecret("s3cret")}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("a", "auth", auth, "secret", auth.Secret)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("a", "auth", auth, "secret", &auth.Secret)
	encoded, err := json.Marshal(map[string]any{"auth": auth, "secret": auth.Secret})
	if err != nil {
		t.Fatal(err)
	}
	shown := logged.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, auth) + fmt.Sprintf(verb, &auth) + fmt.Sprintf(verb, auth.Secret)
	}
	for _, leak := range []string{"s3cret", fmt.Sprintf("%x", "s3cret")} {
		if strings.Contains(shown, leak) {
			t.Errorf("%q shows in %s", leak, shown)
		}
	}
	if !auth.Secret.Equal(NewSecret("s3cret")) || auth.Secret.Equal(NewSecret("s3creT")) || auth.Secret.Equal(Secret{}) {
		t.Error("Equal is wrong")
	}
}

func FuzzParseClientAuth(f *testing.F) {
	f.Add(basic("web:s3cret"), "")
	f.Add("", "client_id=web&client_secret=s")
	f.Add("Basic ", "client_assertion=a&client_assertion_type=b")
	f.Fuzz(func(t *testing.T, header, body string) {
		p, err := ParseParameters(body)
		if err != nil {
			return
		}
		var headers []string
		if header != "" {
			headers = []string{header}
		}
		auth, err := ParseClientAuth(headers, p)
		if err != nil {
			if CodeOf(err) == "" || auth != (ClientAuth{}) {
				t.Errorf("untyped or half an answer: %v", err)
			}
			return
		}
		if (auth.Method == AuthNone) != auth.Secret.IsZero() || (auth.ClientID == "" && auth.Method != AuthPrivateKeyJWT) {
			t.Errorf("unsound: %v, %q", auth.Method, auth.ClientID)
		}
		// What a client would send for this result is read as this result.
		if auth.Method == AuthSecretBasic {
			again, err := ParseClientAuth([]string{basic(url.QueryEscape(string(auth.ClientID)) + ":" + url.QueryEscape(auth.Secret.Reveal()))}, Parameters{})
			if err != nil || again != auth {
				t.Errorf("round trip: %v", err)
			}
		}
	})
}
