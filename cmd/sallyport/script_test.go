package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the stories run this very program as a command.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sallyport": main, "visit": visit})
}

// TestStories runs the commands as people and scripts do: every file in
// testdata is one story.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SALLYPORT_STORE", "sqlite:"+e.WorkDir+"/state/store.db")
			e.Setenv("NO_COLOR", "1")
			e.Setenv("XDG_STATE_HOME", e.WorkDir+"/state-home")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "edit": edit, "await": await, "setup": setup, "ownersonly": ownersonly, "until": until, "receive": receive},
	})
}
