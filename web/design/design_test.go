package design

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sallyport/pure/config"
)

func brand() *config.LiveBrand {
	return &config.LiveBrand{
		Brand: &config.Brand{
			Meta: config.Meta{Name: "orchard-valley", Title: "Orchard Valley Power"}, Accent: "#1b6e2c", Dark: "#8fd19e",
			Help: "https://www.orchard.test/help", Phone: "0800 (555) 0188", Links: []config.LabeledURL{{Label: "Terms", URL: "https://www.orchard.test/terms"}},
		},
		LogoSVG: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
	}
}

func get(h http.Handler, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAssetsAreKeptForEverByTheNameOfTheirContent(t *testing.T) {
	b := brand()
	f := Frame{Brand: b, Base: "/preview"}
	h := Assets(map[string]*config.LiveBrand{b.Name: b})
	for _, test := range []struct{ address, kind, contains string }{
		{f.StyleURL(), "text/css; charset=utf-8", "prefers-color-scheme"},
		{f.BrandURL(), "text/css; charset=utf-8", ":root{--accent:#1b6e2c}"},
		{f.LogoURL(), "image/svg+xml", "<svg"},
	} {
		got := get(h, test.address)
		if got.StatusCode != 200 || got.Header.Get("Content-Type") != test.kind || !strings.Contains(body(t, got), test.contains) {
			t.Errorf("%s gives %d, %q", test.address, got.StatusCode, got.Header.Get("Content-Type"))
		}
		if !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s has headers %v", test.address, got.Header)
		}
		// A page of the release before asks for what it knew.
		old := regexp.MustCompile(`-[0-9a-f]{16}\.`).ReplaceAllString(test.address, "-0000000000000000.")
		if got := get(h, old); got.StatusCode != 200 || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s gives %d, %q; want what there is, not to be kept", old, got.StatusCode, got.Header.Get("Cache-Control"))
		}
	}
	for _, address := range []string{"/assets/", "/assets/x.css", "/assets/brand-nobody-1.css", "/assets/logo-orchard-valley-1.css", "/assets/-.", "/assets/brand--.css"} {
		if got := get(h, address); got.StatusCode != 404 {
			t.Errorf("%s gives %d, want 404", address, got.StatusCode)
		}
	}
}

func TestTheStyleSheetIsSentSqueezedToWhoTakesIt(t *testing.T) {
	got := get(Assets(nil), Frame{}.StyleURL(), "Accept-Encoding", "br, gzip")
	if got.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("it is sent as %q", got.Header.Get("Content-Encoding"))
	}
	reader, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(reader); err != nil || string(plain) != string(styles) {
		t.Errorf("it does not unpack to the style sheet: %v", err)
	}
}

func TestABrandWithoutColoursOrLogoHasNoFiles(t *testing.T) {
	for name, b := range map[string]*config.LiveBrand{"nobody": nil, "a bare brand": {Brand: &config.Brand{Meta: config.Meta{Name: "bare"}}}} {
		if f := (Frame{Brand: b}); f.BrandURL() != "" || f.LogoURL() != "" {
			t.Errorf("%s has %q and %q", name, f.BrandURL(), f.LogoURL())
		}
	}
	// An accent made for white is none for the dark.
	b := brand()
	b.Dark = ""
	if css := string(brandSheet(b).content); !strings.Contains(css, "dark){:root{--accent:#6cb4f5}}") {
		t.Errorf("in the dark it has %s", css)
	}
}

func TestOnlyEnvironmentsThatAreNotRealWearARibbon(t *testing.T) {
	u, err := url.Parse("https://id.orchard.test/preview")
	if err != nil {
		t.Fatal(err)
	}
	tenant := &config.Tenant{Environments: map[string]config.EnvironmentSpec{"preview": {Title: "Preview"}, "production": {Title: "Production"}}}
	for _, test := range []struct{ environment, given, want string }{
		{"production", "", ""}, {"preview", "", "Preview"}, {"staging", "", "staging"}, {"production", "DEMO", "DEMO"},
	} {
		f := FrameOf(&config.Snapshot{Tenant: tenant, URL: u, Environment: test.environment}, nil, test.given)
		if f.Ribbon != test.want || f.Base != "/preview" {
			t.Errorf("%s: got %q at %q, want %q", test.environment, f.Ribbon, f.Base, test.want)
		}
	}
}

func TestAnErrorSaysWhatAndWhyAndWhatToDo(t *testing.T) {
	w := httptest.NewRecorder()
	Error(w, httptest.NewRequest(http.MethodGet, "/x", nil), ErrorPage{
		Frame: Frame{Brand: brand(), Ribbon: "DEMO"}, Status: 400, Title: "No <b>way", What: "It <i>broke.", Fix: "Mend it.", Reference: "abc123",
		Ways: []config.LabeledURL{{Label: "Home", URL: "https://my.orchard.test"}, {Label: "Trap", URL: "javascript:alert(1)"}},
	})
	text := w.Body.String()
	for _, want := range []string{
		"<title>Error: No &lt;b&gt;way – Orchard Valley Power</title>", "It &lt;i&gt;broke.", "Mend it.", `<code id="error-reference">abc123</code>`,
		`href="https://my.orchard.test"`, `<b>DEMO</b>`, `href="tel:08005550188"`, `href="https://www.orchard.test/help"`, `id="error"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if w.Code != 400 || strings.Contains(text, "javascript:") || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("got %d:\n%s", w.Code, text)
	}
	w = httptest.NewRecorder()
	NotFound(w, httptest.NewRequest(http.MethodGet, "/x", nil), Frame{}) // of nobody
	if w.Code != 404 {
		t.Errorf("got %d", w.Code)
	}
}

func TestSecureSetsTheHeadersOfEveryAnswer(t *testing.T) {
	got := get(Secure(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })), "/")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"Cache-Control":           "no-store", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
		}
	}
	h := http.Header{}
	Policy{FormTo: []string{"https://my.orchard.test"}, Popups: true}.Apply(h)
	if !strings.Contains(h.Get("Content-Security-Policy"), "form-action 'self' https://my.orchard.test;") || h.Get("Cross-Origin-Opener-Policy") != "" {
		t.Errorf("got %v", h)
	}
}

func TestDescribedByNamesWhatIsThere(t *testing.T) {
	for _, test := range []struct {
		field Field
		want  string
	}{
		{Field{Name: "a"}, ""},
		{Field{Name: "a", Hint: "h"}, "a-hint"},
		{Field{Name: "a", Wrong: "w"}, "a-error"},
		{Field{Name: "a", Hint: "h", Wrong: "w"}, "a-hint a-error"},
	} {
		if got := test.field.DescribedBy(); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.field, got, test.want)
		}
	}
}
