package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/interop/harness"
)

// A promotion in a real browser: Lena, an architect, is stopped by what the scope board
// wrote down, mends it, and cannot approve her own change; Amir, of security, approves
// it; what a customer was issued meanwhile dies with the undo.
func TestAPromotionIsStoppedApprovedAndTakenBackInABrowser(t *testing.T) {
	t.Parallel()
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{})
	environment := []string{"SALLYPORT_READY=" + demo.ReadyFile, "CHROMIUM=" + chromium}
	for _, who := range [][2]string{{"LENA", "architect"}, {"AMIR", "security"}} {
		var made struct{ URL string }
		demo.RunJSON(t, &made, "operator", "link", "--role", who[1], "--at", "harbourlight")
		environment = append(environment, who[0]+"="+made.URL)
	}
	runScript(t, "promotion.test.mjs", environment...)

	// What was edited in the console is pulled to where files are kept, and then nothing differs.
	tree := filepath.Join(t.TempDir(), "tree")
	demo.Run(t, "pull", tree, "--env", "harbourlight/preview")
	if content, err := os.ReadFile(filepath.Join(tree, "applications.yaml")); err != nil || strings.Contains(string(content), "payments.read.posting, payments.write.posting") {
		t.Errorf("the edit of the console is not in the files (%v):\n%s", err, content)
	}
	demo.Run(t, "plan", tree, "--env", "harbourlight/preview", "--exit-code")
}
