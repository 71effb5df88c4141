package ownership

import (
	"crypto/sha256"
	"crypto/subtle"

	"sallyport/pure/customer"
)

// Rules is what proves that an account is somebody's.
type Rules struct {
	Facts []Fact // that may be asked
	Need  int    // how many of them must be right; at least one
	// Email and Phone name the fields of a record with the addresses of whom it is about;
	// without both nothing follows from addresses.
	Email, Phone string
	Region       string // ISO 3166 code in which phone numbers without country code are read
}

// Fact is something that only who has the account should know.
type Fact struct {
	Name  string // of the question
	Field string // of a record
	Form  Form
}

// Record is an account as the business has it.
type Record struct {
	Number string // normalised
	Fields map[string]string
}

// Proof is what came of facts.
type Proof struct {
	Right  []string // names of the facts that were, in order
	Wrong  []string // that were given and were not
	Enough bool     // the account is theirs
}

// Prove compares what somebody says with a record: for each fact by its name. A wrong
// answer beside enough right ones is no proof: who has the account may leave a question
// out, and does not guess. The zero Record proves nothing, with the same work.
func Prove(r Rules, record Record, said map[string]string) Proof {
	var p Proof
	for _, fact := range r.Facts {
		answer, given := fact.Form.read(said[fact.Name])
		known, has := fact.Form.read(record.Fields[fact.Field])
		same := equal(answer, known) && given && has
		switch {
		case same:
			p.Right = append(p.Right, fact.Name)
		case said[fact.Name] != "":
			p.Wrong = append(p.Wrong, fact.Name)
		}
	}
	p.Enough = r.Need > 0 && len(p.Right) >= r.Need && len(p.Wrong) == 0 && record.Number != ""
	return p
}

// equal compares in the same time whatever the texts are.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Follows tells whether an account is somebody's by their addresses: an e-mail address
// and a phone number, both proved to be theirs, are both those of the record.
func Follows(r Rules, record Record, theirs []customer.Identifier) bool {
	if r.Email == "" || r.Phone == "" || record.Number == "" {
		return false
	}
	return has(theirs, customer.Email, record.Fields[r.Email], r.Region) && has(theirs, customer.Phone, record.Fields[r.Phone], r.Region)
}

func has(theirs []customer.Identifier, kind customer.IdentifierKind, raw, region string) bool {
	known, err := customer.Normalise(kind, raw, region)
	if err != nil {
		return false
	}
	for _, i := range theirs {
		if i.Kind == kind && i.Verified && i.Value == known.Value {
			return true
		}
	}
	return false
}
