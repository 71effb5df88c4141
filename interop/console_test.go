package interop

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// consolePages are pages of the demo's console, below its environment.
var consolePages = map[string]string{
	"overview": "", "customers": "/customers?q=d", "applications": "/applications?q=type:machine", "application": "/applications/payright",
	"web-application": "/applications/my-account", "servers": "/servers", "server": "/servers/apps", "access": "/access", "matrix": "/access/apps",
	"explain": "/access/apps/explain?application=my-account&scope=billing.write.payment", "keys": "/keys", "revisions": "/revisions",
	"revision": "/revisions/1", "migrations": "/migrations", "migration": "/migrations/meterman", "records": "/migrations/meterman/records?state=held",
	"audit": "/audit", "audit-wrong": "/audit?q=colour:red", "verify": "/audit/verify",
}

// Every page of the console is looked at as customers' pages are.
func TestTheConsoleFitsItsWindowAndIsPictured(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	for _, l := range []look{{"light", "light", 1280}, {"dark", "dark", 1280}, {"narrow", "light", 320}} {
		t.Run(l.name, func(t *testing.T) {
			tab := harness.Browser(t)
			becomeOwner(t, demo, tab, l.name)
			run(t, tab, emulation.SetDeviceMetricsOverride(l.width, 800, 1, false),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}))
			for name, path := range demoConsole(t, demo, tab, l.name) {
				if l.scheme == "dark" && !strings.Contains("home overview matrix explain audit customer disable", name) {
					continue // the same components as on these
				}
				run(t, tab, chromedp.Evaluate(`document.querySelector("h1").id = "before"`, nil))
				open(t, tab, demo.URL+path, "h1:not(#before)")
				l.picture(t, tab, "console-"+name)
			}
		})
	}
}

// With a script a customer is disabled in a dialog, and a cell of the matrix is
// explained beside it; the pages are those that work without.
func TestTheConsoleAsksInADialogAndExplainsBesideTheMatrix(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	tab := harness.Browser(t)
	becomeOwner(t, demo, tab, "robin")
	open(t, tab, demo.URL+demoConsole(t, demo, tab, "robin")["customer"], `a[href$="/disable"]`)
	const reason, send, said = "dialog #reason", `dialog button[type="submit"]`, `main [role="status"]`
	run(t, tab, chromedp.Click(`a[href$="/disable"]`), chromedp.WaitVisible(reason),
		chromedp.SendKeys(reason, "a test of the dialog"), chromedp.Click(send), chromedp.WaitVisible(said))
	if got := text(t, tab, said); !strings.Contains(got, "They are disabled") || !present(t, tab, `a[href$="/enable"]`) {
		t.Errorf("the page says %q", got)
	}
	open(t, tab, demo.URL+"/console/e/harbourlight/production/access/apps", ".matrix td a[href]")
	run(t, tab, chromedp.Click(".matrix td a[href]"), chromedp.WaitVisible("#panel h2"))
	if got := text(t, tab, "#panel h2"); got != "Why mobile gets billing.read.bill" {
		t.Errorf("the panel is about %q", got)
	}
}

// demoConsole are the addresses of the pages by name.
func demoConsole(t *testing.T, demo *harness.Server, tab context.Context, operator string) map[string]string {
	t.Helper()
	const at = "/console/e/harbourlight/production"
	open(t, tab, demo.URL+at+"/customers?q=dana", "tbody a")
	var customer, event string
	run(t, tab, chromedp.Evaluate(`document.querySelector("tbody a").getAttribute("href")`, &customer))
	open(t, tab, demo.URL+at+"/audit", "tbody time")
	run(t, tab, chromedp.Evaluate(`document.querySelector("tbody a").getAttribute("href")`, &event))
	pages := map[string]string{
		"home": "/console/", "operators": "/console/operators", "operator": "/console/operators/" + operator, "invite": "/console/operators/invite",
		"customer": customer, "disable": customer + "/disable", "event": event,
	}
	for name, path := range consolePages {
		pages[name] = at + path
	}
	return pages
}

// becomeOwner makes somebody the owner of an installation, in a browser.
func becomeOwner(t *testing.T, server *harness.Server, tab context.Context, username string) {
	t.Helper()
	var made struct{ URL string }
	server.RunJSON(t, &made, "operator", "link")
	at, err := url.Parse(made.URL)
	if err != nil {
		t.Fatal(err)
	}
	server.Keep(at.Query().Get("t"), newPassword)
	open(t, tab, made.URL, "#username")
	run(t, tab, chromedp.SendKeys("#username", username), chromedp.SendKeys("#name", "Robin Reyes"),
		chromedp.SendKeys("#new-password", newPassword), chromedp.Submit("#new-password"), chromedp.WaitVisible("#totp-key"))
	key := text(t, tab, "#totp-key")
	server.Keep(key, strings.ReplaceAll(key, " ", ""))
	run(t, tab, chromedp.SendKeys(codeField, totp(t, key, time.Now())), chromedp.Submit(codeField), chromedp.WaitVisible("#recovery-codes"))
	server.Keep(strings.Fields(text(t, tab, "#recovery-codes"))...)
	run(t, tab, chromedp.Click("#"+harness.ButtonSubmit), chromedp.WaitVisible(consoleHome))
}
