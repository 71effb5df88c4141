package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
)

const remapped = `# What the old system knew.
kind: migration
name: old
key: ID # for ever
map:
  # the address decides
  - {from: MAIL, to: email, verified: OK}
  - {from: NAME, to: name}
drop:
  - {field: STATE, equals: [D], reason: dormant}
`

func TestAMigrationGetsAnotherMapAndKeepsItsComments(t *testing.T) {
	tree, problems := config.Parse(map[string][]byte{"tenant.yaml": []byte("kind: tenant\nname: acme\nenvironments:\n  preview: {url: \"http://localhost:8080\"}\n"), "old.yaml": []byte(remapped)})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	edited, problems := config.Remap(tree, "old", []config.FieldSpec{
		{From: "MAIL", To: "email", Verified: "OK"},
		{From: "PHONE", To: "phone", Country: "GB", Transform: []config.TransformSpec{{Do: "digits"}}, Required: true},
		{From: "BORN", Keep: "behind", Reason: "Art. 6: kept for billing alone"},
	})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	got := string(edited.Files()["old.yaml"])
	for _, want := range []string{
		"# What the old system knew.", "# for ever", "# the address decides", "{from: MAIL, to: email, verified: OK}",
		"{from: PHONE, to: phone, transform: [{do: digits}], country: GB, required: true}", "drop:",
		"{from: BORN, keep: behind, reason: \"Art. 6: kept for billing alone\"}",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "NAME") {
		t.Errorf("a line that was taken out is there:\n%s", got)
	}
	back, problems := config.Remap(edited, "old", []config.FieldSpec{{From: "MAIL", To: "email", Verified: "OK"}, {From: "NAME", To: "name"}})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(remapped, string(back.Files()["old.yaml"])); diff != "" {
		t.Error(diff)
	}
	if _, problems := config.Remap(tree, "none", nil); !config.Refused(problems) {
		t.Error("a migration that there is not was edited")
	}
}
