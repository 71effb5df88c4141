package migrate_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// alone is a migration that says nothing but its format, and what that demands.
func alone(f legacy.Format) migrate.Spec {
	spec := migrate.Spec{Name: "old", Source: migrate.Source{Format: f.Name}, Options: map[string]string{}, Secrets: map[string]string{}}
	for _, o := range f.Options {
		switch {
		case o.Secret:
			spec.Secrets[o.Name] = "old-" + o.Name
		case o.Required:
			spec.Options[o.Name] = "1"
		}
	}
	if f.Name == "sallyport" { // which demands one of two
		spec.Options["trust"] = "unsigned"
	}
	return spec
}

func TestAFormatIsEnoughForAMigration(t *testing.T) {
	var names []string
	for _, f := range migrate.Formats() {
		if slices.Contains(names, f.Name) {
			t.Errorf("two formats are called %s", f.Name)
		}
		names = append(names, f.Name)
		if f.Generic {
			continue
		}
		plan, problems := migrate.Compile(alone(f))
		if len(problems) > 0 {
			t.Errorf("%s: %v", f.Name, problems)
			continue
		}
		if !plan.HasPasswords() || len(plan.Missing()) != len(plan.Secrets()) {
			t.Errorf("%s: passwords %t, missing %v", f.Name, plan.HasPasswords(), plan.Missing())
		}
	}
}

func TestAMigrationTakesThePlaceOfWhatTheFormatMakesOfATarget(t *testing.T) {
	plan := compiled(t, migrate.Spec{Name: "old", Source: migrate.Source{Format: "keycloak"}, Fields: []migrate.Field{
		{From: "attributes.mail", To: "email"},
		{From: "firstName", Keep: migrate.KeepDrop, Reason: "nobody asks for it"},
	}})
	o := migrate.Map(plan, plan.Element(legacy.Element{Raw: []byte(
		`{"id":"7","username":"ana","email":"a@harbour.test","emailVerified":true,"firstName":"Ana","lastName":"Pip","enabled":true,"attributes":{"mail":["b@harbour.test"]}}`)}))
	var ids []string
	for _, id := range o.Identifiers {
		ids = append(ids, id.Value)
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]string{"ana", "b@harbour.test"}, ids); diff != "" || o.Customer.Name != "Pip" || o.Key != "7" {
		t.Errorf("%q %q %s", o.Key, o.Customer.Name, diff)
	}
}

func TestStatesOfASourceCloseTheDoorUnlessTheMigrationSaysOtherwise(t *testing.T) {
	const closed = `{"id":"7","username":"ana","enabled":false}`
	for state, want := range map[string]string{"": "disabled", "active": "active", "hold": "unknown-state", "drop": "state"} {
		spec := migrate.Spec{Name: "old", Source: migrate.Source{Format: "keycloak"}}
		if state != "" {
			spec.States = map[string]string{"disabled": state}
		}
		plan := compiled(t, spec)
		o := migrate.Map(plan, plan.Element(legacy.Element{Raw: []byte(closed)}))
		got := string(o.Reason())
		if got == "" {
			got = string(o.Customer.State)
		}
		if got != want {
			t.Errorf("%q: %s", state, got)
		}
	}
}

// files are the beginnings of exports that must be cut, and how many people each
// has.
func TestExportsAreCutWhateverTheirShape(t *testing.T) {
	tests := map[string]struct {
		spec   migrate.Spec
		text   string
		people []string // by key, "!" for what cannot be read
	}{
		"a realm of Keycloak": {
			migrate.Spec{Source: migrate.Source{Format: "keycloak"}},
			"{\n  \"realm\": \"harbour\",\n  \"roles\": {},\n  \"users\": [\n    {\"id\":\"1\",\"username\":\"a\",\"enabled\":true},\n    {\"id\":\"2\",\"username\":\"b\",\n    {\"id\":\"3\",\"username\":\"c\",\"enabled\":true}\n  ]\n}",
			[]string{"1", "!", "3"},
		},
		"a directory of Keycloak": {
			migrate.Spec{Source: migrate.Source{Format: "keycloak"}},
			`{"realm":"harbour","id":"harbour","clients":[{"id":"x"}]}` + "\n" + `{"realm":"harbour","users":[{"id":"1","username":"a","enabled":true}]}` + "\n" + `{"realm":"harbour","users":[{"id":"2","username":"b","enabled":true}]}`,
			[]string{"1", "2"},
		},
		"pages of an API": {
			migrate.Spec{Source: migrate.Source{Format: "ndjson"}, Key: "id", Fields: []migrate.Field{{From: "m", To: "email"}}},
			`{"total":3,"items":[{"id":1,"m":"a@harbour.test"},{"id":2}]}{"items":[{"id":3}],"next":null}`,
			[]string{"1", "2", "3"},
		},
		"objects that have a list of that name themselves": {
			migrate.Spec{Source: migrate.Source{Format: "ndjson"}, Options: map[string]string{"list": "none"}, Key: "id", Fields: []migrate.Field{{From: "m", To: "email"}}},
			"{\"id\":1,\"items\":[{\"sku\":1}]}\n{\"id\":2,\"items\":[{\"sku\":2}]}",
			[]string{"1", "2"},
		},
		"a list of another name": {
			migrate.Spec{Source: migrate.Source{Format: "ndjson"}, Options: map[string]string{"list": "folk"}, Key: "id", Fields: []migrate.Field{{From: "m", To: "email"}}},
			`{"folk":[{"id":1},{"id":2}]}`,
			[]string{"1", "2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.spec.Name = "old"
			plan := compiled(t, test.spec)
			rows, err := plan.Read(strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			places := []migrate.Position{rows.Position()}
			got := keys(t, plan, rows, &places)
			if diff := cmp.Diff(test.people, got); diff != "" {
				t.Fatal(diff)
			}
			for i, at := range places {
				rest := keys(t, plan, rows.From(strings.NewReader(test.text[at.Offset:]), at), nil)
				if diff := cmp.Diff(got[i:], rest); diff != "" && len(got[i:])+len(rest) > 0 {
					t.Errorf("from %+v: %s", at, diff)
				}
			}
		})
	}
}

func keys(t *testing.T, plan *migrate.Plan, rows *migrate.Rows, places *[]migrate.Position) (all []string) {
	t.Helper()
	for {
		r, err := rows.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		o := plan.Identify(r)
		if r.Fault != nil {
			o.Key = "!"
		}
		all = append(all, o.Key)
		if places != nil {
			*places = append(*places, rows.Position())
		}
	}
}

func TestAFileOfAnotherKindIsRefused(t *testing.T) {
	for format, text := range map[string]string{"keycloak": "id,username\n1,a\n", "ndjson": "\x1f\x8b\x08", "ldif": `{"users":[]}`, "firebase-csv": `{"users":[]}`, "okta": ""} {
		f := migrate.Formats()[slices.IndexFunc(migrate.Formats(), func(f legacy.Format) bool { return f.Name == format })]
		spec := alone(f)
		if f.Generic {
			spec.Key, spec.Fields = "id", []migrate.Field{{From: "m", To: "email"}}
		}
		plan := compiled(t, spec)
		if secrets := plan.Missing(); len(secrets) > 0 {
			continue // its settings are tested beside it
		}
		if _, err := plan.Read(strings.NewReader(text)); !errors.Is(err, migrate.ErrFormat) {
			t.Errorf("%s: %v", format, err)
		}
	}
}
