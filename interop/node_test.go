package interop

import (
	"os"
	"os/exec"
	"testing"

	"sallyport/interop/harness"
)

// runScript runs one of the scripts of interop/node. They use Node's own test runner, so
// what they say is shown when they fail.
func runScript(t *testing.T, script string, environment ...string) {
	t.Helper()
	program, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("node/node_modules")
	}
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("Node.js 20 and its packages (make setup installs those): ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "--test", "--test-reporter=spec", script)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), environment...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", script, err, out)
		return
	}
	t.Logf("%s", out) // with -v, what was tested
}

func TestTheJavaScriptVisitorReadsFormsAsABrowserDoes(t *testing.T) {
	runScript(t, "visitor.test.mjs")
}

func TestJavaScriptClientsWorkAndAreRefusedWhereTheyMust(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	runScript(t, "clients.test.mjs", "SALLYPORT_READY="+demo.ReadyFile)
}

func TestComponentsAreAccessibleAndIslandsWork(t *testing.T) {
	t.Parallel()
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{})
	runScript(t, "design.test.mjs", "SALLYPORT_READY="+demo.ReadyFile, "CHROMIUM="+chromium)
}
