package interop

import (
	"path/filepath"
	"testing"

	"sallyport/interop/harness"
)

// Every page that there is, in a real browser: operators' here, customers' and the demo's
// below, side by side. The scripts say what is looked at; here are the worlds that they
// look at.
func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	runScript(t, "tour.test.mjs", touring(t)...)
}

// In preview everybody is asked for a second factor, and may put it off twice.
func TestEveryPageOfCustomersInABrowser(t *testing.T) {
	t.Parallel()
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{})
	const preview = "harbourlight/preview"
	tree := filepath.Join(t.TempDir(), "tree")
	demo.Run(t, "pull", tree, "--env", preview)
	if !amend(t, filepath.Join(tree, "tenant.yaml"), "{name: second, ask: totp, when: enrolled, factors: [text, call]}", "{name: second, ask: totp, factors: [text, call], defer: 2}") {
		t.Fatal("the tree does not ask whoever has a second factor")
	}
	demo.Run(t, "apply", tree, "--env", preview, "--yes", "--message", "everybody is asked for a second factor")
	runScript(t, "customers.test.mjs", "SALLYPORT_READY="+demo.ReadyFile, "CHROMIUM="+chromium)
}

// touring starts a demo for scripts that go through pages of operators: its second
// revision takes access from a partner, and somebody is invited to be its owner.
func touring(t *testing.T) (environment []string) {
	t.Helper()
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{})
	tree := filepath.Join(t.TempDir(), "tree")
	demo.Run(t, "pull", tree, "--env", "harbourlight/production")
	for _, edit := range [][3]string{
		{"servers.yaml", "[usage.read.interval, payments.read.posting]", "[usage.read.interval]"},
	} {
		if !amend(t, filepath.Join(tree, edit[0]), edit[1], edit[2]) {
			t.Fatalf("%s does not say %s", edit[0], edit[1])
		}
	}
	demo.Run(t, "apply", tree, "--env", "harbourlight/production", "--yes", "--break-glass", "SunShare Solar reads usage alone")
	demo.Run(t, "accounts", "add", "HL-0001042", "--name", "Wharf Lane", "--env", "harbourlight/production")
	demo.Run(t, "accounts", "member", "add", "HL-0001042", "dana.reyes", "--role", "owner", "--env", "harbourlight/production")
	var made struct{ URL string }
	demo.RunJSON(t, &made, "operator", "link")
	return []string{"SALLYPORT_READY=" + demo.ReadyFile, "CHROMIUM=" + chromium, "SALLYPORT_OPERATOR_LINK=" + made.URL}
}
