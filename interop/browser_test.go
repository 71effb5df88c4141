package interop

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// Selectors of the sign-in pages.
const (
	username = "input[name=" + harness.FieldUsername + "]:not([aria-hidden])"
	password = "input[name=" + harness.FieldPassword + "]"
	submit   = "#" + harness.ButtonSubmit
)

// enterName and enterPassword answer the two pages of the sign-in.
func enterName(t *testing.T, tab context.Context, person harness.Person) {
	t.Helper()
	run(t, tab, chromedp.WaitVisible(username), chromedp.SendKeys(username, person.Username), chromedp.Click(submit))
	run(t, tab, chromedp.WaitVisible(password))
}

func enterPassword(t *testing.T, tab context.Context, person harness.Person, arrived string) {
	t.Helper()
	run(t, tab, chromedp.SendKeys(password, person.Password), chromedp.Click(submit), chromedp.WaitVisible(arrived))
}

func TestDanaSignsInSeesHerBillPaysAndSignsInAgain(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	tab := harness.Browser(t)
	danaMovesIn(t, demo, tab)
}

// Pages work without JavaScript: the whole story does.
func TestDanaNeedsNoScript(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	tab := harness.Browser(t)
	run(t, tab, emulation.SetScriptExecutionDisabled(true))
	danaMovesIn(t, demo, tab)
}

// danaMovesIn walks the customer's half of the story.
func danaMovesIn(t *testing.T, demo *harness.Server, tab context.Context) {
	t.Helper()
	dana, home := demo.People[harness.Dana], demo.Apps[harness.MyAccount]
	if got := passwordScheme(t, demo, dana); got == "argon2id" {
		t.Fatalf("before her first sign-in her password is %s already", got)
	}

	open(t, tab, demo.Apps[harness.Start], harness.StartMyAccount)
	run(t, tab, chromedp.Click(harness.StartMyAccount))
	run(t, tab, chromedp.WaitVisible(harness.AppSignIn), chromedp.Click(harness.AppSignIn), chromedp.WaitVisible(username))
	if got := location(t, tab); !strings.HasPrefix(got, demo.URL) {
		t.Errorf("the username is asked at %s, want a page of %s", got, demo.URL)
	}
	if present(t, tab, password) {
		t.Error("the password is asked before the username was given")
	}
	enterName(t, tab, dana)
	enterPassword(t, tab, dana, harness.AppBill)
	if got := location(t, tab); !strings.HasPrefix(got, home) {
		t.Errorf("Dana is at %s, want My Account at %s", got, home)
	}
	if got := text(t, tab, harness.AppCustomer); got != dana.Name {
		t.Errorf("My Account greets %q, want %q", got, dana.Name)
	}
	if got := text(t, tab, harness.AppBill); !strings.Contains(got, harness.DanasAccount) || !strings.Contains(got, "$") {
		t.Errorf("the bill says %q", got)
	}

	run(t, tab, chromedp.Click(harness.AppPay), chromedp.WaitVisible(harness.Outcome))
	if got := text(t, tab, harness.Outcome); !strings.Contains(got, "201 Created") {
		t.Errorf("the payment got %q", got)
	}
	open(t, tab, home, harness.AppBill)
	if present(t, tab, harness.AppPay) {
		t.Error("the bill can be paid twice")
	}

	run(t, tab, chromedp.Click(harness.AppSignInAgain), chromedp.WaitVisible(submit))
	if present(t, tab, username) {
		enterName(t, tab, dana)
	}
	enterPassword(t, tab, dana, harness.AppBill)
	if got := passwordScheme(t, demo, dana); got != "argon2id" {
		t.Errorf("after her sign-in her password is %q, want argon2id", got)
	}
}

// passwordScheme asks the command line how a customer's password is kept.
func passwordScheme(t *testing.T, demo *harness.Server, person harness.Person) string {
	t.Helper()
	var customer struct {
		Password string `json:"password"`
	}
	demo.RunJSON(t, &customer, "customers", "show", person.Username)
	if customer.Password == "" {
		t.Fatalf("%s has no password", person.Username)
	}
	return customer.Password
}

func TestPartnersGetWhatTheyWereGivenOnTheStartPage(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	tab := harness.Browser(t)
	for _, c := range []struct {
		name, partner string
		shown         string // selector of where the outcome stands
		want          []string
	}{
		{"PayRight posts a payment", "payright", harness.Outcome, []string{"201 Created", "posted_by"}},
		{"SunShare Solar may not", "sunshare", harness.Outcome, []string{"403 Forbidden", `"check": "scope"`}},
		{"a key opens only with its own application's token", "mixed", harness.Outcome, []string{"403 Forbidden", `"check": "binding"`}},
		{"SunShare Solar cannot even ask", "greedy", "#token-outcome", []string{"invalid_scope"}},
		{"SunShare Solar reads usage", "usage", harness.Outcome, []string{"200 OK", "watt_hours"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			button := harness.StartCall + c.partner
			open(t, tab, demo.Apps[harness.Start], button)
			run(t, tab, chromedp.Click(button), chromedp.WaitVisible(c.shown))
			got := text(t, tab, c.shown)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("the page says %q, want %q in it", got, want)
				}
			}
		})
	}
}
