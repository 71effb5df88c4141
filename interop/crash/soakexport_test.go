package crash

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/protocol/passhash"
)

// columns are those of the export of the soak, and the members of what its earlier
// system tells of somebody, but for the last two.
var columns = []string{"id", "login", "email", "email_ok", "name", "status", "kind", "hash"}

// fate is where a row must end, and why.
type fate struct{ state, reason string }

// soaked is somebody in the export of the soak, or beside it.
type soaked struct {
	id, login, email, verified, name, status string
	password                                 string
	hash                                     kindOfHash
}

func (p soaked) row() []string {
	return []string{p.id, p.login, p.email, p.verified, p.name, p.status, p.hash.kind, p.hash.text}
}

// export is a generated export, of which everything is known.
type export struct {
	text    bytes.Buffer
	seed    *rand.Rand
	kinds   []kindOfHash
	rows    int64
	keyed   map[string]fate // by key
	unkeyed map[int64]fate  // by row, of records without a usable key
	crowd   []*soaked       // who may sign in, whatever the import has come to
}

// Of so many rows one has a flaw of its own; others are about each other.
const oneBroken = 1000 / 3

// generate makes an export of rows records or a few more.
func generate(t testing.TB, seed uint64, rows int) *export {
	t.Helper()
	e := &export{
		seed: rand.New(rand.NewPCG(seed, 0)), kinds: allKinds(t),
		keyed: map[string]fate{}, unkeyed: map[int64]fate{},
	}
	e.write(columns)
	for n := 0; int(e.rows) < rows; n++ {
		switch p := e.person(n); {
		case n%oneBroken == 7:
			e.broken(p, n/oneBroken)
		case n%50 == 11:
			e.rivals(p, n)
		case n%100 == 23:
			p.status = "T"
			e.add(p, fate{"dropped", "test-account"})
		case n%100 == 37:
			p.status = "X"
			e.add(p, fate{"imported", ""})
		case n%20 == 3:
			p.hash, p.password = kindOfHash{}, fmt.Sprintf("known there alone %d", n)
			e.add(p, fate{"staged", "no-password"})
			e.crowd = append(e.crowd, &p)
		default:
			e.add(p, fate{"imported", ""})
			if n%4 == 0 {
				e.crowd = append(e.crowd, &p)
			}
		}
	}
	return e
}

func (e *export) write(row []string) {
	w := csv.NewWriter(&e.text)
	_ = w.Write(row) // to memory
	w.Flush()
}

func (e *export) add(p soaked, f fate) {
	e.rows++
	e.write(p.row())
	e.keyed[p.id] = f
}

// save writes the export at home.
func (e *export) save(t testing.TB, h home) string {
	t.Helper()
	file := filepath.Join(h.dir, "soak.csv")
	if err := os.WriteFile(file, e.text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// spellings of names that people have, in which one letter may be two characters.
var spellings = []string{"ana", "Ana.Koch", "mu\u0308ller", "MÜLLER-Σ", "ωμέγα", "Жанна", "ｆｕｌｌ", "李雷", "o'neill", "İpek"}

func (e *export) person(n int) soaked {
	spelling := spellings[e.seed.IntN(len(spellings))]
	kind := e.kinds[n%len(e.kinds)]
	return soaked{
		id: fmt.Sprintf("C%07d", n), login: fmt.Sprintf("%s %d", spelling, n), email: e.address(n),
		verified: []string{"Y", "N", "true", "", "perhaps"}[e.seed.IntN(5)],
		name:     spelling + " of the harbour", status: "A",
		password: kind.password, hash: kind,
	}
}

// address gives one that nobody else has, in one of the ways to write it.
func (e *export) address(n int) string {
	return fmt.Sprintf([]string{"p%d@harbour.test", "P%d@Harbour.TEST", "p+tag%d@harbour.test", "jürgen%d@harbour.test"}[e.seed.IntN(4)], n)
}

// outsider is somebody whom the earlier system knows and the export has not.
func (e *export) outsider(n int) *soaked {
	p := e.person(n)
	p.id, p.login, p.email = fmt.Sprintf("X%07d", n), fmt.Sprintf("outside %d", n), fmt.Sprintf("Out%d@harbour.test", n)
	p.hash, p.password = kindOfHash{}, fmt.Sprintf("known there alone %d", n)
	return &p
}

// rivals adds two records that claim the same.
func (e *export) rivals(p soaked, n int) {
	q := e.person(n)
	q.id = strings.Replace(p.id, "C", "R", 1)
	q.login, q.email = fmt.Sprintf("rival %d", n), fmt.Sprintf("rival%d@harbour.test", n)
	held := fate{"held", "duplicate-identifier"}
	switch e.seed.IntN(5) {
	case 0: // one address in two cases, and nobody proved it
		q.email, p.verified, q.verified = swapCase(p.email), "N", ""
		e.add(p, held)
		e.add(q, held)
	case 1: // one of them did
		q.email, p.verified, q.verified = swapCase(p.email), "N", "Y"
		e.add(p, held)
		e.add(q, fate{"imported", ""})
	case 2: // both did
		q.email, p.verified, q.verified = swapCase(p.email), "Y", "Y"
		e.add(p, held)
		e.add(q, held)
	case 3: // one name, composed and spelt differently
		p.login, q.login = fmt.Sprintf("Jose\u0301 %d", n), fmt.Sprintf("JOSÉ  %d", n)
		e.add(p, held)
		e.add(q, held)
	default: // one key
		q.id = p.id
		e.add(p, fate{"held", "duplicate-key"})
		e.add(q, fate{"held", "duplicate-key"})
	}
}

// swapCase writes an address in the other case.
func swapCase(address string) string {
	if upper := strings.ToUpper(address); upper != address {
		return upper
	}
	return strings.ToLower(address)
}

// broken adds a row with a flaw of its own.
func (e *export) broken(p soaked, which int) {
	held := func(reason string) fate { return fate{"held", reason} }
	if which%12 < 5 {
		e.unreadable(p, which%12)
		return
	}
	row := p
	switch which % 12 {
	case 5:
		row.hash = kindOfHash{kind: "auto", text: "$2b$10$tooshort"}
		e.add(row, held("broken-hash"))
	case 6:
		row.hash = kindOfHash{kind: "auto", text: "nobody knows what this is"}
		e.add(row, held("unknown-hash"))
	case 7:
		row.hash.kind = "of-no-kind"
		e.add(row, held("unknown-hash"))
	case 8:
		row.hash = kindOfHash{kind: "auto", text: "$argon2id$v=19$m=4194304,t=2,p=1$Y2FIU1pWRGVqUDBFSTF3Tw$rKaLrtOO3gxg4e/dSrKaLrtOO3gxg4e/dSrKaLrtOO0"}
		e.add(row, held("costly-hash"))
	case 9:
		row.status = "?"
		e.add(row, held("unknown-state"))
	case 10:
		row.login = ""
		e.add(row, held("missing-field"))
	default:
		row.login = "zero\u200bwidth " + p.id
		e.add(row, held("bad-field"))
	}
}

// unreadable adds a row whose record has no usable key.
func (e *export) unreadable(p soaked, which int) {
	reason := "malformed-row"
	switch which {
	case 0:
		e.write(append(p.row(), "one more"))
	case 1:
		fmt.Fprintf(&e.text, "%s,\"%s\"beyond,,,,,,\n", p.id, p.id)
	case 2:
		reason = "bad-encoding"
		p.name = "\xff\xfe" + p.id
		fmt.Fprintln(&e.text, strings.Join(p.row()[:6], ",")+",,")
	case 3:
		reason, p.id = "missing-key", ""
		e.write(p.row())
	default:
		reason, p.id = "bad-key", p.id+strings.Repeat("k", 300)
		e.write(p.row())
	}
	e.rows++
	e.unkeyed[e.rows] = fate{"held", reason}
}

// records is how many lines the ledger has of the export in the end.
func (e *export) records() int64 { return int64(len(e.keyed) + len(e.unkeyed)) }

// kindOfHash is a hash as the export has it: kind says how to read the text.
type kindOfHash struct{ kind, text, password string }

// vectors are hashes that other systems made.
const vectors = "../../protocol/passhash/testdata/password_hashes.json"

// allKinds gives a hash of every kind there is. What an export would give beside the
// hash, such as a signer key, is in ours: then it is spelt as an export of ours would.
func allKinds(t testing.TB) (kinds []kindOfHash) {
	t.Helper()
	text, err := os.ReadFile(vectors)
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Scheme, Encoded, Password string
		Params                    map[string]any
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		whole, err := passhash.Vector(v.Scheme, v.Encoded, v.Params)
		if err != nil {
			t.Fatalf("%s: %v", v.Scheme, err)
		}
		kind := kindOfHash{"auto", whole.Encode(), v.Password}
		if plain, err := passhash.Parse(v.Encoded); err == nil && plain.Encode() == whole.Encode() {
			kind.text = v.Encoded
		} else if plain, err := passhash.ParseAs(passhash.Scheme(v.Scheme), v.Encoded, passhash.Params{}); err == nil && plain.Encode() == whole.Encode() {
			kind.kind, kind.text = v.Scheme, v.Encoded
		}
		kinds = append(kinds, kind)
	}
	return kinds
}
