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
	cpu := usedCPU()
	for done := 0; done < b.N; done += size {
		n := min(size, b.N-done)
		people, moves := make([]store.NewCustomer, n), make([]store.RecordMove, n)
		var names []customer.Identifier
		keys := make([]string, n)
		for i := range n {
			people[i], moves[i] = imported()
			names, keys[i] = append(names, people[i].Identifiers...), moves[i].Key
		}
		err := s.Write(b.Context(), store.System, func(tx store.Tx) error {
			if taken, err := tx.TakenIdentifiers(b.Context(), names); err != nil || len(taken) > 0 {
				return fmt.Errorf("%d taken: %w", len(taken), err)
			}
			if err := tx.CreateCustomers(b.Context(), people); err != nil {
				return err
			}
			return tx.MoveRecords(b.Context(), moves)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((usedCPU()-cpu)/float64(b.N), "cpu-µs/op")
}
