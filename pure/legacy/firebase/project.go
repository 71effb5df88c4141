package firebase

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

const (
	signerKey     = "signer_key"
	saltSeparator = "salt_separator"
	rounds        = "rounds"
	memCost       = "mem_cost"
	passwords     = "passwords"

	maxKey = 256 // bytes; real ones have 64
)

func options() []legacy.Option {
	return []legacy.Option{
		{Name: signerKey, Secret: true, About: "base64_signer_key of the project's password hash parameters, as the console shows it; needed unless passwords stay"},
		{Name: saltSeparator, Default: "Bw==", About: "base64_salt_separator of the same"},
		{Name: rounds, Default: "8", About: "rounds of the same"},
		{Name: memCost, Default: "14", About: "mem_cost of the same"},
		{Name: passwords, Default: "take", About: "take passwords along, or leave them behind"},
	}
}

// project is what a project's hashes have in common.
type project struct {
	leave bool
	hash  passhash.Firebase
}

// readProject reads the settings. Passwords are never left behind in silence:
// without the signer key, the migration must say so.
func readProject(s legacy.Settings) (project, error) {
	switch s.Options[passwords] {
	case "leave":
		return project{leave: true}, nil
	case "", "take":
	default:
		return project{}, &legacy.Fault{Where: passwords, What: "neither take nor leave"}
	}
	var p project
	var err error
	if p.hash.SignerKey, err = base64.StdEncoding.DecodeString(strings.TrimSpace(string(s.Secrets[signerKey]))); err != nil || len(p.hash.SignerKey) > maxKey {
		return p, &legacy.Fault{Where: signerKey, What: "not base64 as the console shows it"}
	}
	if len(p.hash.SignerKey) == 0 {
		return p, &legacy.Fault{Where: signerKey, What: "name the secret that holds it, or leave passwords behind"}
	}
	if p.hash.SaltSeparator, err = base64.StdEncoding.DecodeString(or(s.Options[saltSeparator], "Bw==")); err != nil || len(p.hash.SaltSeparator) > maxKey {
		return p, &legacy.Fault{Where: saltSeparator, What: "not base64 as the console shows it"}
	}
	if p.hash.Rounds, err = strconv.Atoi(or(s.Options[rounds], "8")); err != nil || p.hash.Rounds < 1 || p.hash.Rounds > 120 {
		return p, &legacy.Fault{Where: rounds, What: "not a number from 1 to 120"}
	}
	if p.hash.MemCost, err = strconv.Atoi(or(s.Options[memCost], "14")); err != nil || p.hash.MemCost < 1 || p.hash.MemCost > 17 {
		return p, &legacy.Fault{Where: memCost, What: "not a number from 1 to 17"}
	}
	return p, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// password takes a hash and its salt, in either alphabet of base64: the tool
// writes the usual one, the API that of addresses.
func (p project) password(person *legacy.Person, hash, salt string) {
	switch {
	case hash == "":
		return
	case p.leave:
		person.Left = append(person.Left, legacy.Left{What: "password", Why: "the migration leaves passwords behind"})
		return
	}
	usual := strings.NewReplacer("-", "+", "_", "/")
	row := struct {
		Hash string `json:"passwordHash"`
		Salt string `json:"salt"`
	}{usual.Replace(hash), usual.Replace(salt)}
	encoded, _ := json.Marshal(row) // two texts: it cannot fail
	person.Passwords = []legacy.Password{{Encoded: string(encoded), Scheme: "firebase-scrypt", Params: passhash.Params{Firebase: p.hash}}}
}
