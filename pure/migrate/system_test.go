package migrate_test

import (
	"io"
	"strings"
	"testing"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

func compiled(t *testing.T, spec migrate.Spec) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(spec)
	for _, p := range problems {
		t.Error(p)
	}
	if plan == nil {
		t.FailNow()
	}
	return plan
}

var meterlog = migrate.Spec{
	Name: "meterlog", Source: migrate.Source{Format: "ndjson"}, Key: "id",
	Fields: []migrate.Field{
		{From: "contact.mail", To: "email", Verified: "contact.proved"},
		{From: "roles", To: "group"},
		{From: "/extra/old.id", To: "attribute.old"},
	},
	Hash: migrate.Hash{From: "pw"},
}

const meterlogFile = `{"id":"7","contact":{"mail":"ana@harbour.test","proved":true},"roles":["a","b"],"extra":{"old.id":9},"pw":"$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}
{"id":"8","contact":{"mail":"bo@harbour.test"}
{"id":"9","contact":{"mail":"cy@harbour.test"}}
`

func TestObjectsOfNoParticularSystemAreReadByPaths(t *testing.T) {
	plan := compiled(t, meterlog)
	rows, err := plan.Read(strings.NewReader(meterlogFile))
	if err != nil {
		t.Fatal(err)
	}
	var all []migrate.Outcome
	for {
		r, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, migrate.Map(plan, r))
	}
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	first := all[0]
	if first.Key != "7" || !first.Identifiers[0].Verified || len(first.Customer.Groups) != 2 || first.Customer.Attributes["old"] != "9" || first.Hash == nil {
		t.Errorf("%+v", first)
	}
	if all[1].Reason() != migrate.MalformedRow || all[2].Key != "9" {
		t.Errorf("%+v", all[1:])
	}
}

func TestMarksTellWhatChangedAndNothingElse(t *testing.T) {
	plan := compiled(t, meterlog)
	marks := func(text string) map[string]uint64 {
		o := migrate.Map(plan, plan.Element(legacy.Element{Raw: []byte(text)}))
		sums := map[string]uint64{}
		for _, m := range o.Marks {
			sums[m.Target] = m.Sum
		}
		return sums
	}
	const one = `{"id":"7","contact":{"mail":"ana@harbour.test"},"extra":{"old.id":9}}`
	before, after := marks(one), marks(strings.Replace(one, "9}", "10}", 1))
	if before["email"] == 0 || before["email"] != after["email"] || before["attribute.old"] == after["attribute.old"] {
		t.Errorf("%v, then %v", before, after)
	}
	if other := marks(strings.Replace(one, `"7"`, `"8"`, 1)); other["email"] == before["email"] {
		t.Error("equal values of two people have the same mark")
	}
}

func TestSettingsOfAFormatAreChecked(t *testing.T) {
	spec := meterlog
	spec.Options = map[string]string{"pages": "many"}
	spec.Secrets = map[string]string{"signer_key": "k"}
	_, problems := migrate.Compile(spec)
	if len(problems) != 2 || problems[0].Path != "source.options.pages" || problems[1].Path != "source.secrets.signer_key" {
		t.Errorf("%v", problems)
	}
}
