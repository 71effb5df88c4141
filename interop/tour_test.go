package interop

import (
	"path/filepath"
	"testing"

	"sallyport/interop/harness"
)

// Every page that there is, in a real browser: operators', customers' and the demo's.
// The script says what is looked at; here is the world that it looks at.
func TestEveryPageInABrowser(t *testing.T) {
	runScript(t, "tour.test.mjs", touring(t)...)
}

// touring starts a demo for scripts that go through all of its pages: its second
// revision takes access from a partner, its clock can be moved, and somebody is invited to
// be its owner.
func touring(t *testing.T) (environment []string) {
	t.Helper()
	clock := filepath.Join(t.TempDir(), "clock")
	setClock(t, clock, "0s")
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{Build: harness.TestHooks, Env: []string{clockVariable + "=" + clock}})
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
	return []string{"SALLYPORT_READY=" + demo.ReadyFile, "CHROMIUM=" + chromium, "SALLYPORT_CLOCK=" + clock, "SALLYPORT_OPERATOR_LINK=" + made.URL}
}
