package config_test

import (
	"bytes"
	"testing"

	"sallyport/pure/config"
)

// Whatever is in a file, problems lie within it, and a tree that is accepted
// survives a blob, agrees with itself and can be pulled.
func FuzzParse(f *testing.F) {
	for _, text := range readTree(f, "testdata/harbourlight") {
		f.Add(text)
	}
	f.Add([]byte("a: &a [*a]\n---\n--- |\n x\n...\n"))
	f.Add([]byte("kind: brand\nname: b\ntags: {? [x] : y}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		files := map[string][]byte{"a.yaml": text}
		tree, problems := config.Parse(files)
		checked := config.Check(tree, builtin)
		config.Render(append(problems, checked...), files)
		lines := bytes.Count(text, []byte("\n")) + 2
		for _, p := range checked {
			if p.Line > lines || p.Code == "" || p.What == "" {
				t.Fatalf("%d lines: %+v", lines, p)
			}
		}
		if config.Refused(problems) {
			return
		}
		again, err := config.Decode(tree.Encode())
		if err != nil || again.Digest() != tree.Digest() || len(config.Diff(tree, again)) > 0 {
			t.Fatalf("%v, %v", err, config.Diff(tree, again))
		}
		if write, remove := config.Pull(files, again); len(write)+len(remove) > 0 {
			t.Fatalf("writes %q, removes %v", write, remove)
		}
	})
}

// What is decoded could have been encoded: no second blob stands for one tree's
// files but by another compression, and none unpacks beyond the limits.
func FuzzDecode(f *testing.F) {
	tree, _ := config.Parse(readTree(f, "testdata/base"))
	f.Add(tree.Encode())
	f.Add([]byte("SPTREE1\n\x00"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		tree, err := config.Decode(blob)
		if err != nil {
			return
		}
		again, err := config.Decode(tree.Encode())
		if err != nil || again.Digest() != tree.Digest() || len(again.Files()) != len(tree.Files()) {
			t.Fatal(err)
		}
	})
}
