package oauth

import (
	"strings"
	"testing"
)

// The pair of RFC 7636 appendix B.
const (
	rfc7636Verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	rfc7636Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func TestRFC7636_B_ChallengeIsMetByItsVerifier(t *testing.T) {
	challenge, err := ParseChallenge(rfc7636Challenge, "S256")
	if err != nil {
		t.Fatal(err)
	}
	if err := challenge.Verify(NewSecret(rfc7636Verifier)); err != nil {
		t.Error(err)
	}
	if got := ChallengeOf(rfc7636Verifier); got != challenge {
		t.Errorf("ChallengeOf = %+v, want %+v", got, challenge)
	}
}

func TestRFC9700_2_1_1_PKCECannotBeDowngraded(t *testing.T) {
	good := Challenge{Value: rfc7636Challenge, Method: MethodS256}
	for name, test := range map[string]struct {
		challenge Challenge
		verifier  string
		want      Code
	}{
		"no challenge and no verifier is for the caller to judge": {Challenge{}, "", ""},
		"the right verifier passes":                               {good, rfc7636Verifier, ""},
		"a challenge without verifier is refused":                 {good, "", CodeInvalidGrant},
		"a verifier without challenge is refused":                 {Challenge{}, rfc7636Verifier, CodeInvalidGrant},
		"another verifier is refused":                             {good, strings.Repeat("a", 43), CodeInvalidGrant},
		"a verifier of 42 characters is refused":                  {ChallengeOf(strings.Repeat("a", 42)), strings.Repeat("a", 42), CodeInvalidGrant},
		"a verifier of 128 characters passes":                     {ChallengeOf(strings.Repeat("a", 128)), strings.Repeat("a", 128), ""},
		"a verifier of 129 characters is refused":                 {ChallengeOf(strings.Repeat("a", 129)), strings.Repeat("a", 129), CodeInvalidGrant},
		"a verifier outside the charset is refused":               {ChallengeOf(strings.Repeat("+", 43)), strings.Repeat("+", 43), CodeInvalidGrant},
		// An attacker who could store method plain would send the challenge itself.
		"a stored plain challenge is met by nothing":   {Challenge{rfc7636Verifier, "plain"}, rfc7636Verifier, CodeInvalidGrant},
		"a stored challenge without method is refused": {Challenge{rfc7636Verifier, ""}, rfc7636Verifier, CodeInvalidGrant},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CodeOf(test.challenge.Verify(NewSecret(test.verifier))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseChallengeTakesS256Only(t *testing.T) {
	for name, test := range map[string]struct {
		value, method string
		want          Code
	}{
		"S256":                               {rfc7636Challenge, "S256", ""},
		"neither":                            {"", "", ""},
		"plain":                              {rfc7636Challenge, "plain", CodeInvalidRequest},
		"a missing method means plain":       {rfc7636Challenge, "", CodeInvalidRequest},
		"methods have case":                  {rfc7636Challenge, "s256", CodeInvalidRequest},
		"a method alone":                     {"", "S256", CodeInvalidRequest},
		"too short":                          {rfc7636Challenge[1:], "S256", CodeInvalidRequest},
		"too long":                           {rfc7636Challenge + "A", "S256", CodeInvalidRequest},
		"padded":                             {rfc7636Challenge + "=", "S256", CodeInvalidRequest},
		"stray bits in the last character":   {rfc7636Challenge[:42] + "N", "S256", CodeInvalidRequest},
		"a line break that base64 overlooks": {rfc7636Challenge[:20] + "\n" + rfc7636Challenge[20:], "S256", CodeInvalidRequest},
		"the other base64 alphabet":          {strings.Replace(rfc7636Challenge, "-", "+", 1), "S256", CodeInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseChallenge(test.value, test.method); CodeOf(err) != test.want {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
