package journey

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/pure/config"
)

func configured(asks ...string) *config.Journey {
	c := &config.Journey{Meta: config.Meta{Name: "sign-in"}, Purpose: "sign-in", Session: config.Duration(12 * time.Hour)}
	for _, ask := range asks {
		ask, when, _ := strings.Cut(ask, " ")
		c.Steps = append(c.Steps, config.StepSpec{Name: ask, Ask: ask, When: when})
	}
	return c
}

// journeys are all that can be configured, but for their names and times.
func journeys(t testing.TB) map[string]*Journey {
	t.Helper()
	all := map[string]*Journey{"default": Default()}
	for _, when := range []string{"always", "enrolled"} {
		j, err := Compile(configured("identifier", "password", "totp "+when))
		if err != nil {
			t.Fatal(err)
		}
		all[when] = j
	}
	return all
}

func TestEveryStateCanBeReachedAndCanEnd(t *testing.T) {
	for name, j := range journeys(t) {
		if err := Check(j); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckFindsAJourneyWithoutAnEnd(t *testing.T) {
	for name, asks := range map[string][]Ask{
		"nobody is asked for a secret":  {Identifier, Identifier},
		"a step that nothing leads to":  {Identifier, Password, Password},
		"the secret before the name":    {Password, Identifier},
		"a step asks for nothing known": {Identifier, "tea"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Check(&Journey{asks: asks}); !errors.Is(err, ErrJourney) {
				t.Errorf("got %v, want ErrJourney", err)
			}
		})
	}
}

func TestJourneysThatDoNotSignInAreRefused(t *testing.T) {
	for _, asks := range [][]string{
		nil,
		{"identifier"},
		{"password", "identifier"},
		{"identifier", "password", "password"},
		{"identifier", "tea"},
		{"identifier", "totp"},
		{"identifier", "totp", "password"},
		{"identifier", "password", "totp", "totp"},
	} {
		if _, err := Compile(configured(asks...)); !errors.Is(err, ErrSteps) {
			t.Errorf("%v: got %v, want ErrSteps", asks, err)
		}
	}
}

func TestEqualJourneysHaveEqualDigests(t *testing.T) {
	compile := func(c *config.Journey) Digest {
		j, err := Compile(c)
		if err != nil {
			t.Fatal(err)
		}
		return j.Digest()
	}
	if compile(configured("identifier", "password")) != Default().Digest() {
		t.Error("the configured journey differs from the default one, though it says the same")
	}
	longer := configured("identifier", "password")
	longer.Session *= 2
	if compile(longer) == Default().Digest() {
		t.Error("another session life leaves the digest as it was")
	}
	always := compile(configured("identifier", "password", "totp always"))
	if always == compile(configured("identifier", "password", "totp enrolled")) || always != compile(configured("identifier", "password", "totp")) {
		t.Error("when a code is asked for does not tell digests apart, or it is not always where nothing is said")
	}
}

// A revision may change the journey under the feet of those on the way.
func TestAStateOfAnotherJourneyStartsAfreshWithWhatWasTyped(t *testing.T) {
	longer := configured("identifier", "password")
	longer.Session *= 2
	other, err := Compile(longer)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := Step(Default(), State{}, IdentifierGiven{"dana"})
	for _, e := range []Event{Begin{}, PasswordGiven{Of: "dana"}, Back{}} {
		s, effects := Step(other, s, e)
		page, ok := effects[0].(ShowPage)
		if !ok || page.Page != IdentifierPage || page.Identifier != "dana" || page.Problem != Interrupted {
			t.Errorf("%T shows %+v, want the identifier page with dana, interrupted", e, effects)
		}
		if s.journey != other.Digest() {
			t.Errorf("%T leaves the state with the old journey", e)
		}
	}
	if s, _ := Step(other, s, IdentifierGiven{"dana"}); s.step != 1 {
		t.Error("giving the identifier again does not lead on")
	}
}

func TestIdentifiersAreTrimmedAndBounded(t *testing.T) {
	tests := []struct {
		name, typed, want string
		problem           Problem
	}{
		{"spaces around it are not the customer's", "\t dana \n", "dana", ""},
		{"spaces alone are nothing", "   ", "", IdentifierMissing},
		{"as long as an address can be", strings.Repeat("d", MaxIdentifier), strings.Repeat("d", MaxIdentifier), ""},
		{"longer is not kept", strings.Repeat("d", MaxIdentifier+1), "", IdentifierTooLong},
		{"bytes that are no text become one that shows so", "d\xffna", "d\ufffdna", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, effects := Step(Default(), State{}, IdentifierGiven{test.typed})
			page := effects[0].(ShowPage)
			if s.Identifier() != test.want || page.Problem != test.problem {
				t.Errorf("got %q with %q, want %q with %q", s.Identifier(), page.Problem, test.want, test.problem)
			}
		})
	}
}

// Whatever sequence of events arrives, a session starts only right behind a
// match that was asked for by a check that was asked for by an allowed attempt.
func TestNoSequenceOfEventsSkipsAStep(t *testing.T) {
	all := journeys(t)
	rapid.Check(t, func(t *rapid.T) {
		j, s := all[rapid.SampledFrom([]string{"default", "always", "enrolled"}).Draw(t, "journey")], State{}
		allowed, checks, codes, passkeys := 0, 0, 0, 0
		for _, e := range rapid.SliceOf(rapid.SampledFrom(alphabet())).Draw(t, "events") {
			var effects []Effect
			s, effects = Step(j, s, e)
			for _, effect := range effects {
				switch effect := effect.(type) {
				case ReserveAttempts:
					allowed++
				case CheckPassword:
					if checks++; checks+codes+passkeys > allowed {
						t.Fatal("more checks than reservations")
					}
				case CheckCode:
					if codes++; checks+codes+passkeys > allowed || checks == 0 {
						t.Fatal("more checks than reservations, or a code before the password")
					}
				case CheckPasskey:
					if passkeys++; checks+codes+passkeys > allowed || effect.Second && checks == 0 {
						t.Fatal("more checks than reservations, or a second factor before the first")
					}
				case StartSession:
					if passkeys > 0 {
						continue // Check says when
					}
					if checks == 0 || effect.Assurance == "mfa" && codes == 0 || effect.Assurance == "pwd" && j.always {
						t.Fatal("a session without its checks")
					}
				}
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	s, _ := Step(Default(), State{}, IdentifierGiven{"dana"})
	f.Add(s.Encode())
	f.Add(State{}.Encode())
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x83, 'd'})
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x60, 'd'})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		s, err := Decode(encoded)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatalf("got %v, want ErrEncoding", err)
			}
			return
		}
		if !bytes.Equal(s.Encode(), encoded) {
			t.Errorf("%x decodes, but encodes as %x", encoded, s.Encode())
		}
		if _, effects := Step(Default(), s, Begin{}); len(effects) != 1 {
			t.Errorf("resuming shows %+v", effects)
		}
	})
}
