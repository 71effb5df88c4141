package journey

import "testing"

func TestTwoFactorsAreOfTwoKinds(t *testing.T) {
	tests := []struct {
		name string
		by   proofs
		want string
	}{
		{"a password", provedPassword, oneFactor},
		{"a password and its mailbox", provedPassword | provedAddress, oneFactor},
		{"a password and a phone", provedPassword | provedText, twoFactors},
		{"a passkey of its owner", provedSoftKey | provedOwner, twoFactors},
		{"a phone, and the password that it let somebody choose", provedText | provedChoice, oneFactor},
		{"a phone that is called, and the same", provedCall | provedChoice, oneFactor},
		{"one phone by both ways, and the same", provedText | provedCall | provedChoice, oneFactor},
		{"a mailbox, and the password that it let somebody choose", provedAddress | provedChoice, oneFactor},
		{"a mailbox, a phone and a chosen password", provedAddress | provedText | provedChoice, twoFactors},
		{"a phone, an app and a chosen password", provedText | provedApp | provedChoice, twoFactors},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.by.assurance(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAPhoneAloneRecoversToOneFactor(t *testing.T) {
	j, err := Compile(configuredFor("recovery", "identifier", "verify", "totp enrolled", "new-password"))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := Step(j, State{}, IdentifierGiven{"dana"})
	var effects []Effect
	for _, e := range []Event{Sent{}, TaskGiven{Step: j.steps[1].name}, AttemptAllowed{}, Performed{Verdict: Match, By: ByText}, FactorsFound{}, Found{Needed: true}, TaskGiven{Step: j.steps[3].name}, Performed{Verdict: Match}} {
		s, effects = Step(j, s, e)
	}
	start, is := effects[0].(StartSession)
	if !is || start.Assurance != oneFactor {
		t.Errorf("got %+v in %+v", effects, s)
	}
}
