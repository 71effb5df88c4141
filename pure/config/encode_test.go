package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/config"
)

func TestABlobHoldsTheFilesAsTheyWere(t *testing.T) {
	tree, files := harbourlight(t)
	blob := tree.Encode()
	again, err := config.Decode(blob)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, again.Files()); diff != "" {
		t.Error(diff)
	}
	if again.Digest() != tree.Digest() || !bytes.Equal(again.Encode(), blob) {
		t.Error("the tree changed on the way")
	}
	t.Logf("%d objects, %d bytes", len(tree.Objects()), len(blob))
}

func TestAnyFilesSurviveABlob(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,8}(/[a-z]{1,4})?\.(svg|json|md)`), rapid.SliceOf(rapid.Byte()), 0, 8).Draw(t, "files")
		files["t.yaml"] = []byte("kind: tenant\nname: t\n")
		tree, problems := config.Parse(files)
		if config.Refused(problems) {
			t.Fatal(problems)
		}
		again, err := config.Decode(tree.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tree.Files(), again.Files()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestADamagedBlobIsRefused(t *testing.T) {
	tree, _ := harbourlight(t)
	blob := tree.Encode()
	broken, _ := config.Parse(map[string][]byte{"a.yaml": []byte("kind: nothing")})
	for what, damaged := range map[string][]byte{
		"nothing": {}, "another version": append([]byte("SPTREE9\n"), blob[8:]...), "cut": blob[:len(blob)-3],
		"with something behind": append(bytes.Clone(blob), 0), "too large to unpack": []byte("SPTREE1\n\xff\xff\xff\xff\x0f"),
		"shorter than it says": append([]byte("SPTREE1\n\x01"), blob[10:]...), "a tree with an error": broken.Encode(),
	} {
		if _, err := config.Decode(damaged); !errors.Is(err, config.ErrBlob) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestFilesBeyondTheLimitsAreRefusedUnread(t *testing.T) {
	many := map[string][]byte{}
	for i := range config.MaxFiles + 1 {
		many[fmt.Sprintf("%d.md", i)] = nil
	}
	large, whole := make([]byte, config.MaxFile+1), map[string][]byte{}
	for i := range 9 {
		whole[fmt.Sprintf("%d.md", i)] = large[:config.MaxFile]
	}
	for what, files := range map[string]map[string][]byte{
		"too many files": many, "a file too large": {"a.yaml": large}, "a tree too large": whole,
		"an absolute path": {"/etc/passwd": nil}, "a path that climbs": {"../a.yaml": nil}, "a path that is not clean": {"a//b.yaml": nil},
		"a drive": {"c:a.yaml": nil}, "a backslash": {`a\b.yaml`: nil}, "a control character": {"a\n.yaml": nil}, "an empty path": {"": nil},
	} {
		tree, problems := config.Parse(files)
		if !config.Refused(problems) || len(tree.Files()) > 0 {
			t.Errorf("%s is taken: %v", what, problems)
		}
	}
	deep := bytes.Repeat([]byte("["), 100)
	if _, problems := config.Parse(map[string][]byte{"a.yaml": append(append([]byte("x: "), deep...), bytes.Repeat([]byte("]"), 100)...)}); problems[0].Code != config.TooLarge {
		t.Error(problems)
	}
	long := "x: [" + strings.Repeat("1,", config.MaxItems+1) + "]"
	if _, problems := config.Parse(map[string][]byte{"a.yaml": []byte(long)}); problems[0].Code != config.TooLarge {
		t.Error(problems)
	}
	crowd := bytes.Repeat([]byte("---\n"), config.MaxObjects+1)
	if _, problems := config.Parse(map[string][]byte{"a.yaml": crowd}); problems[0].Code != config.TooLarge {
		t.Error(problems)
	}
	if _, problems := config.Parse(map[string][]byte{"a.yaml": bytes.Repeat([]byte("x: 1\n---\n"), 1000)}); len(problems) != config.MaxProblems+1 {
		t.Errorf("%d problems are told", len(problems))
	}
}

func TestTextThatTwoProgramsWouldReadDifferentlyIsRefused(t *testing.T) {
	for what, text := range map[string]string{
		"not UTF-8": "a\xff", "a lone CR": "# x\rkind: tenant", "a CR at the end": "# x\r",
		"NEL": "# x\u0085y", "a line separator": "notes: x\u2028y", "a paragraph separator": "\n\u2029",
	} {
		_, problems := config.Parse(map[string][]byte{"a.yaml": []byte(text)})
		if problems[0].Code != config.Unreadable || problems[0].Line != strings.Count(text, "\n")+1 {
			t.Errorf("%s: %v", what, problems)
		}
	}
	if _, problems := config.Parse(map[string][]byte{"a.yaml": []byte("kind: tenant\r\nname: t\r\n")}); len(problems) > 0 {
		t.Errorf("CR LF: %v", problems)
	}
}

func TestABombOfAliasesIsRefusedQuickly(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'n'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	if _, problems := config.Parse(map[string][]byte{"a.yaml": []byte(bomb)}); !config.Refused(problems) {
		t.Error("it is taken")
	}
}
