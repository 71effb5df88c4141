package legacytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// Import maps every record of a file as a run does, with the format's own
// meaning of its fields.
func Import(t testing.TB, spec migrate.Spec, secrets map[string][]byte, file string) []migrate.Outcome {
	t.Helper()
	spec.Name = "trial"
	plan, problems := migrate.Compile(spec)
	for _, p := range problems {
		t.Error(p)
	}
	if plan == nil {
		t.FailNow()
	}
	plan, err := plan.With(secrets)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := plan.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []migrate.Outcome
	for {
		record, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, migrate.Map(plan, record))
	}
}

// FuzzRow gives a reader of rows columns of anything and demands that what
// stands in those of secrets stays there.
func FuzzRow(f *testing.F, r legacy.Reader, secrets, others []string) {
	f.Add("$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.", "1", "ana@harbour.test")
	f.Add(`[{"a":"b"}]`, "t", "2024-01-05 10:00:00+00")
	f.Add("\xff\x00", "", "[[[[")
	f.Fuzz(func(t *testing.T, secret, one, other string) {
		var e legacy.Element
		for i, name := range others {
			e.Names, e.Values = append(e.Names, name), append(e.Values, [...]string{one, other}[i%2])
		}
		for _, name := range secrets {
			e.Names, e.Values = append(e.Names, strings.ToUpper(name)), append(e.Values, secret)
		}
		if len(secret) < 12 || !strings.ContainsAny(secret, "0123456789") || strings.Contains(one+"\n"+other, secret) {
			Keeps(t, r, e)
			return
		}
		Keeps(t, r, e, secret)
	})
}

// FuzzObject gives a reader objects of anything. The form has %q where something
// may stand that is told, then where a secret does.
func FuzzObject(f *testing.F, r legacy.Reader, form string) {
	f.Add([]byte(fmt.Sprintf(form, "ana", "c2FsdA==")), "ana", "5bd7dbab61d38aedbb1f76a6b6be5fea")
	f.Add([]byte(`{"a":[{"b":1}]}`), "", "\x00")
	f.Add([]byte(strings.Repeat(`{"a":`, 50)), "\xff", "[[[")
	f.Fuzz(func(t *testing.T, raw []byte, open, secret string) {
		Keeps(t, r, legacy.Element{Raw: raw})
		one, errOne := json.Marshal(open)
		two, errTwo := json.Marshal(secret)
		if errOne != nil || errTwo != nil {
			return
		}
		parts := strings.SplitN(form, "%q", 3)
		e := legacy.Element{Raw: []byte(parts[0] + string(one) + parts[1] + string(two) + parts[2])}
		if len(secret) < 12 || !strings.ContainsAny(secret, "0123456789") || strings.Contains(open, secret) || strings.Contains(form, secret) {
			Keeps(t, r, e)
			return
		}
		Keeps(t, r, e, secret)
	})
}
