// Package recovery makes a person's factor of the recovery codes that a system
// keeps.
//
// A code that is typed is compared with each of them, and comparing with a hashed
// one costs as much as verifying a password. Whoever wrote thousands of them into
// an export would slow down every sign-in of theirs; so there are few or none.
package recovery

import (
	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

// Most is how many codes one person may have. Systems make ten to sixteen.
const Most = 32

// Add gives the person the codes, those in clear and those that are hashes which
// say what they are (passhash.Parse). Without codes there is no factor. More than
// [Most], and a hash that cannot be read, are a [*legacy.Fault] of the field that
// is named.
func Add(p *legacy.Person, field string, plain, hashes []string) error {
	if len(plain)+len(hashes) > Most {
		return &legacy.Fault{Where: field, What: "too many recovery codes"}
	}
	f := legacy.Factor{Kind: legacy.Recovery}
	for _, code := range plain {
		if code != "" {
			f.Codes = append(f.Codes, legacy.Code{Plain: code})
		}
	}
	for _, text := range hashes {
		hash, err := passhash.Parse(text)
		if err != nil {
			return &legacy.Fault{Where: field, What: "a recovery code that is hashed in no known way"}
		}
		f.Codes = append(f.Codes, legacy.Code{Digest: []byte(hash.Encode()), Scheme: "passhash"})
	}
	if len(f.Codes) > 0 {
		p.Factors = append(p.Factors, f)
	}
	return nil
}
