package account_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sallyport/pure/customer"
	"sallyport/web/account"
)

func TestBrowsersAreCalledWhatPeopleCallThem(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                           "Firefox on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":              "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                                      "Chrome on Linux",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                            "Chrome on Android",
		"Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":    "Safari on an iPhone",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on an iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                      "Safari on a Mac",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0":               "Opera on ChromeOS",
		"Dalvik/2.1.0 (Linux; U; Android 14)": "A browser on Android",
		"Firefox/1.0":                         "Firefox",
		"curl/8.5.0":                          "A browser",
		"":                                    "A browser",
		"<b>Firefox/":                         "Firefox",
	} {
		if got := account.Described(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

func FuzzADescriptionRepeatsNothing(f *testing.F) {
	f.Add("Firefox/1 <script>")
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, agent string) {
		got := account.Described(agent)
		if got == "" || len(got) > 40 || strings.ContainsAny(got, "<>\"'&\x00") || !utf8.ValidString(got) {
			t.Fatalf("%q is described as %q", agent, got)
		}
	})
}

func TestNamesAreMaskedSoThatTheirOwnerKnowsThem(t *testing.T) {
	for _, test := range []struct {
		kind        customer.IdentifierKind
		shown, want string
	}{
		{customer.Email, "dana.whitfield@mail.test", "d•••@mail.test"},
		{customer.Email, "é@mail.test", "é•••@mail.test"},
		{customer.Email, `"a@b"@mail.test`, `"•••@mail.test`},
		{customer.Email, "@mail.test", "•••"},
		{customer.Email, "nobody", "•••"},
		{customer.Phone, "(212) 555-0142", "••• 142"},
		{customer.Phone, "112", "•••"},
		{customer.Username, "dana", "dana"},
	} {
		if got := account.Masked(test.kind, test.shown); got != test.want {
			t.Errorf("%s %q is %q, want %q", test.kind, test.shown, got, test.want)
		}
	}
}
