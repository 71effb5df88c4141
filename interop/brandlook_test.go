package interop

import (
	"net"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// Both brands of the demo at their hosts, in the light and the dark, and as whoever
// writes from right to left would have them: nothing runs out of the page.
func TestBothBrandsInTheDarkAndFromRightToLeft(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	tab := harness.Browser(t)
	at, err := url.Parse(demo.URL)
	if err != nil {
		t.Fatal(err)
	}
	for brand, host := range map[string]string{"harbourlight": "localhost", "orchard": "orchard.localhost"} {
		at.Host = net.JoinHostPort(host, at.Port())
		open(t, tab, at.String()+"/account", `input[name="username"]`)
		everyLook(t, tab, brand)
		for _, width := range []int64{1280, 320} {
			var excess int
			var accent string
			run(t, tab,
				chromedp.EmulateViewport(width, 900), preferring("dark"),
				chromedp.Evaluate(`document.documentElement.dir = "rtl"; document.documentElement.scrollWidth - innerWidth`, &excess),
				chromedp.Evaluate(`getComputedStyle(document.documentElement).getPropertyValue("--accent").trim()`, &accent),
			)
			if excess > 0 {
				t.Errorf("%s from right to left, %d wide: %d pixels too wide", brand, width, excess)
			}
			if want := map[string]string{"harbourlight": "#6cb4f5", "orchard": "#a3d65c"}[brand]; accent != want {
				t.Errorf("%s in the dark is %q, want %q", brand, accent, want)
			}
		}
		run(t, tab, chromedp.EmulateViewport(1280, 900))
		harness.Picture(t, tab, brand+"-rtl")
	}
}
