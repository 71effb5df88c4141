package households

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"sallyport/demo/meterman"
)

func TestTheTablesOfTheTreeAreWhatTheGeneratorMakes(t *testing.T) {
	tables, err := Accounts()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range tables {
		got, err := os.ReadFile(filepath.Join("..", "harbourlight", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run go generate ./demo/households", name)
		}
	}
}

func TestNumbersAreOfOneAccountEachAndTheStorysPeopleHaveTheirs(t *testing.T) {
	tables, err := Accounts()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, content := range tables {
		rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			if found[row[0]] != nil {
				t.Errorf("%s stands there twice", row[0])
			}
			found[row[0]] = row
		}
	}
	for _, p := range meterman.People() {
		row, a := found[p.AccountNo], Of(p)
		if row == nil || row[3] != p.Phone || row[2] != p.Email {
			t.Errorf("%s has no account: %q", p.Name, row)
			continue
		}
		if p.Segment != "L" && (row[4] != a.Postcode() || row[5] != a.Dollars() || row[6] != a.Meter()) {
			t.Errorf("the bill of %s does not say what the table does: %q", p.Name, row)
		}
	}
	if len(Landlord()) != 3 || found[Noor().Number] == nil {
		t.Error("the landlord, or who is nobody's customer yet, is missing")
	}
}
