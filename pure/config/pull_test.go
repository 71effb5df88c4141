package config_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/config"
)

// pull applies what Pull says.
func pull(local map[string][]byte, revision *config.Tree) (after, write map[string][]byte, remove []string) {
	write, remove = config.Pull(local, revision)
	after = maps.Clone(local)
	maps.Copy(after, write)
	for _, file := range remove {
		delete(after, file)
	}
	return after, write, remove
}

func TestPullLeavesWhatMeansTheSame(t *testing.T) {
	_, files := harbourlight(t)
	local := edit(t, files, "servers.yaml", "# Partners", "# Our own note: partners")
	local = edit(t, local, "applications.yaml", "---\nkind: application\nname: payright", "---\n# PayRight is audited each May.\nkind: application\nname: payright")
	if write, remove := config.Pull(local, parse(t, files)); len(write) > 0 || len(remove) > 0 {
		t.Errorf("writes %v, removes %v", write, remove)
	}
}

func TestPullEditsOneObjectAndKeepsTheCommentsAroundIt(t *testing.T) {
	_, files := harbourlight(t)
	revision := parse(t, edit(t, edit(t, files, "servers.yaml", "lifetimes: {access: 5m}", "lifetimes: {access: 4m}"),
		"servers.yaml", "excess: narrow", "excess: refuse"))
	local := edit(t, files, "servers.yaml", "assurance: two-factor", "assurance: two-factor   # agreed with the auditors")
	after, write, remove := pull(local, revision)
	if len(write) != 1 || len(remove) > 0 {
		t.Fatalf("writes %d files, removes %v", len(write), remove)
	}
	got := string(after["servers.yaml"])
	for _, want := range []string{"# Customers' applications.", "# open proxies seen in the 2025 fraud case", "# agreed with the auditors", "access: 4m", "excess: refuse"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is lost", want)
		}
	}
	_, second, _ := strings.Cut(string(local["servers.yaml"]), "\n---\n")
	if !strings.HasSuffix(got, "\n---\n"+second) {
		t.Error("the other object of the file changed")
	}
}

func TestPullBringsNewObjectsAndTakesOldOnesAway(t *testing.T) {
	_, files := harbourlight(t)
	local := maps.Clone(files)
	delete(local, "journeys.yaml")
	local["brands/brands.yaml"] = []byte(strings.Split(string(files["brands/brands.yaml"]), "---\n")[0])
	local["README.md"] = []byte("ours")
	local["old.yaml"] = []byte("kind: application\nname: old\ntype: machine\n")
	local["note.yaml"] = []byte("# a note without an object\n")
	after, _, remove := pull(local, parse(t, files))
	if diff := cmp.Diff([]string{"old.yaml"}, remove); diff != "" {
		t.Error(diff)
	}
	want := maps.Clone(files)
	want["README.md"], want["note.yaml"] = local["README.md"], local["note.yaml"]
	if diff := cmp.Diff(want, after); diff != "" {
		t.Error(diff)
	}
}

func TestPullKeepsAssetsWhereTheyAreHere(t *testing.T) {
	_, files := harbourlight(t)
	revision := parse(t, edit(t, files, "apis/billing.openapi.yaml", "Prices", "Prices of today"))
	local := edit(t, files, "apis/billing.yaml", "billing.openapi.yaml", "../documents/billing.yaml")
	local["documents/billing.yaml"] = local["apis/billing.openapi.yaml"]
	delete(local, "apis/billing.openapi.yaml")
	_, write, remove := pull(local, revision)
	if got := string(write["documents/billing.yaml"]); !strings.Contains(got, "Prices of today") || len(remove) > 0 {
		t.Errorf("writes %d files, removes %v", len(write), remove)
	}
}

func TestPullDeletesAnAssetWithItsObject(t *testing.T) {
	_, files := harbourlight(t)
	without := edit(t, files, "brands/brands.yaml", "logo: harbourlight.svg\n", "")
	delete(without, "brands/harbourlight.svg")
	if _, remove := config.Pull(files, parse(t, without)); !cmp.Equal(remove, []string{"brands/harbourlight.svg"}) {
		t.Errorf("removes %v", remove)
	}
}

func TestPullReplacesWhatCannotBeRead(t *testing.T) {
	tree, files := harbourlight(t)
	local := edit(t, files, "servers.yaml", "excess: narrow", "excess: [")
	local["stray.yaml"] = []byte("kind: brand\nname: stray\n")
	after, _, _ := pull(local, tree)
	if diff := cmp.Diff(files, after); diff != "" {
		t.Error(diff)
	}
}

func TestAfterPullTheFilesMeanTheRevision(t *testing.T) {
	_, files := harbourlight(t)
	rapid.Check(t, func(t *rapid.T) {
		revision, problems := config.Parse(scribble(t, files))
		if config.Refused(problems) {
			t.Skip("not a tree")
		}
		after, _, _ := pull(scribble(t, files), revision)
		got, problems := config.Parse(after)
		if config.Refused(problems) || got.Digest() != revision.Digest() {
			t.Fatalf("%v\n%v", problems, config.Diff(revision, got))
		}
		if write, remove := config.Pull(after, revision); len(write) > 0 || len(remove) > 0 {
			t.Fatalf("a second pull writes %v and removes %v", write, remove)
		}
	})
}
