package storetest

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"

	"sallyport/pure/customer"
	"sallyport/store"
)

// Benchmark measures what services do most. Beside the wall time it reports
// the CPU time of this process for each operation, which repeats better; that
// of a database server is not in it.
func Benchmark(b *testing.B, open func(testing.TB) store.Store) {
	s := open(b)
	b.Cleanup(func() { _ = s.Close() })
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("record an issued token, callers=%d", callers), func(b *testing.B) {
			each(b, callers, func() error { return s.Record(b.Context(), store.System, issued()) })
		})
		b.Run(fmt.Sprintf("write a grant and its event, callers=%d", callers), func(b *testing.B) {
			each(b, callers, func() error {
				g, e := grant(), issued()
				return s.Write(b.Context(), store.System, func(tx store.Tx) error {
					if err := tx.CreateGrant(b.Context(), g); err != nil {
						return err
					}
					return tx.Audit(b.Context(), e)
				})
			})
		})
	}
	for _, size := range []int{500, 1000} {
		b.Run(fmt.Sprintf("import customers, batch=%d", size), func(b *testing.B) { importBatches(b, s, size) })
	}
}

// each shares b.N operations among callers.
func each(b *testing.B, callers int, do func() error) {
	var next atomic.Int64
	cpu := usedCPU()
	b.ResetTimer()
	parallel(callers, func(int) {
		for next.Add(1) <= int64(b.N) {
			if err := do(); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric((usedCPU()-cpu)/float64(b.N), "cpu-µs/op")
}

// usedCPU is the CPU time of this process so far, in microseconds.
func usedCPU() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
}

// issued is an event as large as that of a token.
func issued() store.Event {
	e := event("token.issued")
	e.Body = []byte(`{"revision":12,"server":"partners","grant":"client_credentials","asked":["billing.read.bill","usage.read.interval"],` +
		`"granted":["billing.read.bill","usage.read.interval"],"policy":"partners","rule":"partners-read","network":"198.51.100.7",` +
		`"assigned":["billing.read.bill","usage.read.interval","usage.read.daily"],"jti":"01JD8Q6X5V9K2W7R3N0T4Z6Y8B","lifetime":300}`)
	return e
}

// imported is a customer as a migration brings them: two identifiers, 300
// bytes of attributes, a foreign hash.
func imported() (store.NewCustomer, store.RecordMove) {
	id := customer.ID(unique())
	name := fmt.Sprintf("%x", hash(id))[6:24]
	p := person(name)
	p.Customer.ID, p.Credential.Customer = id, id
	p.Customer.Attributes = map[string]string{"premises": fmt.Sprintf("%0120d", 7), "account": fmt.Sprintf("%0120d", 9)}
	p.Credential.Sealed = make([]byte, 120)
	return p, store.RecordMove{Migration: "meterman", Key: name, State: store.RecordImported, Row: 9, Customer: id.String(), Run: "r1", At: at(1)}
}

// importBatches looks identifiers and records up, creates customers and moves
// their records, as the import does; b.N counts customers.
func importBatches(b *testing.B, s store.Store, size int) {
	Batches(b, size, func(people []store.NewCustomer, moves []store.RecordMove) error {
		var names []customer.Identifier
		var keys []string
		for i := range people {
			names, keys = append(names, people[i].Identifiers...), append(keys, moves[i].Key)
		}
		return s.Write(b.Context(), store.System, func(tx store.Tx) error {
			taken, err := tx.TakenIdentifiers(b.Context(), names)
			if err != nil {
				return err
			}
			known, err := tx.KnownRecords(b.Context(), moves[0].Migration, keys)
			if err != nil {
				return err
			}
			if len(taken)+len(known) > 0 {
				return store.ErrExists
			}
			if err := tx.CreateCustomers(b.Context(), people); err != nil {
				return err
			}
			return tx.MoveRecords(b.Context(), moves)
		})
	})
}

// Batches calls do with b.N customers to import and their ledger lines, in
// batches of a size, and measures that.
func Batches(b *testing.B, size int, do func([]store.NewCustomer, []store.RecordMove) error) {
	var used float64
	for done := 0; done < b.N; done += size {
		b.StopTimer()
		people, moves := make([]store.NewCustomer, min(size, b.N-done)), make([]store.RecordMove, min(size, b.N-done))
		for i := range people {
			people[i], moves[i] = imported()
		}
		b.StartTimer()
		cpu := usedCPU()
		if err := do(people, moves); err != nil {
			b.Fatal(err)
		}
		used += usedCPU() - cpu
	}
	b.ReportMetric(used/float64(b.N), "cpu-µs/op")
}

// RawTable is rows as a program would insert them that checks nothing.
type RawTable struct {
	Name    string
	Columns []string
	Rows    [][]any
}

// Raw gives the rows that an import stores for people and moves: the yardstick
// of its budget.
func Raw(people []store.NewCustomer, moves []store.RecordMove) []RawTable {
	customers := RawTable{Name: "customers", Columns: []string{"env", "id", "state", "name", "groups", "attributes", "not_before", "created", "updated", "version"}}
	identifiers := RawTable{Name: "identifiers", Columns: []string{"env", "kind", "value", "customer", "display", "verified", "source"}}
	credentials := RawTable{Name: "credentials", Columns: []string{"env", "customer", "sealed", "scheme", "weak", "updated", "version"}}
	records := RawTable{Name: "migration_records", Columns: []string{"env", "migration", "key", "step", "state", "reason", "detail", "row_number", "customer", "run", "at"}}
	for i, p := range people {
		c, k, m := p.Customer, p.Credential, moves[i]
		customers.Rows = append(customers.Rows, []any{
			int64(1), c.ID[:], string(c.State), c.Name, `["household","solar"]`,
			`{"account":"` + c.Attributes["account"] + `","premises":"` + c.Attributes["premises"] + `"}`, int64(0), c.Created.UnixMicro(), c.Updated.UnixMicro(), int64(1),
		})
		for _, n := range p.Identifiers {
			identifiers.Rows = append(identifiers.Rows, []any{int64(1), string(n.Kind), n.Value, c.ID[:], n.Display, int64(1), n.Source})
		}
		credentials.Rows = append(credentials.Rows, []any{int64(1), c.ID[:], k.Sealed, k.Scheme, int64(1), k.Updated.UnixMicro(), int64(1)})
		records.Rows = append(records.Rows, []any{int64(1), m.Migration, m.Key, int64(1), string(m.State), "", "", m.Row, m.Customer, m.Run, m.At.UnixMicro()})
	}
	return []RawTable{customers, identifiers, credentials, records}
}
