package config

import (
	"fmt"

	"sallyport/pure/customer"
)

// PhoneSpec says which phones an environment texts and calls, and how often a day.
type PhoneSpec struct {
	Countries []string `yaml:"countries"` // ISO 3166 codes; empty: the region in which numbers without a country are read
	Texts     int      `yaml:"texts"`     // codes by text a day; default 50,000
	Calls     int      `yaml:"calls"`     // codes by call a day; default 5,000
}

// Bounds of codes that are sent to phones in a day.
const (
	DefaultTexts = 50_000
	DefaultCalls = 5_000
	maxPhoned    = 100_000_000
)

// phones checks what an environment says of phones.
func (r *report) phones(at spot, spec PhoneSpec) {
	for i, country := range spec.Countries {
		if !customer.Dialled(country) {
			r.fail(at.at("countries", i), finding{ValueUnknown, fmt.Sprintf("%.20q is no country that has telephones", country), "use its two capital letters by ISO 3166, such as US"})
		}
	}
	for key, n := range map[string]int{"texts": spec.Texts, "calls": spec.Calls} {
		if n < 0 || n > maxPhoned {
			r.fail(at.at(key), finding{OutOfBounds, fmt.Sprintf("%d %s a day are out of bounds", n, key), fmt.Sprintf("choose between 1 and %d", maxPhoned)})
		}
	}
}

// Phones is what the environment says of phones, with its defaults but for the country.
func (s *Snapshot) Phones() PhoneSpec {
	var spec PhoneSpec
	if s != nil && s.Tenant != nil {
		spec = s.Tenant.Environments[s.Environment].Phones
	}
	if spec.Texts == 0 {
		spec.Texts = DefaultTexts
	}
	if spec.Calls == 0 {
		spec.Calls = DefaultCalls
	}
	return spec
}
