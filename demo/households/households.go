package households

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"strings"

	"sallyport/demo/meterman"
	"sallyport/demo/orchard"
)

// Account is one account with its premises, as a bill shows it.
type Account struct {
	Number, Label string
	Email, Phone  string // of whom it is billed to; either may be empty
	Street, Town  string
}

// Names of the tables in the tree.
const (
	Harbourlight = "accounts.csv"
	Orchard      = "orchard-accounts.csv"
)

// known is how many of the customers that came over have their account in the tables.
const known = 300

// Cents is the amount of the last bill: between 40.00 and 240.00, by the digits of the
// number, so that everybody's is the same on every visit.
func Cents(number string) int64 {
	sum := int64(17)
	for _, c := range number {
		sum = (sum*31 + int64(c)) % 20_000
	}
	return 4000 + sum
}

// Dollars writes it.
func (a Account) Dollars() string {
	cents := Cents(a.Number)
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}

// Meter is the number of its meter.
func (a Account) Meter() string { return fmt.Sprintf("MTR-%06d", a.mark("meter")%1_000_000) }

// Postcode is that of the place: two letters of its town, and three digits.
func (a Account) Postcode() string {
	return fmt.Sprintf("%s %03d", strings.ToUpper(a.Town[:2]), a.mark("postcode")%1000)
}

// mark is a number that follows from the account's, another one for each use.
func (a Account) mark(use string) uint32 {
	sum := fnv.New32a()
	fmt.Fprint(sum, use, a.Number)
	return sum.Sum32()
}

// Noor is nobody's customer yet: who registers with this address and adds this phone
// has the account linked by itself.
func Noor() Account {
	return Account{Number: "HL-0001-001", Label: "Lamp Street", Email: "noor.halim@letterbox.test", Phone: "(848) 555-0190", Street: "8 Lamp Street", Town: "Lantern Hill"}
}

// Landlord gives the houses of Ivo Larkin, who has more than one.
func Landlord() []Account {
	ivo := meterman.People()[4]
	houses := []Account{{Number: ivo.AccountNo, Label: "Steam Row 4", Street: "4 Steam Row", Town: ivo.Town}}
	for i, street := range []string{"6 Steam Row", "19 Foundry Yard"} {
		houses = append(houses, Account{Number: fmt.Sprintf("HL-0002-%03d", i+1), Label: street, Street: street, Town: "Old Foundry"})
	}
	for i := range houses { // the office of one landlord: no one of them follows from its addresses
		houses[i].Email, houses[i].Phone = ivo.Email, ivo.Phone
	}
	return houses
}

// Of gives the account of a customer of the story.
func Of(p meterman.Person) Account {
	return Account{Number: p.AccountNo, Label: p.Town, Email: p.Email, Phone: p.Phone, Street: street(p.AccountNo), Town: p.Town}
}

var streets = strings.Fields(`Anchor Beacon Chandler Dyer Ferry Gaslight Heron Iron Junction Kiln Lamp Mill Netmaker Oar Pilot Quay Rope Sail Tide Union`)

// street is an address in a town, by the account's number.
func street(number string) string {
	a := Account{Number: number}
	return fmt.Sprintf("%d %s Street", 1+a.mark("house")%96, streets[a.mark("street")%uint32(len(streets))])
}

// Accounts are the tables, by their names in the tree; always the same.
func Accounts() (map[string][]byte, error) {
	here, err := harbourlight()
	if err != nil {
		return nil, err
	}
	juno := orchard.Juno()
	sister := []Account{{
		Number: juno.AccountNo, Label: "Orchard Cross", Email: juno.Email, Street: street(juno.AccountNo), Town: "Orchard Cross",
	}}
	for i := range 40 {
		number := fmt.Sprintf("OV-9%03d-%03d", i, i*17%1000)
		sister = append(sister, Account{Number: number, Street: street(number), Town: "Pippin Hill"})
	}
	return map[string][]byte{Harbourlight: table(here), Orchard: table(sister)}, nil
}

// harbourlight are the accounts of those who came over first, and of who is to be played.
func harbourlight() ([]Account, error) {
	file, err := meterman.Open()
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading who came over: %w", err)
	}
	all := append([]Account{Noor()}, Landlord()...)
	taken := map[string]bool{}
	for _, a := range all {
		taken[a.Number] = true
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1 : known+1] {
		a := Account{Number: row[at["ACCOUNT_NO"]], Email: row[at["EMAIL"]], Phone: row[at["PHONE"]], Town: row[at["PREMISE_TOWN"]]}
		if a.Label, a.Street = a.Town, street(a.Number); !taken[a.Number] {
			all = append(all, a)
		}
	}
	return all, nil
}

func table(all []Account) []byte {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	w.Write([]string{"number", "label", "email", "phone", "postcode", "last_bill", "meter", "street", "town"})
	for _, a := range all {
		w.Write([]string{a.Number, a.Label, a.Email, a.Phone, a.Postcode(), a.Dollars(), a.Meter(), a.Street, a.Town})
	}
	w.Flush() // to memory, which does not fail
	return file.Bytes()
}
