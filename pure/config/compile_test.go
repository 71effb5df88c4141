package config_test

import (
	"testing"

	"sallyport/pure/config"
)

func TestTheHarbourlightTreeCompilesForEveryEnvironment(t *testing.T) {
	tree, files := harbourlight(t)
	if problems := config.Check(tree, builtin); len(problems) > 0 {
		t.Fatal(config.Render(problems, files))
	}
}
