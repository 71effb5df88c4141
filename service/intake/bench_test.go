package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/intake"
	"sallyport/store"
)

// BenchmarkImport prints what an import takes beside its own yardstick: the same
// rows (customer, two identifiers, credential, ledger line) inserted in batches
// of 1000 with nothing else done. The budget is half of the raw rate, so a ratio
// below 2. The stricter ratio leaves the ledger's line out of the yardstick.
func BenchmarkImport(b *testing.B) {
	const n = 30_000
	var file strings.Builder
	file.WriteString(header)
	for i := range n {
		file.WriteString(line(i))
	}
	var raw, bare, imported time.Duration
	for b.Loop() {
		raw += insertRaw(b, n, true)
		bare += insertRaw(b, n, false)
		svc := service(open(b), func(c *intake.Config) { c.Rest = nil })
		began := time.Now()
		importing(b, svc, file.String())
		imported += time.Since(began)
	}
	b.ReportMetric(float64(n*b.N)/raw.Seconds(), "raw/s")
	b.ReportMetric(float64(n*b.N)/imported.Seconds(), "imported/s")
	b.ReportMetric(float64(imported)/float64(raw), "ratio")
	b.ReportMetric(float64(imported)/float64(bare), "strict-ratio")
}

func insertRaw(b *testing.B, n int, ledger bool) time.Duration {
	b.Helper()
	s := open(b)
	began := time.Now()
	for from := 0; from < n; from += 1000 {
		batch := make([]store.NewCustomer, 0, 1000)
		var moves []store.RecordMove
		for i := from; i < from+1000; i++ {
			c := rawCustomer(i, began)
			batch = append(batch, c)
			if ledger {
				moves = append(moves, store.RecordMove{
					Migration: "raw", Key: fmt.Sprint(i), State: store.RecordImported, Row: int64(i),
					Customer: c.Customer.ID.String(), Run: "r-0123456789", At: began,
				})
			}
		}
		err := s.Write(b.Context(), env, func(tx store.Tx) error {
			return errors.Join(tx.CreateCustomers(b.Context(), batch), tx.MoveRecords(b.Context(), moves))
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// rawCustomer has the rows and sizes of an imported one.
func rawCustomer(i int, at time.Time) store.NewCustomer {
	id := customer.ID{0: byte(i >> 16), 1: byte(i >> 8), 2: byte(i), 6: 7 << 4}
	return store.NewCustomer{
		Customer: customer.Customer{ID: id, State: customer.Active, Name: fmt.Sprint("Customer ", i), Created: at, Updated: at},
		Identifiers: []customer.Identifier{
			{Kind: customer.Username, Value: fmt.Sprint("customer.", i), Display: fmt.Sprint("customer.", i), Source: "migration/meterman"},
			{Kind: customer.Email, Value: fmt.Sprintf("c%d@harbourlight.test", i), Display: fmt.Sprintf("c%d@harbourlight.test", i), Verified: true, Source: "migration/meterman"},
		},
		Credential: &store.Credential{Customer: id, Sealed: make([]byte, 140), Scheme: "salted-sha1", Weak: true, Updated: at},
	}
}

// BenchmarkImportTwoFiles prints what an import of Auth0's two files takes beside
// one of CSV with as many customers, identifiers and hashes: what reading JSON and
// the join cost.
func BenchmarkImportTwoFiles(b *testing.B) {
	const n = 30_000
	var users, hashes, csv strings.Builder
	csv.WriteString(header)
	for i := range n {
		users.WriteString(user(i))
		hashes.WriteString(hash(i * 7919 % n)) // in another order
		csv.WriteString(line(i))
	}
	var one, two time.Duration
	for b.Loop() {
		svc := service(open(b), func(c *intake.Config) { c.Rest = nil })
		began := time.Now()
		importing(b, svc, csv.String())
		one += time.Since(began)
		svc = service(open(b), func(c *intake.Config) { c.Rest, c.Scratch = nil, b.TempDir(); intake.SortRoom(c, 8192) })
		began = time.Now()
		importTwo(b, svc, users.String(), hashes.String())
		two += time.Since(began)
	}
	b.ReportMetric(float64(n*b.N)/one.Seconds(), "csv/s")
	b.ReportMetric(float64(n*b.N)/two.Seconds(), "auth0/s")
	b.ReportMetric(float64(two)/float64(one), "ratio")
}
