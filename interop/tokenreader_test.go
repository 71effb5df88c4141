package interop

import (
	"testing"

	"sallyport/interop/harness"
)

// A token is as good as a password while it lives, so that it must not leave the
// browser that somebody pastes it into.
func TestAPastedTokenStaysInTheBrowser(t *testing.T) {
	t.Parallel()
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{})
	var made struct{ URL string }
	demo.RunJSON(t, &made, "operator", "link")
	runScript(t, "tokenreader.test.mjs", "SALLYPORT_READY="+demo.ReadyFile, "CHROMIUM="+chromium, "SALLYPORT_OPERATOR_LINK="+made.URL)
}
