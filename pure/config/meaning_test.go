package config_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/config"
)

// parse reads files that are known to be fine.
func parse(t testing.TB, files map[string][]byte) *config.Tree {
	t.Helper()
	tree, problems := config.Parse(files)
	if config.Refused(problems) {
		t.Fatal(config.Render(problems, files))
	}
	return tree
}

// edit replaces a text of a file in a copy of the tree.
func edit(t testing.TB, files map[string][]byte, file, old, new string) map[string][]byte {
	t.Helper()
	if !bytes.Contains(files[file], []byte(old)) {
		t.Fatalf("%s does not have %q", file, old)
	}
	edited := maps.Clone(files)
	edited[file] = bytes.Replace(files[file], []byte(old), []byte(new), 1)
	return edited
}

func TestTheDigestIsOverTheMeaning(t *testing.T) {
	tree, files := harbourlight(t)
	moved := maps.Clone(files)
	delete(moved, "apis/billing.yaml")
	delete(moved, "apis/billing.openapi.yaml")
	moved["elsewhere/all.yml"] = append(append([]byte{}, files["journeys.yaml"]...),
		append([]byte("---\n"), bytes.ReplaceAll(files["apis/billing.yaml"], []byte("billing.openapi.yaml"), []byte("../docs/b.yaml"))...)...)
	moved["docs/b.yaml"] = files["apis/billing.openapi.yaml"]
	delete(moved, "journeys.yaml")
	for _, c := range []struct {
		what  string
		files map[string][]byte
		same  bool
	}{
		{"a comment", edit(t, files, "servers.yaml", "# Customers", "# People"), true},
		{"quotes", edit(t, files, "servers.yaml", "excess: narrow", `"excess": 'narrow'`), true},
		{"files that are moved, with what they refer to", moved, true},
		{"the order of a set", edit(t, files, "servers.yaml", "any: [residents, landlords]", "any: [landlords, residents]"), true},
		{"the order of scopes", edit(t, edit(t, files, "servers.yaml", "  - {name: billing.write.payment, title: Pay bills, kind: customer-write}\n", ""),
			"servers.yaml", "entitlements:", "  - {name: billing.write.payment, title: Pay bills, kind: customer-write}\nentitlements:"), true},
		{"a length of time spelt otherwise", edit(t, files, "servers.yaml", "access: 10m", "access: 600s"), true},
		{"a file that nothing refers to", edit(t, map[string][]byte(addFile(files, "README.md")), "README.md", "x", "y"), true},
		{"the order of rules", edit(t, edit(t, files, "servers.yaml", "      - name: settle\n", "      - {name: z, scopes: []}\n      - name: settle\n"), "servers.yaml", "z, scopes", "zz, scopes"), false},
		{"a scope of a rule", edit(t, files, "servers.yaml", "billing.write.payment, outage.read.status]\n        lifetimes", "outage.read.status]\n        lifetimes"), false},
		{"the content of a document", edit(t, files, "apis/billing.openapi.yaml", "billing.write.payment]", "billing.read.invoice]"), false},
		{"a variable", edit(t, files, "sallyport.yaml", "localhost:9100", "localhost:9101"), false},
		{"an empty table instead of none", edit(t, files, "servers.yaml", "audience: https://api.harbourlight.example/enterprise", "audience: https://api.harbourlight.example/enterprise\nentitlements: {}"), false},
		{"empty scopes instead of some", edit(t, files, "applications.yaml", "enterprise: [settlement.read.batch]", "enterprise: []"), false},
	} {
		changed := parse(t, c.files)
		if same := changed.Digest() == tree.Digest(); same != c.same {
			t.Errorf("%s: the digest stays: %t", c.what, same)
		}
		if none := len(config.Diff(tree, changed)) == 0; none != c.same {
			t.Errorf("%s: Diff and Digest disagree: %v", c.what, config.Diff(tree, changed))
		}
	}
}

func addFile(files map[string][]byte, name string) map[string][]byte {
	more := maps.Clone(files)
	more[name] = []byte("x")
	return more
}

// scribble changes lines of a tree at random, as people do.
func scribble(t *rapid.T, files map[string][]byte) map[string][]byte {
	edited := maps.Clone(files)
	names := []string{"applications.yaml", "servers.yaml", "brands/brands.yaml", "journeys.yaml", "sallyport.yaml"}
	for range rapid.IntRange(1, 4).Draw(t, "edits") {
		name := rapid.SampledFrom(names).Draw(t, "file")
		lines := strings.SplitAfter(string(edited[name]), "\n")
		i := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		switch rapid.SampledFrom([]string{"drop", "double", "comment", "swap", "blank"}).Draw(t, "how") {
		case "drop":
			lines[i] = ""
		case "double":
			lines[i] += lines[i]
		case "comment":
			lines[i] = strings.TrimRight(lines[i], "\n") + " # noted\n"
		case "swap":
			j := rapid.IntRange(0, len(lines)-1).Draw(t, "other")
			lines[i], lines[j] = lines[j], lines[i]
		case "blank":
			lines[i] += "\n"
		}
		edited[name] = []byte(strings.Join(lines, ""))
	}
	return edited
}

func TestDiffIsEmptyExactlyIfTheDigestsAgree(t *testing.T) {
	_, files := harbourlight(t)
	rapid.Check(t, func(t *rapid.T) {
		a, problems := config.Parse(scribble(t, files))
		if config.Refused(problems) {
			t.Skip("not a tree")
		}
		b, problems := config.Parse(scribble(t, files))
		if config.Refused(problems) {
			t.Skip("not a tree")
		}
		if none := len(config.Diff(a, b)) == 0; none != (a.Digest() == b.Digest()) {
			t.Fatalf("Diff is empty: %t", none)
		}
	})
}
