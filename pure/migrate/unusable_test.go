package migrate

import (
	"testing"

	"sallyport/pure/legacy"
)

// An app whose key is too short for any code would be left out when it is sealed;
// that somebody had a second factor must not vanish with it.
func TestAFactorThatNobodyCouldUseIsToldAndLeft(t *testing.T) {
	for name, test := range map[string]struct {
		factor legacy.Factor
		taken  bool
	}{
		"an app":                       {legacy.Factor{Kind: legacy.TOTP, Secret: make([]byte, 20)}, true},
		"an app with hardly any key":   {legacy.Factor{Kind: legacy.TOTP, Secret: make([]byte, 2)}, false},
		"an app of ten digits":         {legacy.Factor{Kind: legacy.TOTP, Secret: make([]byte, 20), Digits: 10}, false},
		"an app of a strange digest":   {legacy.Factor{Kind: legacy.TOTP, Secret: make([]byte, 20), Algorithm: "MD5"}, false},
		"a counting token":             {legacy.Factor{Kind: legacy.HOTP, Secret: make([]byte, 20)}, true},
		"recovery codes":               {legacy.Factor{Kind: legacy.Recovery, Codes: []legacy.Code{{Plain: "ab12cd34ef"}}}, true},
		"recovery codes without any":   {legacy.Factor{Kind: legacy.Recovery}, false},
		"a phone":                      {legacy.Factor{Kind: legacy.Phone, Address: "+12125550177"}, true},
		"a phone without a number":     {legacy.Factor{Kind: legacy.Phone}, false},
		"a mailbox without an address": {legacy.Factor{Kind: legacy.Email}, false},
	} {
		var o Outcome
		(&Plan{}).takeFactors(&legacy.Person{Factors: []legacy.Factor{test.factor}}, &o)
		told := len(o.Warnings) == 1 && o.Warnings[0].Reason == FactorLeft && len(o.Left) == 1
		if taken := len(o.Factors) == 1; taken != test.taken || told == test.taken {
			t.Errorf("%s: taken %v, told %v", name, taken, told)
		}
	}
}
