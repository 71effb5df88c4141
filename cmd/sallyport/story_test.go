package main

import (
	"testing"

	"sallyport/demo"
	"sallyport/pure/config"
)

func TestHarbourlightsTreeIsValid(t *testing.T) {
	listeners, err := demo.Listen("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer listeners.Close()
	files, err := listeners.Tree()
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := config.Parse(files)
	if problems := config.Check(tree, standInVariables()); len(problems) > 0 {
		t.Fatalf("problems:\n%s", config.Render(problems, files))
	}
}
