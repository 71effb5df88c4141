package orchard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func rows[T any](t *testing.T, file io.Reader) (all []T) {
	t.Helper()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

func TestTheCommittedUsersAreWhatTheGeneratorMakes(t *testing.T) {
	users, _, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := io.ReadAll(users)
	if err != nil || !bytes.Equal(committed, Users()) {
		t.Errorf("users.ndjson.gz is stale: run go generate ./demo/orchard (%v)", err)
	}
}

func TestTheCommittedHashesAreOfWhomTheGeneratorSays(t *testing.T) {
	_, hashes, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	committed, want := rows[passwordHash](t, hashes), hashed()
	if len(committed) != len(want) || len(want) != Customers-Social-Hashless+Strays {
		t.Fatalf("%d hashes, want %d", len(committed), len(want))
	}
	for i, row := range committed {
		hash := row.Hash
		row.Hash = ""
		if row != want[i] {
			t.Errorf("row %d is %+v, want %+v", i, row, want[i])
		}
		// Verifying all of them would take as long as making them.
		if i%60 == 0 || row.Email == Juno().Email {
			if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(Password(row.Email))); err != nil {
				t.Errorf("the published password does not open row %d: %v", i, err)
			}
		}
	}
}

func TestTheUsersAreAsOddAsTheConstantsSay(t *testing.T) {
	var social, factors, blocked, shared int
	addresses, phones, ids := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, u := range people() {
		social += count(u.Identities[0].IsSocial)
		factors += count(len(u.Multifactor) > 0)
		blocked += count(u.Blocked)
		if addresses[u.Email]++; addresses[u.Email] == 2 && u.EmailVerified {
			shared++
		}
		if phones[u.Phone] || ids[u.ID] {
			t.Errorf("%s or %s occurs twice", u.Phone, u.ID)
		}
		phones[u.Phone], ids[u.ID] = true, true
		if !strings.HasSuffix(u.Email, ".test") || u.Phone[5:9] != "5550" {
			t.Errorf("%s %s might exist", u.Email, u.Phone)
		}
	}
	got, want := [...]int{social, factors, blocked, shared}, [...]int{Social, Factors, Blocked, Shared}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
