package harness

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browserPatience bounds a whole browser test.
const browserPatience = 5 * time.Minute

// errNoChromium says that the machine has no browser that the tests can drive.
var errNoChromium = errors.New("no Chromium found (make setup installs it)")

// findChromium returns the path of the browser; CHROMIUM names another one.
func findChromium() (string, error) {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
	}
	return "", errNoChromium
}

// Chromium returns the path of the browser. Without one it skips t by name, and
// fails it when CI=true.
func Chromium(t testing.TB) string {
	t.Helper()
	browser, err := findChromium()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return browser
}

// Browser starts a headless Chromium with an empty profile and returns the context
// of its first tab. It ends with t.
func Browser(t testing.TB) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(Chromium(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoFirstRun,
		chromedp.DisableGPU,
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		// Brands have hosts of their own; nothing may leave the machine.
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP *.example 127.0.0.1"),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses root
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	tab, endTab := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	tab, endPatience := context.WithTimeout(tab, browserPatience)
	t.Cleanup(func() {
		// A polite end lets the browser finish with its profile before that is removed.
		if err := chromedp.Cancel(tab); err != nil && !errors.Is(err, context.Canceled) {
			t.Log("browser:", err)
		}
		endPatience()
		endTab()
		endAllocator()
	})
	if err := chromedp.Run(tab); err != nil {
		t.Fatal("browser: ", err)
	}
	return tab
}

// Picture saves what the tab shows as NAME.png among t's artifacts: a temporary
// folder, or the one that `go test -artifacts -outputdir` names.
func Picture(t testing.TB, tab context.Context, name string) {
	t.Helper()
	var png []byte
	if err := chromedp.Run(tab, chromedp.FullScreenshot(&png, 100)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}
