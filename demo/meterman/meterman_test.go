package meterman

import (
	"bytes"
	"crypto/sha1"
	"encoding/csv"
	"encoding/hex"
	"io"
	"strings"
	"testing"
)

// rows reads the committed export by column name.
func rows(t *testing.T) []map[string]string {
	t.Helper()
	file, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var named []map[string]string
	for _, values := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = values[i]
		}
		named = append(named, row)
	}
	return named
}

func TestTheCommittedExportIsWhatTheGeneratorMakes(t *testing.T) {
	file, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, Export()) {
		t.Error("meterman.csv.gz is stale: run go generate ./demo/meterman")
	}
}

func TestTheExportHoldsWhatItsConstantsSay(t *testing.T) {
	all := rows(t)
	addresses, proven := map[string]int{}, map[string]int{}
	var dormant, locked, silent, broken int
	for _, row := range all {
		if email := row["EMAIL"]; email != "" {
			addresses[email]++
			if row["EMAIL_OK"] == "Y" {
				proven[email]++
			}
		}
		dormant += count(row["STATUS"] == "D")
		locked += count(row["STATUS"] == "X")
		silent += count(row["PHONE"] == "")
		broken += count(!intact(row))
	}
	var shared, won int
	for email, n := range addresses {
		shared += count(n == 2)
		won += count(n == 2 && proven[email] == 1)
		if n > 2 {
			t.Errorf("%d customers share %s", n, email)
		}
	}
	got := []int{len(all), shared, won, dormant, locked, silent, broken}
	want := []int{Customers, SharedAddresses, SharedProven, Dormant, Locked, WithoutPhone, BrokenHashes}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
			break
		}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// intact tells whether the published password opens a row.
func intact(row map[string]string) bool {
	sum := sha1.Sum([]byte(row["PW_SALT"] + Password(row["LOGIN"])))
	return hex.EncodeToString(sum[:]) == row["PW_SHA1"]
}

func TestNamesThatMustBeUniqueAre(t *testing.T) {
	for _, column := range []string{"CUST_NO", "LOGIN", "PHONE", "ACCOUNT_NO"} {
		seen := map[string]bool{}
		for _, row := range rows(t) {
			value := strings.ToLower(row[column])
			if column == "PHONE" {
				value = strings.TrimPrefix(strings.Map(digits, value), "1")
			}
			if seen[value] && value != "" {
				t.Errorf("%s %s occurs twice", column, value)
			}
			seen[value] = true
		}
	}
}

func digits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

func TestNobodyInItCouldExist(t *testing.T) {
	for _, row := range rows(t) {
		email := row["EMAIL"]
		if email != "" && !strings.HasSuffix(email, ".test") && !strings.HasSuffix(email, ".example") {
			t.Errorf("%s is not a reserved address", email)
		}
		if number := strings.Map(digits, row["PHONE"]); number != "" && number[len(number)-7:len(number)-2] != "55501" {
			t.Errorf("%s is not a number of fiction", row["PHONE"])
		}
	}
}

func TestThePeopleOfTheStoryAreInIt(t *testing.T) {
	all := rows(t)
	for i, p := range People() {
		row := all[i]
		got := []string{row["FULL_NAME"], row["LOGIN"], row["EMAIL"], row["ACCOUNT_NO"], row["PREMISE_TOWN"], row["STATUS"]}
		want := []string{p.Name, p.Login, p.Email, p.AccountNo, p.Town, "A"}
		if strings.Join(got, "|") != strings.Join(want, "|") || !intact(row) || len(p.Groups) != 1 {
			t.Errorf("%s: got %q", p.Name, got)
		}
	}
}
