package login_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/otp"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/service/signin"
)

var update = flag.Bool("update", false, "rewrite the golden pages")

// What differs from run to run.
var (
	sealed    = regexp.MustCompile(`t=[A-Za-z0-9_-]+`)
	reference = regexp.MustCompile(`(id="error-reference">)[a-z0-9]+`)
	digest    = regexp.MustCompile(`-[0-9a-f]{16}\.`)
	modules   = regexp.MustCompile(`fill="#000" d="[^"]+"`)
	key       = regexp.MustCompile(`(id="totp-key">)[A-Z2-7 ]+`)
	recovery  = regexp.MustCompile(`<li><code>[0-9a-z-]{14}</code></li>`)
	challenge = regexp.MustCompile(`(&#34;challenge&#34;:&#34;)[A-Za-z0-9_-]+`)
	keyID     = regexp.MustCompile(`(&#34;id&#34;:&#34;)[A-Za-z0-9_-]+`)
	followed  = regexp.MustCompile(`(name="code" value=")[A-Za-z0-9_-]{22}"`)
	token     = regexp.MustCompile(`([?&;]k=)[A-Za-z0-9_-]{22}`)
	port      = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)
)

func normal(page string) string {
	page = sealed.ReplaceAllString(page, "t=TICKET")
	page = token.ReplaceAllString(page, "${1}TOKEN")
	page = followed.ReplaceAllString(page, `${1}TOKEN"`)
	page = reference.ReplaceAllString(page, "${1}REFERENCE")
	page = digest.ReplaceAllString(page, "-DIGEST.")
	page = modules.ReplaceAllString(page, `fill="#000" d="MODULES"`)
	page = key.ReplaceAllString(page, "${1}KEY")
	page = recovery.ReplaceAllString(page, "<li><code>RECOVERY</code></li>")
	page = challenge.ReplaceAllString(page, "${1}CHALLENGE")
	page = keyID.ReplaceAllString(page, "${1}ID")
	return port.ReplaceAllString(page, "http://id.harbourlight.test")
}

// story walks through every page, as one customer would have to.
func story(t *testing.T) map[string]seen {
	s := newSite(t, func(c *signin.Config) { c.Limits.Account = signin.Limit{Burst: 1, Interval: 3 * time.Minute} })
	s.Customer("dana", s.Hash("tractor"))
	v, pages := newVisitor(t), map[string]seen{}
	page := s.ticket()
	pages["identifier"] = v.open(page)
	pages["identifier-missing"] = v.name(page, " ")
	pages["identifier-too-long"] = v.name(page, strings.Repeat("x", 300))
	pages["interrupted"] = v.password(page, "dana", "tractor")
	pages["no-cookies"] = v.open(page + "&given=1")
	v.name(page, "dana")
	pages["password"] = v.open(page)
	pages["password-missing"] = v.password(page, "dana", "")
	pages["not-recognised"] = v.password(page, "dana", "wrong")
	pages["too-many-attempts"] = v.password(page, "dana", "wrong")
	pages["no-ticket"] = v.open(s.url + "/signin")
	pages["not-found"] = v.open(s.url + "/nothing")
	pages["preview"] = v.open(s.url + "/preview/signout")
	s.Customer("otis", s.Hash("apple"))
	v.name(page, "otis")
	v.password(page, "otis", "apple")
	pages["sign-out"] = v.open(s.url + "/signout")
	pages["signed-out"] = v.send(http.MethodPost, s.url+"/signout", url.Values{})
	s.Pass(time.Hour)
	pages["time-ran-out"] = v.open(page)
	secondStory(t, pages)
	passkeyStory(t, pages)
	journeyStory(t, pages)
	return pages
}

var shown = regexp.MustCompile(`<li><code>([0-9a-z-]{14})</code></li>`)

var keyText = regexp.MustCompile(`id="totp-key">([A-Z2-7 ]+)<`)

// secondStory goes on where a second factor is asked for.
func secondStory(t *testing.T, pages map[string]seen) {
	s := newSite(t, nil)
	s.AskForCodes("always")
	s.Customer("dana", s.Hash("tractor"))
	v := newVisitor(t)
	page := s.ticket()
	v.name(page, "dana")
	pages["enrol"] = v.open(v.password(page, "dana", "tractor").Header.Get("Location"))
	secret, err := otp.ParseSecret(keyText.FindStringSubmatch(pages["enrol"].text)[1])
	if err != nil {
		t.Fatal(err)
	}
	app := otp.Key{Secret: secret, Algorithm: otp.SHA1, Digits: 6, Period: 30 * time.Second}
	code := func() string { return app.Code(app.Step(s.Now())) }
	give := func(name, value string) seen { return v.send(http.MethodPost, page, url.Values{name: {value}}) }
	pages["enrol-refused"] = give("code", "12")
	pages["codes"] = v.open(give("code", code()).Header.Get("Location"))
	file := v.open(page + "&codes=1")
	if file.Header.Get("Content-Disposition") != `attachment; filename="recovery-codes.txt"` || file.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the file has headers %v", file.Header)
	}
	for _, code := range shown.FindAllStringSubmatch(pages["codes"].text, -1) {
		if !strings.Contains(file.text, "\n"+code[1]+"\n") {
			t.Errorf("the file lacks a code: %s", file.text)
		}
	}
	if stranger := newVisitor(t).open(page + "&codes=1"); strings.Contains(stranger.text, "Recovery codes") || stranger.Header.Get("Content-Disposition") != "" {
		t.Errorf("a stranger gets %s", stranger.text)
	}
	if got := give("codes-kept", "1"); got.Header.Get("Location") != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("with codes kept it leads to %q", got.Header.Get("Location"))
	}
	s.Pass(time.Minute)
	v, page = newVisitor(t), s.ticket()
	v.name(page, "dana")
	pages["code"] = v.open(v.password(page, "dana", "tractor").Header.Get("Location"))
	pages["code-missing"] = give("code", " ")
	pages["code-refused"] = give("code", "1")
	if again := v.open(page + "&codes=1"); again.Header.Get("Content-Disposition") != "" {
		t.Errorf("the codes are shown twice: %s", again.text)
	}
	pages["recovery"] = v.open(page + "&recovery=1")
	pages["recovery-missing"] = give("recovery-code", "")
	pages["recovery-refused"] = give("recovery-code", "0000-0000-0000")
	if got := give("code", code()); got.Header.Get("Location") != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("the code leads to %q", got.Header.Get("Location"))
	}
}

var statuses = map[string]int{
	"identifier": 200, "password": 200, "sign-out": 200, "signed-out": 200, "preview": 200,
	"identifier-missing": 422, "identifier-too-long": 422, "interrupted": 422, "no-cookies": 422, "password-missing": 422, "not-recognised": 422,
	"enrol": 200, "codes": 200, "code": 200, "recovery": 200,
	"enrol-refused": 422, "code-missing": 422, "code-refused": 422, "recovery-missing": 422, "recovery-refused": 422,
	"passkey-identifier": 200, "passkey-password": 200, "passkey": 200, "passkey-recovery": 200, "passkey-refused": 422, "passkey-unverified": 422,
	"too-many-attempts": 429, "no-ticket": 400, "not-found": 404, "time-ran-out": 410,
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for name, got := range story(t) {
		t.Run(name, func(t *testing.T) {
			want, told := statuses[name]
			if want = max(want, journeyStatuses[name]); !told && want == 0 {
				want = http.StatusOK
			}
			if got.StatusCode != want {
				t.Errorf("status %d, want %d", got.StatusCode, want)
			}
			file := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(normal(got.text)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(golden), normal(got.text)); diff != "" {
				t.Error(diff)
			}
			checkPage(t, got)
		})
	}
}

// checkPage holds a page to what holds for all of them.
func checkPage(t *testing.T, page seen) {
	t.Helper()
	h := page.Header
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
	} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.Get(name), want)
		}
	}
	script, program := "", "<script"
	if strings.Contains(page.text, "data-passkeys=") {
		script, program = "script-src 'self'; connect-src 'self'; ", "</script>\n<script"
	}
	for _, want := range []string{"default-src 'none'; " + script + "style-src 'self'; img-src 'self'; form-action 'self'", "frame-ancestors 'none'; base-uri 'none'"} {
		if !strings.Contains(h.Get("Content-Security-Policy"), want) {
			t.Errorf("the policy %q lacks %q", h.Get("Content-Security-Policy"), want)
		}
	}
	for _, forbidden := range []string{program, "style=", "javascript:", "Sallyport", " onclick"} {
		if strings.Contains(page.text, forbidden) {
			t.Errorf("the page contains %q", forbidden)
		}
	}
	failed := page.StatusCode >= 400
	if strings.Contains(page.text, "<title>Error: ") != failed || strings.Contains(page.text, `id="error"`) != failed {
		t.Errorf("with status %d the title or the error says otherwise", page.StatusCode)
	}
	checkTree(t, page.text)
}

var (
	heading   = regexp.MustCompile(`<h1[ >]`)
	anyID     = regexp.MustCompile(` id="([^"]+)"`)
	input     = regexp.MustCompile(`<input [^>]*>`)
	described = regexp.MustCompile(`aria-describedby="([^"]+)"`)
)

// checkTree wants one main heading, each id once, and every input with a label
// or hidden from everybody.
func checkTree(t *testing.T, text string) {
	t.Helper()
	if n := len(heading.FindAllString(text, -1)); n != 1 {
		t.Errorf("the page has %d main headings", n)
	}
	ids := map[string]bool{}
	for _, match := range anyID.FindAllStringSubmatch(text, -1) {
		if ids[match[1]] {
			t.Errorf("the id %q is there twice", match[1])
		}
		ids[match[1]] = true
	}
	for _, tag := range input.FindAllString(text, -1) {
		id := anyID.FindStringSubmatch(tag)
		hidden := strings.Contains(tag, `aria-hidden="true"`) || strings.Contains(tag, `type="hidden"`)
		if !hidden && (id == nil || !strings.Contains(text, `<label for="`+id[1]+`">`)) {
			t.Errorf("%s has no label", tag)
		}
		if by := described.FindStringSubmatch(tag); by != nil {
			for _, id := range strings.Fields(by[1]) {
				if !ids[id] {
					t.Errorf("%s is described by what is not there", tag)
				}
			}
		}
	}
}

// Other people's tools drive these pages by ids and names, and password
// managers by what the fields are for.
func TestIDsAndNamesAreFixed(t *testing.T) {
	pages := story(t)
	for page, wanted := range map[string][]string{
		"identifier": {`id="username" name="username" type="text"`, `autocomplete="username"`, `id="login-submit"`, ` autofocus>`},
		"password": {
			`id="password" name="password" type="password"`, `autocomplete="current-password"`, `id="login-submit"`,
			`name="username" value="dana" autocomplete="username" readonly`, "Not you?",
		},
		"code":           {`id="code" name="code" type="text"`, `autocomplete="one-time-code"`, `inputmode="numeric"`, `id="login-submit"`, ` autofocus>`},
		"recovery":       {`id="recovery-code" name="recovery-code"`, `id="login-submit"`},
		"enrol":          {`<svg class="qr"`, `id="totp-key"`, `id="code"`, `id="login-submit"`},
		"codes":          {`id="recovery-codes"`, `name="codes-kept"`, `id="login-submit"`},
		"not-recognised": {`id="error"`, `id="error-reference"`, `tabindex="-1" autofocus>`},
		"sign-out":       {`id="logout-confirm"`},
		"preview":        {`<aside class="ribbon" aria-label="What this site is"><b>Preview</b>`},
	} {
		for _, want := range wanted {
			if !strings.Contains(pages[page].text, want) {
				t.Errorf("the page %s lacks %s", page, want)
			}
		}
	}
	if strings.Contains(pages["identifier"].text, `type="password"`) {
		t.Error("the first page asks for the password")
	}
	if got := pages["too-many-attempts"].Header.Get("Retry-After"); got != "180" {
		t.Errorf("Retry-After is %q, want 180", got)
	}
}

func TestASignInPageWithEverythingIsSmall(t *testing.T) {
	const budget = 14 << 10
	s := newSite(t, nil)
	s.Passkey(s.Customer("dana", s.Hash("tractor")), passkeytest.New(t, passkeytest.ES256, "127.0.0.1"), nil)
	v := newVisitor(t)
	ticket := s.ticket(func(t *signin.Ticket) { t.Return = "/customers/authorize/continue?r=" + strings.Repeat("xY7-_", 400) })
	page := v.name(ticket, "dana")
	page = v.open(page.Header.Get("Location"))
	total := squeezed(t, page.text)
	for _, match := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(page.text, -1) {
		total += squeezed(t, v.open(s.url+match[1]).text)
	}
	t.Logf("%d bytes, of %d", total, budget)
	if total > budget {
		t.Errorf("the page and what it needs take %d bytes, more than %d", total, budget)
	}
}

func squeezed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
