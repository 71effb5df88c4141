package oauth

import (
	"net/url"
	"strings"
	"testing"
)

const registeredURI = "https://app.example/cb?tenant=1"

// attacks are spellings that parsers somewhere have taken for the registered
// https://app.example/cb?tenant=1. Every CVE that made this list concerned such a
// difference of opinion, so none of them may pass, however harmless it looks.
var attacks = map[string]string{
	"nothing":                             "",
	"another host":                        "https://evil.example/cb?tenant=1",
	"a host behind an at sign":            "https://app.example@evil.example/cb?tenant=1",
	"many at signs":                       "https://app.example@a@b@evil.example/cb?tenant=1",
	"a password":                          "https://app.example:x@evil.example/cb?tenant=1",
	"user information":                    "https://evil@app.example/cb?tenant=1",
	"an encoded at sign":                  "https://app.example%40evil.example/cb?tenant=1",
	"a backslash before an at sign":       `https://evil.example\@app.example/cb?tenant=1`,
	"a backslash for a slash":             `https://app.example\cb?tenant=1`,
	"backslashes after the scheme":        `https:\\app.example/cb?tenant=1`,
	"a fragment that hides the host":      "https://evil.example#app.example/cb?tenant=1",
	"a fragment":                          "https://app.example/cb?tenant=1#x",
	"an empty fragment":                   "https://app.example/cb?tenant=1#",
	"a query that hides the host":         "https://evil.example?https://app.example/cb?tenant=1",
	"a subdomain":                         "https://evil.app.example/cb?tenant=1",
	"a longer top-level domain":           "https://app.example.evil/cb?tenant=1",
	"a prefix of the host":                "https://app.exampl/cb?tenant=1",
	"a host that ends alike":              "https://evilapp.example/cb?tenant=1",
	"a dot that a pattern would match":    "https://appXexample/cb?tenant=1",
	"a trailing dot":                      "https://app.example./cb?tenant=1",
	"a Cyrillic letter":                   "https://аpp.example/cb?tenant=1",
	"its punycode":                        "https://xn--pp-6kc.example/cb?tenant=1",
	"a full-width dot":                    "https://app。example/cb?tenant=1",
	"a soft hyphen":                       "https://app\u00ad.example/cb?tenant=1",
	"the host in capitals":                "https://APP.example/cb?tenant=1",
	"the scheme in capitals":              "HTTPS://app.example/cb?tenant=1",
	"http":                                "http://app.example/cb?tenant=1",
	"no scheme":                           "//app.example/cb?tenant=1",
	"a relative address":                  "/cb?tenant=1",
	"three slashes":                       "https:///app.example/cb?tenant=1",
	"one slash":                           "https:/app.example/cb?tenant=1",
	"no slash":                            "https:app.example/cb?tenant=1",
	"the default port":                    "https://app.example:443/cb?tenant=1",
	"another port":                        "https://app.example:8443/cb?tenant=1",
	"an empty port":                       "https://app.example:/cb?tenant=1",
	"the path in capitals":                "https://app.example/CB?tenant=1",
	"a trailing slash":                    "https://app.example/cb/?tenant=1",
	"a longer path":                       "https://app.example/cb/evil?tenant=1",
	"a prefix of the path":                "https://app.example/c?tenant=1",
	"a double slash":                      "https://app.example//cb?tenant=1",
	"a dot segment":                       "https://app.example/./cb?tenant=1",
	"two dots":                            "https://app.example/x/../cb?tenant=1",
	"two dots at the end":                 "https://app.example/cb/..?tenant=1",
	"encoded dots":                        "https://app.example/x/%2e%2e/cb?tenant=1",
	"doubly encoded dots":                 "https://app.example/x/%252e%252e/cb?tenant=1",
	"dots with a semicolon":               "https://app.example/x/..;/cb?tenant=1",
	"an encoded slash":                    "https://app.example%2fcb?tenant=1",
	"an encoded letter":                   "https://app.example/%63b?tenant=1",
	"an encoded backslash":                "https://app.example/%5ccb?tenant=1",
	"a path parameter":                    "https://app.example/cb;x?tenant=1",
	"another query":                       "https://app.example/cb?tenant=2",
	"no query":                            "https://app.example/cb",
	"an empty query":                      "https://app.example/cb?",
	"a longer query":                      "https://app.example/cb?tenant=1&x=1",
	"a parameter before":                  "https://app.example/cb?x=1&tenant=1",
	"a parameter twice":                   "https://app.example/cb?tenant=1&tenant=1",
	"an injected code":                    "https://app.example/cb?tenant=1&code=x",
	"an encoded query":                    "https://app.example/cb%3ftenant=1",
	"a leading space":                     " https://app.example/cb?tenant=1",
	"a trailing space":                    "https://app.example/cb?tenant=1 ",
	"a tab in the host":                   "https://app\t.example/cb?tenant=1",
	"a tab in the scheme":                 "ht\ttps://app.example/cb?tenant=1",
	"a line break":                        "https://app.example/cb?tenant=1\n",
	"a header":                            "https://app.example/cb?tenant=1\r\nSet-Cookie: a=b",
	"an encoded line break":               "https://app.example/cb?tenant=1%0d%0a",
	"a NUL":                               "https://app.example/cb?tenant=1\x00",
	"an encoded NUL":                      "https://app.example/cb%00?tenant=1",
	"two addresses":                       "https://app.example/cb?tenant=1 https://evil.example",
	"a script":                            "javascript:alert(1)//https://app.example/cb?tenant=1",
	"a script with a host":                "javascript://app.example/cb?tenant=1%0aalert(1)",
	"data":                                "data:text/html,<script>alert(1)</script>",
	"a file":                              "file:///cb?tenant=1",
	"blob":                                "blob:https://app.example/cb?tenant=1",
	"a wildcard":                          "https://*.example/cb?tenant=1",
	"an IPv6 address":                     "https://[::1]/cb?tenant=1",
	"an IPv6 address that holds the host": "https://[::ffff:app.example]/cb?tenant=1",
	"loopback":                            "http://127.0.0.1/cb?tenant=1",
	"two megabytes":                       "https://app.example/cb?tenant=1" + strings.Repeat("a", 2<<20),
}

func TestRFC9700_2_1_RedirectMatchesExactly(t *testing.T) {
	if !MatchRedirect([]string{"https://other.example/cb", registeredURI}, registeredURI) {
		t.Error("the registered URI itself does not match")
	}
	for name, uri := range attacks {
		t.Run(name, func(t *testing.T) {
			if MatchRedirect([]string{registeredURI}, uri) {
				t.Errorf("%q matches", uri)
			}
		})
	}
	if len(attacks) < 60 {
		t.Errorf("only %d variants", len(attacks))
	}
}

func TestRFC9700_4_11_AnErrorNeverGoesToAnUnregisteredURI(t *testing.T) {
	for name, uri := range attacks {
		t.Run(name, func(t *testing.T) {
			p, err := ParametersFromValues(url.Values{"client_id": {"web"}, "redirect_uri": {uri}, "response_type": {"token"}})
			if err != nil {
				return // refused before any redirect is thought of
			}
			request, err := ParseAuthorizationRequest(p)
			if _, local := err.(*NotRedirectableError); local {
				return
			}
			destination, err := request.Return.Match([]string{registeredURI})
			if _, local := err.(*NotRedirectableError); !local || destination != (Destination{}) {
				t.Errorf("%q is an address to answer to: %v", uri, err)
			}
			if CodeOf(err) != "" {
				t.Error("the error can be mistaken for one to redirect")
			}
		})
	}
}

func TestRFC8252_7_3_OnlyTheLoopbackPortMayVary(t *testing.T) {
	for name, test := range map[string]struct {
		registered, requested string
		want                  bool
	}{
		"a port where none is registered":     {"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true},
		"another port than the registered":    {"http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", true},
		"no port where one is registered":     {"http://127.0.0.1:8080/cb", "http://127.0.0.1/cb", true},
		"IPv6":                                {"http://[::1]/cb", "http://[::1]:51004/cb", true},
		"localhost, since it is registered":   {"http://localhost/cb", "http://localhost:51004/cb", true},
		"a host without path":                 {"http://127.0.0.1", "http://127.0.0.1:51004", true},
		"a query":                             {"http://127.0.0.1?a=1", "http://127.0.0.1:51004?a=1", true},
		"localhost is not 127.0.0.1":          {"http://127.0.0.1/cb", "http://localhost:51004/cb", false},
		"IPv6 is not IPv4":                    {"http://127.0.0.1/cb", "http://[::1]:51004/cb", false},
		"another path":                        {"http://127.0.0.1/cb", "http://127.0.0.1:51004/evil", false},
		"another query":                       {"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb?a=1", false},
		"a fragment":                          {"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb#a", false},
		"https":                               {"http://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false},
		"https has fixed ports":               {"https://127.0.0.1/cb", "https://127.0.0.1:51004/cb", false},
		"other hosts have fixed ports":        {"http://192.168.0.1/cb", "http://192.168.0.1:51004/cb", false},
		"another loopback address":            {"http://127.0.0.1/cb", "http://127.0.0.2:51004/cb", false},
		"a short address":                     {"http://127.0.0.1/cb", "http://127.1:51004/cb", false},
		"a decimal address":                   {"http://127.0.0.1/cb", "http://2130706433:51004/cb", false},
		"a longer host":                       {"http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb", false},
		"a longer last number":                {"http://127.0.0.1/cb", "http://127.0.0.11:51004/cb", false},
		"localhost as a prefix":               {"http://localhost/cb", "http://localhost.evil.example:51004/cb", false},
		"a host behind the port":              {"http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false},
		"a password":                          {"http://127.0.0.1/cb", "http://127.0.0.1:x@evil.example/cb", false},
		"a host behind an at sign":            {"http://127.0.0.1/cb", "http://127.0.0.1@evil.example/cb", false},
		"a host registered without path":      {"http://127.0.0.1", "http://127.0.0.1:80@evil.example", false},
		"a port of letters":                   {"http://127.0.0.1/cb", "http://127.0.0.1:http/cb", false},
		"an empty port":                       {"http://127.0.0.1/cb", "http://127.0.0.1:/cb", false},
		"port 0":                              {"http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false},
		"a leading zero":                      {"http://127.0.0.1/cb", "http://127.0.0.1:080/cb", false},
		"port 65536":                          {"http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false},
		"a port that overflows":               {"http://127.0.0.1/cb", "http://127.0.0.1:" + strings.Repeat("9", 40) + "/cb", false},
		"a sign":                              {"http://127.0.0.1/cb", "http://127.0.0.1:+80/cb", false},
		"two ports":                           {"http://127.0.0.1/cb", "http://127.0.0.1:80:80/cb", false},
		"a backslash":                         {"http://127.0.0.1/cb", `http://127.0.0.1:80\cb`, false},
		"a private-use scheme matches itself": {"com.example.app:/cb", "com.example.app:/cb", true},
		"and nothing else":                    {"com.example.app:/cb", "com.example.app:/cb/", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := MatchRedirect([]string{test.registered}, test.requested); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestRFC9700_2_6_WhatMayBeRegistered(t *testing.T) {
	for name, test := range map[string]struct {
		uri string
		ok  bool
	}{
		"https":                               {"https://app.example/cb", true},
		"https with port and query":           {"https://app.example:8443/cb?tenant=1&x=%20", true},
		"https without path":                  {"https://app.example", true},
		"https on an internal name":           {"https://intranet/cb", true},
		"https on an IPv4 address":            {"https://192.0.2.1/cb", true},
		"https on an IPv6 address":            {"https://[2001:db8::1]:8443/cb", true},
		"punycode":                            {"https://xn--bcher-kva.example/cb", true},
		"http on 127.0.0.1":                   {"http://127.0.0.1/cb", true},
		"http on ::1 with a port":             {"http://[::1]:8080/cb", true},
		"http on localhost":                   {"http://localhost:8080/cb", true},
		"a private-use scheme":                {"com.example.app:/cb", true},
		"a private-use scheme with a host":    {"com.example.app://cb/x", true},
		"http elsewhere":                      {"http://app.example/cb", false},
		"http on another loopback address":    {"http://127.0.0.2/cb", false},
		"http on a name that starts alike":    {"http://localhost.evil.example/cb", false},
		"http on a short address":             {"http://127.1/cb", false},
		"http with a bad port":                {"http://localhost:0/cb", false},
		"nothing":                             {"", false},
		"a relative address":                  {"/cb", false},
		"no scheme":                           {"//app.example/cb", false},
		"a bare host":                         {"app.example/cb", false},
		"no host":                             {"https:///cb", false},
		"one slash":                           {"https:/app.example/cb", false},
		"an opaque address":                   {"com.example.app:cb", false},
		"a scheme without dot":                {"myapp:/cb", false},
		"a script":                            {"javascript:alert(1)", false},
		"a script with slashes":               {"javascript://app.example/%0aalert(1)", false},
		"data":                                {"data:text/html,x", false},
		"vbscript":                            {"vbscript:/x", false},
		"a file":                              {"file:///etc/passwd", false},
		"about":                               {"about:blank", false},
		"the out-of-band URN":                 {"urn:ietf:wg:oauth:2.0:oob", false},
		"a fragment":                          {"https://app.example/cb#x", false},
		"an empty fragment":                   {"https://app.example/cb#", false},
		"user information":                    {"https://a:b@app.example/cb", false},
		"an at sign without user":             {"https://@app.example/cb", false},
		"many at signs":                       {"https://a@b@app.example/cb", false},
		"a wildcard host":                     {"https://*.example/cb", false},
		"a wildcard path":                     {"https://app.example/*", false},
		"an encoded wildcard":                 {"https://app.example/%2a", false},
		"an encoded host":                     {"https://app%2eexample/cb", false},
		"a host in capitals":                  {"https://App.example/cb", false},
		"a scheme in capitals":                {"HTTPS://app.example/cb", false},
		"a scheme in capitals with a dot":     {"Com.example.app:/cb", false},
		"a trailing dot":                      {"https://app.example./cb", false},
		"an empty label":                      {"https://app..example/cb", false},
		"a label that starts with a hyphen":   {"https://-app.example/cb", false},
		"an empty port":                       {"https://app.example:/cb", false},
		"port 0":                              {"https://app.example:0/cb", false},
		"port 65536":                          {"https://app.example:65536/cb", false},
		"a decimal IPv4 address":              {"https://2130706433/cb", false},
		"a hexadecimal IPv4 address":          {"https://0x7f.0x1/cb", false},
		"an octal IPv4 address":               {"https://0177.0.0.1/cb", false},
		"a short IPv4 address":                {"https://127.1/cb", false},
		"a mapped IPv6 address":               {"https://[::ffff:192.0.2.1]/cb", false},
		"a long spelling of IPv6":             {"https://[2001:0db8::1]/cb", false},
		"an IPv6 zone":                        {"https://[fe80::1%25eth0]/cb", false},
		"an open bracket":                     {"https://[::1/cb", false},
		"letters outside ASCII":               {"https://bücher.example/cb", false},
		"a space":                             {"https://app.example/c b", false},
		"a tab":                               {"https://app.example/c\tb", false},
		"a line break":                        {"https://app.example/cb\n", false},
		"a backslash":                         {`https://app.example\cb`, false},
		"a quotation mark":                    {`https://app.example/"cb`, false},
		"an angle bracket":                    {"https://app.example/<cb", false},
		"a dot segment":                       {"https://app.example/a/../cb", false},
		"an encoded dot segment":              {"https://app.example/a/%2E%2e/cb", false},
		"a single dot":                        {"https://app.example/./cb", false},
		"an encoded slash":                    {"https://app.example/a%2fcb", false},
		"an encoded backslash":                {"https://app.example/a%5ccb", false},
		"an encoded NUL":                      {"https://app.example/cb%00", false},
		"an encoded line break in the query":  {"https://app.example/cb?a=%0d%0a", false},
		"a bad percent-encoding":              {"https://app.example/%zz", false},
		"a bad percent-encoding in the query": {"https://app.example/cb?a=%zz", false},
		"a semicolon in the query":            {"https://app.example/cb?a=1;b=2", false},
		"a code in the query":                 {"https://app.example/cb?code=x", false},
		"a state in the query":                {"https://app.example/cb?a=1&st%61te=x", false},
		"more than 2048 bytes":                {"https://app.example/" + strings.Repeat("a", 2048), false},
		"a label of 64 letters":               {"https://" + strings.Repeat("a", 64) + ".example/cb", false},
		"a host of 260 letters":               {"https://" + strings.Repeat("aaaa.", 52) + "example/cb", false},
	} {
		t.Run(name, func(t *testing.T) {
			err := ValidateRedirectRegistration(test.uri)
			if (err == nil) != test.ok {
				t.Errorf("%q: %v", test.uri, err)
			}
			if err == nil && !MatchRedirect([]string{test.uri}, test.uri) {
				t.Errorf("%q may be registered but never matches", test.uri)
			}
		})
	}
}

func TestOAuth21_2_3_TheQueryOfARedirectURISurvives(t *testing.T) {
	params := url.Values{"code": {"a b&c"}, "state": {"é#"}}
	const encoded = "code=a+b%26c&state=%C3%A9%23"
	for uri, want := range map[string]string{
		"https://app.example/cb":          "https://app.example/cb?" + encoded,
		"https://app.example/cb?":         "https://app.example/cb?" + encoded,
		"https://app.example/cb?tenant=1": "https://app.example/cb?tenant=1&" + encoded,
		"https://app.example/cb?a&":       "https://app.example/cb?a&" + encoded,
		"https://app.example/cb?a=?":      "https://app.example/cb?a=?&" + encoded,
		"com.example.app:/cb":             "com.example.app:/cb?" + encoded,
	} {
		if got := BuildRedirect(uri, params); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := BuildRedirect(registeredURI, nil); got != registeredURI {
		t.Errorf("without parameters: %q", got)
	}
}

// FuzzMatchRedirect: whatever matches a loopback registration is, to the standard library, a
// URL on that host with that path; whatever matches another is equal to it.
func FuzzMatchRedirect(f *testing.F) {
	for _, uri := range attacks {
		if len(uri) < 1000 {
			f.Add(uri)
		}
	}
	f.Add("http://127.0.0.1:80/cb")
	f.Fuzz(func(t *testing.T, uri string) {
		if MatchRedirect([]string{registeredURI}, uri) != (uri == registeredURI) {
			t.Errorf("%q is judged wrongly", uri)
		}
		if MatchRedirect([]string{"http://127.0.0.1/cb"}, uri) {
			u, err := url.Parse(uri)
			if err != nil || u.Hostname() != "127.0.0.1" || u.Path != "/cb" || u.User != nil || u.RawQuery+u.Fragment != "" || u.Scheme != "http" {
				t.Errorf("%q matches", uri)
			}
		}
	})
}

// FuzzValidateRedirectRegistration: what may be registered means the same to the standard library,
// and adding an answer neither moves its host nor loses its query.
func FuzzValidateRedirectRegistration(f *testing.F) {
	for _, uri := range attacks {
		if len(uri) < 1000 {
			f.Add(uri)
		}
	}
	f.Add("com.example.app:/cb")
	f.Add("http://[::1]:80/cb?a=1")
	f.Add("com.example.app:/cb?a?") // once lost its parameter's value
	f.Fuzz(func(t *testing.T, uri string) {
		if ValidateRedirectRegistration(uri) != nil {
			return
		}
		before, err := url.Parse(uri)
		if err != nil {
			t.Fatal(err)
		}
		after, err := url.Parse(BuildRedirect(uri, url.Values{"code": {"c"}, "iss": {"i"}}))
		if err != nil {
			t.Fatal(err)
		}
		want := before.Query()
		want.Set("code", "c")
		want.Set("iss", "i")
		if before.Host != after.Host || before.Path != after.Path || before.Scheme != after.Scheme || want.Encode() != after.Query().Encode() {
			t.Errorf("%q became %q", before, after)
		}
		if before.Scheme == "javascript" || before.Scheme == "data" || before.User != nil || strings.ContainsAny(uri, "*#\\") {
			t.Errorf("%q may be registered", uri)
		}
	})
}
