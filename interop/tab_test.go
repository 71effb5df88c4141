package interop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// patience bounds each step in a browser.
const patience = time.Minute

// run does actions in the tab; when one fails it leaves a picture of the page.
func run(t *testing.T, tab context.Context, actions ...chromedp.Action) {
	t.Helper()
	// A selector that never appears should cost seconds, not the whole browser's time.
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		at := location(t, tab)
		harness.Picture(t, tab, "failed")
		t.Fatalf("at %s: %v", at, err)
	}
}

// open goes to an address and waits until the page shows what selector finds, which the
// page before must not have. It does not wait for the page's load event as
// chromedp.Navigate does: on a busy machine that is sometimes missed.
func open(t *testing.T, tab context.Context, address, selector string) {
	t.Helper()
	navigate := chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, wrong, _, err := page.Navigate(address).Do(ctx)
		if err == nil && wrong != "" {
			err = errors.New(wrong)
		}
		return err
	})
	run(t, tab, navigate, chromedp.WaitVisible(selector))
}

func location(t *testing.T, tab context.Context) string {
	t.Helper()
	var at string
	if err := chromedp.Run(tab, chromedp.Location(&at)); err != nil {
		t.Fatal(err)
	}
	return at
}

// present says whether the page has an element that selector finds.
func present(t *testing.T, tab context.Context, selector string) bool {
	t.Helper()
	var found bool
	if err := chromedp.Run(tab, chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q) !== null", selector), &found)); err != nil {
		t.Fatal(err)
	}
	return found
}

// text is what the element that selector finds says.
func text(t *testing.T, tab context.Context, selector string) string {
	t.Helper()
	var said string
	run(t, tab, chromedp.Text(selector, &said))
	return strings.TrimSpace(said)
}
