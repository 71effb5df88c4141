package migrate

import (
	"maps"
	"slices"

	"sallyport/protocol/passhash"
)

// Probe tells of one account with a known password whether its imported hash opens
// by it. Several that do not are the sign of a wrong key, pepper or scheme, which
// nothing in the file itself shows.
type Probe struct {
	Key    string // of the record
	Found  bool   // it is in the sample
	Scheme passhash.Scheme
	Opens  bool
	Reason Reason // why the record has no hash, if it has none
}

// Probe checks a sample of records, to which all has been joined, against accounts
// whose passwords are known, by key. It gives one result for each account that
// occurs, in the order of the sample, and then those that do not.
func (p *Plan) Probe(sample []Record, accounts map[string][]byte) []Probe {
	var all []Probe
	met := map[string]bool{}
	for _, r := range sample {
		o := Map(p, r)
		password, wanted := accounts[o.Key]
		if !wanted || met[o.Key] {
			continue
		}
		met[o.Key] = true
		all = append(all, probe(&o, password))
	}
	for _, key := range slices.Sorted(maps.Keys(accounts)) {
		if !met[key] {
			all = append(all, Probe{Key: key})
		}
	}
	return all
}

func probe(o *Outcome, password []byte) Probe {
	result := Probe{Key: o.Key, Found: true, Reason: o.Reason()}
	if o.Hash == nil {
		if result.Reason == "" {
			result.Reason = NoPassword
		}
		return result
	}
	result.Scheme = o.Hash.Scheme()
	result.Opens, _ = o.Hash.Verify(password) // a password that the scheme cannot take does not open it
	return result
}
