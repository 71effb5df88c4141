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

func configured(asks ...string) *config.Journey { return configuredFor("sign-in", asks...) }

// configuredFor reads steps such as "totp enrolled", "password or-code" and "profile skip".
func configuredFor(purpose string, asks ...string) *config.Journey {
	c := &config.Journey{Meta: config.Meta{Name: purpose}, Purpose: purpose, Session: config.Duration(12 * time.Hour)}
	for _, ask := range asks {
		ask, how, _ := strings.Cut(ask, " ")
		step := config.StepSpec{Name: ask, Ask: ask}
		switch how {
		case "or-code":
			step.Or = "code"
		case "skip":
			step.Skip = true
		default:
			step.When = how
		}
		c.Steps = append(c.Steps, step)
	}
	return c
}

// ruledBy is a journey whose second factor has a rule of each outcome.
func ruledBy(second string, outcomes ...string) *config.Journey {
	c := configured("identifier", "password", second)
	for _, when := range outcomes {
		c.Steps[2].Rules = append(c.Steps[2].Rules, config.FactorRule{For: config.FactorsFor{Risk: []string{"new-device"}}, When: when})
	}
	return c
}

// journeys are one of each kind that can be configured.
func journeys(t testing.TB) map[string]*Journey {
	t.Helper()
	all := map[string]*Journey{"default": Default()}
	registration := configuredFor("registration", "identifier", "verify", "new-password", "totp always", "claim skip", "terms", "access")
	for name, c := range map[string]*config.Journey{
		"always":          configured("identifier", "password", "totp always"),
		"enrolled":        configured("identifier", "password", "totp enrolled"),
		"by-code":         configured("identifier", "verify", "totp enrolled"),
		"or-code":         configured("identifier", "password or-code", "terms"),
		"tasks":           configured("identifier", "password", "totp enrolled", "terms", "profile skip", "questions skip"),
		"registration":    registration,
		"recovery":        configuredFor("recovery", "identifier", "verify", "totp enrolled", "questions", "new-password"),
		"rules":           ruledBy("totp enrolled", "always", "never"),
		"rules-of-always": ruledBy("totp always", "always"),
		"rules-that-ask":  ruledBy("totp always", "enrolled", "always"),
	} {
		j, err := Compile(c)
		if err != nil {
			t.Fatal(name, err)
		}
		all[name] = j
	}
	unfinished, err := CompileWith(configured("identifier", "password", "totp enrolled", "terms"), registration)
	if err != nil {
		t.Fatal(err)
	}
	all["unfinished"] = unfinished
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
	for name, steps := range map[string][]step{
		"nobody is asked for a secret":       {{ask: Identifier}, {ask: Identifier}},
		"a step that nothing leads to":       {{ask: Identifier}, {ask: Password}, {ask: Password}},
		"the secret before the name":         {{ask: Password}, {ask: Identifier}},
		"a step asks for nothing known":      {{ask: Identifier}, {ask: "tea"}},
		"a task before anybody is proved":    {{ask: Identifier}, {ask: Terms, name: "terms"}},
		"two factors with a task in between": {{ask: Identifier}, {ask: Password}, {ask: Identifier}, {ask: TOTP}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Check(&Journey{purpose: SignIn, steps: steps}); !errors.Is(err, ErrJourney) {
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
		{"identifier", "password", "terms", "totp"},
		{"identifier", "password", "new-password"},
		{"identifier", "password", "password"},
		{"identifier", "terms"},
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

// Who proved who they are under a journey that changed meanwhile is led on by the new
// one, and not asked again; unless it asks for another proof.
func TestWhatWasProvedCountsUnderAChangedJourney(t *testing.T) {
	all := journeys(t)
	s := State{}
	for _, e := range []Event{IdentifierGiven{"dana"}, PasswordGiven{Of: "dana"}, AttemptAllowed{}, PasswordChecked{Verdict: Match}, FactorsFound{Enrolled: true}} {
		s, _ = Step(all["enrolled"], s, e)
	}
	to, effects := Step(all["always"], s, CodeGiven{})
	if _, looks := effects[0].(LookUpFactors); !looks || !to.Proven() {
		t.Errorf("a password that was proved leads to %+v", effects)
	}
	to, effects = Step(all["recovery"], s, CodeGiven{})
	if page, shows := effects[0].(ShowPage); !shows || page.Page != IdentifierPage || page.Identifier != "dana" || to.Proven() {
		t.Errorf("a password counts as the address that is to be verified: %+v", effects)
	}
}

// A look that failed in the middle of a request leaves nobody at a page that is not
// theirs.
func TestWhoComesBackAfterAFailedLookIsLookedUpAgain(t *testing.T) {
	j := journeys(t)["enrolled"]
	s := State{}
	for _, e := range []Event{IdentifierGiven{"dana"}, PasswordGiven{Of: "dana"}, AttemptAllowed{}, PasswordChecked{Verdict: Match}} {
		s, _ = Step(j, s, e)
	}
	back, err := Decode(s.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []Event{Begin{}, CodeGiven{}, RecoveryGiven{}, CodesKept{}, AnotherWay{}} {
		if _, effects := Step(j, back, e); len(effects) != 1 || effects[0] != (LookUpFactors{}) {
			t.Errorf("%T gives %+v", e, effects)
		}
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
		allowed, checks, codes, passkeys, owed := 0, 0, 0, 0, j.AlwaysTwoFactors()
		for _, e := range rapid.SliceOf(rapid.SampledFrom(alphabet(j))).Draw(t, "events") {
			if _, later := e.(Later); later {
				owed = false // Check says when
			}
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
					if checks == 0 || effect.Assurance == "mfa" && codes == 0 || effect.Assurance == "pwd" && owed {
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
	f.Add([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0x20, 0, 1, 'd'})
	f.Add([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 1, 'd'})
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
