package interop

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// Selectors of the pages on which customers see to their own sign-in.
const (
	toAccount  = `a[href*="/account?application=my-account"]`
	whoIs      = "#account-name"
	toSessions = `nav a[href*="/account/sessions"]`
	endOthers  = "#sessions-end-others"
	endOne     = `button[name=session]`
	toPassword = `a[href*="/account/password"]`
	toWays     = `nav a[href*="/account/ways"]`
	done       = "#status"
)

// Somebody got hold of Dana's password. She sees their browser among hers, throws it
// out and takes another password; nothing of it needs a script.
func TestDanaThrowsOutWhoeverKnowsHerPassword(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	dana := demo.People[harness.Dana]
	stranger, tab := harness.Browser(t), harness.Browser(t)
	for _, in := range []context.Context{stranger, tab} {
		run(t, in, emulation.SetScriptExecutionDisabled(true))
		open(t, in, demo.Apps[harness.MyAccount], harness.AppSignIn)
		run(t, in, chromedp.Click(harness.AppSignIn), chromedp.WaitVisible(username))
		enterName(t, in, dana)
		enterPassword(t, in, dana, harness.AppBill)
	}
	run(t, tab, chromedp.Click(toAccount), chromedp.WaitVisible(whoIs))
	if got := text(t, tab, whoIs); got != dana.Name {
		t.Errorf("the account is %q's, want %q's", got, dana.Name)
	}
	account := location(t, tab)
	run(t, tab, chromedp.Click(toSessions), chromedp.WaitVisible(endOne), chromedp.Click(endOthers), chromedp.WaitVisible(done))
	if present(t, tab, endOne) {
		t.Error("a session is left beside this one")
	}
	open(t, stranger, account, username)

	fresh := dana
	fresh.Password = "a gate that nobody knows"
	run(t, tab, chromedp.Click(toWays), chromedp.WaitVisible(toPassword), chromedp.Click(toPassword), chromedp.WaitVisible("#old-password"),
		chromedp.SendKeys("#old-password", dana.Password), chromedp.SendKeys("#new-password", fresh.Password),
		chromedp.Click("#password-change"), chromedp.WaitVisible(done))
	enterName(t, stranger, dana)
	enterPassword(t, stranger, dana, harness.Problem)
	run(t, stranger, chromedp.Clear(password))
	enterPassword(t, stranger, fresh, whoIs)
}
