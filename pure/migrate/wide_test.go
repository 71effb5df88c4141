package migrate_test

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/migrate"
)

func TestColumnsAreNamedWhetherOrNotTheyAreMapped(t *testing.T) {
	for name, test := range map[string]struct {
		format, file string
		want         []string
	}{
		"a table":            {"csv", "ID,MAIL,TARIFF\n1,a@x.test,green\n", []string{"ID", "MAIL", "TARIFF"}},
		"objects of Auth0's": {"auth0", `{"user_id":"auth0|1","email":"a@x.test","user_metadata":{"tariff":"green"}}` + "\n" + `{"user_id":"auth0|2","nickname":"b"}` + "\n", []string{"user_id", "email", "user_metadata.tariff", "nickname"}},
		"any objects":        {"ndjson", `{"id":"1","mail":"a@x.test"}` + "\n" + `{"id":"2","plan":{"name":"green"}}` + "\n", []string{"id", "mail", "plan.name"}},
	} {
		t.Run(name, func(t *testing.T) {
			key, from := test.want[0], "email"
			if test.format != "auth0" {
				from = test.want[1]
			}
			plan, problems := migrate.Compile(migrate.Spec{Name: "m", Key: key, Source: migrate.Source{Format: test.format}, Fields: []migrate.Field{{From: from, To: "email"}}})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got, err := plan.Names(strings.NewReader(test.file))
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Fatal(diff, err)
			}
			wide := plan.Wide(got)
			narrow, records := recordsOf(t, plan, test.file), recordsOf(t, wide, test.file)
			for i, r := range records {
				if diff := cmp.Diff(migrate.Map(plan, narrow[i]), migrate.Map(wide, r)); diff != "" {
					t.Error("a plan that reads more makes something else of a record:", diff)
				}
			}
		})
	}
}

func recordsOf(t *testing.T, plan *migrate.Plan, file string) (all []migrate.Record) {
	t.Helper()
	rows, err := plan.Read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := rows.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
}

func TestUsesTellWhatBecomesOfEachColumn(t *testing.T) {
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "m", Key: "ID", Hash: migrate.Hash{From: "HASH", Scheme: "salted-sha1", Salt: "SALT"},
		Fields: []migrate.Field{{From: "MAIL", To: "email", Verified: "OK"}},
		Drops:  []migrate.Drop{{Field: "STATE", Equals: []string{"gone"}, Reason: "left"}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []migrate.Use{{"ID", "key"}, {"MAIL", "email"}, {"OK", "verified"}, {"STATE", "drop"}, {"HASH", "password"}, {"SALT", "salt"}}
	if diff := cmp.Diff(want, plan.Uses()); diff != "" {
		t.Error(diff)
	}
}
