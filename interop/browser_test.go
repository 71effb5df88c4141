package interop

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

func TestDanaSignsInToMyAccountAndSeesHerBill(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	dana, home := demo.People[harness.Dana], demo.Apps[harness.MyAccount]
	issuer := demo.Applications[harness.MyAccount].Issuer
	username, password := "input[name="+harness.FieldUsername+"]", "input[name="+harness.FieldPassword+"]"
	tab := harness.Browser(t)

	run(t, tab, chromedp.Navigate(home), chromedp.WaitVisible(harness.AppSignIn))
	harness.Picture(t, tab, "1-my-account")

	run(t, tab, chromedp.Click(harness.AppSignIn), chromedp.WaitVisible(username))
	if got := location(t, tab); host(t, got) != host(t, issuer) {
		t.Errorf("the username is asked at %s, want a page of %s", got, issuer)
	}
	if present(t, tab, password) {
		t.Error("the password is asked before the username was given")
	}
	harness.Picture(t, tab, "2-username")

	run(t, tab, chromedp.SendKeys(username, dana.Username), chromedp.Click("#"+harness.ButtonSubmit), chromedp.WaitVisible(password))
	harness.Picture(t, tab, "3-password")

	run(t, tab, chromedp.SendKeys(password, dana.Password), chromedp.Click("#"+harness.ButtonSubmit), chromedp.WaitVisible(harness.AppBill))
	if got := location(t, tab); !strings.HasPrefix(got, home) {
		t.Errorf("Dana is at %s, want My Account at %s", got, home)
	}
	var bill string
	run(t, tab, chromedp.Text(harness.AppBill, &bill))
	if strings.TrimSpace(bill) == "" {
		t.Error("the bill is empty")
	}
	harness.Picture(t, tab, "4-bill")
}
