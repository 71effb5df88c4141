package orchard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// user is a record of the users export, as Auth0 spells it.
type user struct {
	ID            string         `json:"user_id"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"email_verified"`
	GivenName     string         `json:"given_name"`
	FamilyName    string         `json:"family_name"`
	Phone         string         `json:"phone_number,omitempty"`
	PhoneVerified bool           `json:"phone_verified"`
	Created       time.Time      `json:"created_at"`
	LastLogin     time.Time      `json:"last_login"`
	Logins        int            `json:"logins_count"`
	Blocked       bool           `json:"blocked"`
	Identities    []identity     `json:"identities"`
	UserMetadata  map[string]any `json:"user_metadata"`
	AppMetadata   map[string]any `json:"app_metadata"`
	Multifactor   []string       `json:"multifactor,omitempty"`
}

type identity struct {
	Connection string `json:"connection"`
	Provider   string `json:"provider"`
	UserID     string `json:"user_id"`
	IsSocial   bool   `json:"isSocial"`
}

const (
	connection = "Orchard-Customers"
	other      = "Orchard-Partners" // the second connection of a few
	social     = "google-oauth2"
)

// areaCodes give a hundred fictional numbers each, 555-0100 to 555-0199.
var areaCodes = [Customers / 100]int{220, 223, 224}

// plain is where those begin of whom nothing is odd by their number.
const plain = 1 + Social + Factors + Blocked

// people invents the users, always the same. What is odd about whom follows from
// their number, beyond those whom the story knows.
func people() []user {
	random := rand.New(rand.NewPCG(1887, 555))
	all := make([]user, 0, Customers)
	for i := range Customers {
		u := somebody(random, i)
		switch {
		case i == 0:
			p := Juno()
			u.GivenName, u.FamilyName, _ = strings.Cut(p.Name, " ")
			u.Email, u.EmailVerified = p.Email, true
		case i <= Social:
			u.ID = fmt.Sprintf("%s|1%020d", social, i)
			u.Identities = []identity{{Connection: social, Provider: social, UserID: u.ID[len(social)+1:], IsSocial: true}}
		case i <= Social+Factors:
			u.Multifactor = []string{"google-authenticator"}
		case i <= Social+Factors+Blocked:
			u.Blocked = true
		}
		all = append(all, u)
	}
	for i := range Shared { // the same person by another connection, and both proved the address
		first, second := &all[plain+i], &all[plain+Shared+i]
		second.Email, second.Identities[0].Connection = first.Email, other
		first.EmailVerified, second.EmailVerified = true, true
	}
	return all
}

func somebody(random *rand.Rand, i int) user {
	id := fmt.Sprintf("5f%022x", 0xa000+i)
	given, family := givenNames[i%len(givenNames)], familyNames[i*7%len(familyNames)]
	created := time.Date(2015, 4, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(9*365*24)) * time.Hour)
	segment := "home"
	if random.IntN(8) == 0 {
		segment = "business"
	}
	return user{
		ID: "auth0|" + id, Email: fmt.Sprintf("%s.%s%d@quaymail.test", strings.ToLower(given), strings.ToLower(family), i),
		EmailVerified: random.IntN(5) > 0, GivenName: given, FamilyName: family,
		Phone: fmt.Sprintf("+1%d5550%03d", areaCodes[i/100], 100+i%100), Created: created, LastLogin: created.AddDate(1, 0, random.IntN(300)),
		Logins: 1 + random.IntN(80), Identities: []identity{{Connection: connection, Provider: "auth0", UserID: id}},
		UserMetadata: map[string]any{"newsletter": random.IntN(2) == 0},
		AppMetadata:  map[string]any{"account": accountNumber(i), "segment": segment, "town": towns[random.IntN(len(towns))]},
	}
}

// Users makes the users export, always the same.
func Users() []byte {
	var file bytes.Buffer
	lines := json.NewEncoder(&file)
	for _, u := range people() {
		lines.Encode(u) // to memory, which does not fail
	}
	return file.Bytes()
}

// passwordHash is a row of the password hashes.
type passwordHash struct {
	ID struct {
		OID string `json:"$oid"`
	} `json:"_id"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	Hash          string `json:"passwordHash"`
	Tenant        string `json:"tenant"`
	Connection    string `json:"connection"`
	Unique        bool   `json:"_tmp_is_unique"`
}

// hashed lists whose hash support sends, with the salted hash left out: last
// users first, and some of whom the export knows nothing.
func hashed() []passwordHash {
	var all []passwordHash
	users := people()
	for i := len(users) - 1; i >= 0; i-- {
		u := users[i]
		if u.Identities[0].Provider != "auth0" || i > 0 && i >= len(users)-Hashless {
			continue
		}
		all = append(all, rowOf(u.Identities[0].UserID, u.Email, u.Identities[0].Connection))
	}
	for i := range Strays {
		all = append(all, rowOf(fmt.Sprintf("5f%022x", 0xf000+i), fmt.Sprintf("gone%d@quaymail.test", i), connection))
	}
	return all
}

func rowOf(id, email, of string) passwordHash {
	row := passwordHash{Email: email, EmailVerified: true, Tenant: "orchard-valley", Connection: of, Unique: true}
	row.ID.OID = id
	return row
}

// Hashes makes the password hashes. A committed hash stays as it is, since its
// salt was random and another would say nothing new; all are made anew once the
// first of them is no longer of that user's password.
func Hashes() ([]byte, error) {
	known, err := committed()
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	lines := json.NewEncoder(&file)
	for i, row := range hashed() {
		password, hash := []byte(Password(row.Email)), known[row]
		if i == 0 && bcrypt.CompareHashAndPassword([]byte(hash), password) != nil {
			known, hash = nil, ""
		}
		if hash == "" {
			fresh, err := bcrypt.GenerateFromPassword(password, bcrypt.DefaultCost)
			if err != nil {
				return nil, err
			}
			hash = "$2b$" + string(fresh[4:]) // the same, under the name that Auth0 uses
		}
		row.Hash = hash
		if err := lines.Encode(row); err != nil {
			return nil, err
		}
	}
	return file.Bytes(), nil
}

// committed gives the hashes that are in the file, by their rows without them.
func committed() (map[passwordHash]string, error) {
	file, err := unpack(packedHashes)
	if err != nil {
		return nil, err
	}
	known := map[passwordHash]string{}
	for lines := json.NewDecoder(file); lines.More(); {
		var row passwordHash
		if err := lines.Decode(&row); err != nil {
			return nil, fmt.Errorf("reading Orchard Valley's hashes: %w", err)
		}
		hash := row.Hash
		row.Hash = ""
		known[row] = hash
	}
	return known, nil
}
