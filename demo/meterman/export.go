package meterman

import (
	"bytes"
	"crypto/sha1"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// columns are the export's, in order.
var columns = []string{
	"CUST_NO", "LOGIN", "EMAIL", "EMAIL_OK", "PHONE", "FULL_NAME", "SEGMENT", "STATUS", "CREATED", "PW_SHA1", "PW_SALT",
	"ACCOUNT_NO", "PREMISE_TOWN",
}

// record is one customer of MeterMan.
type record struct {
	login, email, phone, name, segment, status, town, hash, salt string

	proven  bool
	created time.Time
}

// Export makes the export, always the same.
func Export() []byte {
	m := &maker{random: rand.New(rand.NewPCG(1962, 555)), taken: map[string]bool{}}
	records := make([]record, 0, Customers)
	for _, p := range People() {
		records = append(records, m.known(p))
	}
	for len(records) < Customers {
		records = append(records, m.somebody(len(records)))
	}
	m.trouble(records[len(People()):])
	return write(records)
}

func write(records []record) []byte {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	w.UseCRLF = true // as its Windows server wrote it
	w.Write(columns)
	for i, r := range records {
		w.Write([]string{
			fmt.Sprint(100_000 + i), r.login, r.email, yes(r.proven), r.phone, r.name, r.segment, r.status,
			r.created.Format(time.RFC3339), r.hash, r.salt, accountNumber(i), r.town,
		})
	}
	w.Flush() // to memory, which does not fail
	return file.Bytes()
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// maker invents customers.
type maker struct {
	random *rand.Rand
	taken  map[string]bool // logins and addresses, in lower case
}

func (m *maker) pick(from []string) string { return from[m.random.IntN(len(from))] }

// often is true n times in a hundred.
func (m *maker) often(n int) bool { return m.random.IntN(100) < n }

func (m *maker) known(p Person) record {
	m.taken[strings.ToLower(p.Login)], m.taken[p.Email] = true, true
	return m.sealed(record{
		login: p.Login, email: p.Email, proven: p.Email != "", phone: p.Phone, name: p.Name, segment: p.Segment, status: "A",
		town: p.Town, created: m.day(),
	})
}

func (m *maker) somebody(i int) record {
	r := record{segment: "R", status: "A", phone: m.phone(i), town: m.pick(towns), created: m.day(), proven: m.often(70)}
	person := m.pick(firstNames) + " " + m.pick(lastNames)
	r.name, r.login = person, m.free(spelt(person), "")
	switch {
	case m.often(9):
		r.segment = "C"
		r.name = m.pick(tradeNames) + " " + m.pick(trades)
		r.login = m.free(spelt(r.name), "")
	case m.often(5):
		r.segment = "L"
	}
	if !m.often(8) {
		r.email = m.free(spelt(r.name), "@"+m.pick(domains))
	}
	if r.email == "" {
		r.proven = false
	}
	if m.often(6) { // the clerks of the early years
		r.name, r.login = strings.ToUpper(r.name), strings.ToUpper(r.login)
	}
	return m.sealed(r)
}

// free finds a login or an address that nobody has.
func (m *maker) free(stem, rest string) string {
	for n := 1; ; n++ {
		name := stem + rest
		if n > 1 {
			name = fmt.Sprint(stem, n, rest)
		}
		if !m.taken[name] {
			m.taken[name] = true
			return name
		}
	}
}

// phone is a number of its own, in one of four spellings.
func (m *maker) phone(i int) string {
	area, last := areaCodes[i/100], 100+i%100
	spellings := []string{"(%s) 555-0%d", "%s-555-0%d", "%s.555.0%d", "+1 %s 555 0%d"}
	return fmt.Sprintf(m.pick(spellings), area, last)
}

func (m *maker) day() time.Time {
	first := time.Date(1998, 3, 2, 8, 0, 0, 0, time.UTC)
	return first.Add(time.Duration(m.random.IntN(24*365*24*60)) * time.Minute)
}

// sealed adds the password, as MeterMan kept it.
func (m *maker) sealed(r record) record {
	r.salt = fmt.Sprintf("%08x", m.random.Uint32())
	sum := sha1.Sum([]byte(r.salt + Password(r.login)))
	r.hash = hex.EncodeToString(sum[:])
	return r
}
