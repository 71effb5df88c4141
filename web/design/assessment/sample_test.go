package assessment_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/assess"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// invented are the customers of Harbourlight Energy as the earlier system has
// them.
type invented struct {
	bcrypt, argon, weak *passhash.Hash
}

func parse(t *testing.T, text string) *passhash.Hash {
	t.Helper()
	h, err := passhash.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const day = 24 * time.Hour

var sampleAt = time.Date(2026, 11, 22, 15, 4, 0, 0, time.UTC)

func (v *invented) person(i int) assess.Entry {
	mail := fmt.Sprintf("person%d@harbourlight.test", i)
	if i%97 == 1 {
		mail = fmt.Sprintf("Person%d@harbourlight.test", i-1)
	}
	if i%331 == 7 {
		mail = "family" + fmt.Sprint(i/662) + "@harbourlight.test"
	}
	if i%211 == 3 {
		mail = fmt.Sprintf("person%d+gas@harbourlight.test", i-1)
	}
	id, _ := customer.Normalise(customer.Email, mail, "")
	id.Verified = i%19 != 0
	o := migrate.Outcome{Key: fmt.Sprintf("c-%06d", i), Row: int64(i + 1), Identifiers: []customer.Identifier{id}}
	o.Customer = customer.Customer{Name: fmt.Sprint("Person ", i), State: customer.Active, Created: time.Date(2013+i*i%14, 3, 4, 0, 0, 0, 0, time.UTC)}
	p := &legacy.Person{Key: o.Key, State: legacy.Active}
	switch {
	case i%23 == 0:
		o.Links = []customer.Link{{Provider: []string{"google", "facebook", "apple"}[i%3]}}
		p.Elsewhere = true
	case i%41 == 0:
	case i%6 == 0:
		o.Hash = v.argon
	case i%7 == 0:
		o.Hash = v.weak
	default:
		o.Hash = v.bcrypt
	}
	switch i % 20 {
	case 1, 2:
		o.Factors = []legacy.Factor{{Kind: legacy.TOTP}, {Kind: legacy.Recovery}}
	case 3:
		o.Factors = []legacy.Factor{{Kind: legacy.Phone}}
	case 4:
		o.Left = []legacy.Left{{What: "push-factor"}}
	case 5:
		o.Passkeys = []legacy.Passkey{{RPID: "harbourlight.test"}}
	}
	switch {
	case i%509 == 0:
		o.Rejection = &migrate.Rejection{Reason: migrate.UnknownHash, Detail: "the password hash is of no known kind"}
		o.Hash = nil
	case i%733 == 0:
		o.Rejection = &migrate.Rejection{Reason: migrate.MalformedRow, Detail: "more values than columns"}
	case i%1201 == 0:
		o.Dropped = "test-account"
	}
	ago := time.Duration(i*7919%1000) * day * time.Duration(1+i%4) / 5
	p.Add("email", mail)
	p.Add("firstName", fmt.Sprint("P", i))
	p.Add("attributes.tariff", []string{"green", "blue", "night"}[i%3])
	if i%3 > 0 {
		p.Add("lastLogin", sampleAt.Add(-ago).Format(time.RFC3339))
	}
	if i%5 == 0 {
		p.Add("attributes.dateOfBirth", fmt.Sprintf("19%02d-04-05", i%90+10))
		p.Add("attributes.meterNumber", fmt.Sprint(40_000_000+i))
	}
	if i%12 == 0 {
		p.Add("attributes.oldNotes", "see file")
	}
	return assess.Entry{Person: p, Outcome: o}
}

// TestTheSampleIsWritten makes testdata/report.json when it is asked to, and a
// file to look at.
func TestTheSampleIsWritten(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	v := &invented{
		parse(t, "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."),
		parse(t, "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27dw"),
		parse(t, "{SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg=="),
	}
	const people = 40_000
	a := assess.New("meterman", assess.Facts{
		At: sampleAt, Environment: "harbourlight/preview", Hosts: []string{"id.harbourlight.test"}, Bytes: 41 << 20,
		Source: assess.Source{Format: "keycloak", Title: "Keycloak, realm or directory export", Files: []assess.File{{Name: "harbourlight-users.json", Bytes: 43_220_118, Digest: "9f2c5b0d7a1e4c3b8d6f0a9e2b7c4d1f9f2c5b0d7a1e4c3b8d6f0a9e2b7c4d1f"}}},
		Uses:   map[string]assess.Use{"email": {To: "email"}, "firstName": {To: "name"}, "attributes.tariff": {To: "attribute.tariff"}},
	})
	for i := range people {
		a.Suspect(v.person(i).Outcome)
	}
	for i := range people {
		a.Count(v.person(i).Outcome)
	}
	for i := range people {
		a.Add(v.person(i))
	}
	text, err := json.MarshalIndent(a.Report(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", "report.json"), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	if to := os.Getenv("SALLYPORT_SAMPLE"); to != "" {
		if err := os.WriteFile(to, []byte(rendered(t, a.Report())), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
