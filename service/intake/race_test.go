package intake_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// Two earlier systems with the same people, imported at the same time: everybody
// comes over once, whoever is second is held, and nobody has the name of one and
// the password of the other.
func TestTwoImportsAtOnceGiveEachNameToOnePerson(t *testing.T) {
	const people = 300
	s := open(t)
	var imports sync.WaitGroup
	for _, system := range []string{"meterman", "pipeman"} {
		named, problems := migrate.Compile(migrate.Spec{
			Name: system, Key: "no", Fields: []migrate.Field{{From: "login", To: "username"}, {From: "name", To: "name"}},
		})
		if problems != nil {
			t.Fatal(problems)
		}
		var file strings.Builder
		file.WriteString("no,login,name\n")
		for i := range people {
			fmt.Fprintf(&file, "%d,customer.%d,%s\n", i, i, system)
		}
		imports.Go(func() {
			_, err := service(s).Import(t.Context(), intake.Request{Env: env, Plan: named, Source: source(file.String())})
			if err != nil {
				t.Errorf("%s: %v", system, err)
			}
		})
	}
	imports.Wait()
	moved := int64(0)
	for _, system := range []string{"meterman", "pipeman"} {
		counts, err := s.RecordCounts(t.Context(), env, system)
		if err != nil || counts[store.RecordImported]+counts[store.RecordHeld] != people || counts[store.RecordPending] != 0 {
			t.Errorf("%s: %v, %v; want %d records in all", system, counts, err, people)
		}
		moved += counts[store.RecordImported]
	}
	if moved != people {
		t.Errorf("%d records became customers, want %d", moved, people)
	}
	for i := range people {
		person, err := s.PersonByIdentifier(t.Context(), env, customer.Username, fmt.Sprint("customer.", i))
		if err != nil {
			t.Fatal(err)
		}
		record, err := s.LedgerRecord(t.Context(), env, person.Customer.Name, fmt.Sprint(i))
		if err != nil || record.State != store.RecordImported || record.Customer != person.Customer.ID.String() {
			t.Errorf("customer.%d is %s's, whose ledger says %+v, %v", i, person.Customer.Name, record, err)
		}
	}
}
