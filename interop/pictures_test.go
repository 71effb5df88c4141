package interop

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// look is one way in which a page is seen.
type look struct {
	name, scheme string
	width        int64
}

// Every page is looked at by day, by night and on the narrowest telephone, where
// nothing may need sideways scrolling (WCAG 1.4.10). `go test -artifacts -outputdir
// DIR` keeps the pictures.
func TestPagesFitTheirWindowAndArePictured(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	for _, l := range []look{{"light", "light", 1280}, {"dark", "dark", 1280}, {"narrow", "light", 320}, {"narrow-dark", "dark", 320}} {
		t.Run(l.name, func(t *testing.T) {
			tab := harness.Browser(t)
			run(t, tab,
				emulation.SetDeviceMetricsOverride(l.width, 800, 1, false),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}))
			l.pictureAll(t, demo, tab)
		})
	}
}

func (l look) pictureAll(t *testing.T, demo *harness.Server, tab context.Context) {
	dana := demo.People[harness.Dana]
	open(t, tab, demo.Apps[harness.Start], harness.StartMyAccount)
	l.picture(t, tab, "start")
	run(t, tab, chromedp.Click(harness.StartCall+"sunshare"), chromedp.WaitVisible(harness.Outcome))
	l.picture(t, tab, "refused")

	open(t, tab, demo.Apps[harness.MyAccount], harness.AppSignIn)
	l.picture(t, tab, "welcome")
	run(t, tab, chromedp.Click(harness.AppSignIn), chromedp.WaitVisible(username))
	l.picture(t, tab, "username")
	enterName(t, tab, dana)
	l.picture(t, tab, "password")
	run(t, tab, chromedp.SendKeys(password, "not the password"), chromedp.Click(submit))
	run(t, tab, chromedp.WaitVisible(harness.Problem))
	l.picture(t, tab, "wrong-password")
	enterPassword(t, tab, dana, harness.AppBill)
	l.picture(t, tab, "my-account")

	run(t, tab, chromedp.Click(toAccount), chromedp.WaitVisible(whoIs))
	l.picture(t, tab, "account")
	for _, section := range []string{"sessions", "ways", "applications", "activity"} {
		run(t, tab, chromedp.Click(`nav a[href*="/account/`+section+`"]`), chromedp.WaitVisible(`nav a[href*="/account/`+section+`"][aria-current]`))
		l.picture(t, tab, "account-"+section)
	}

	open(t, tab, demo.Issuers[harness.ServerApps]+"/authorize?client_id=nobody", harness.Reference)
	l.picture(t, tab, "error")
}

func (l look) picture(t *testing.T, tab context.Context, page string) {
	t.Helper()
	harness.Picture(t, tab, page)
	var width int64
	run(t, tab, chromedp.Evaluate("document.documentElement.scrollWidth", &width))
	if width > l.width {
		t.Errorf("%s is %d pixels wide in a window of %d", page, width, l.width)
	}
}
