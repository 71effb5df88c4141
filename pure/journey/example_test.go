package journey_test

import (
	"fmt"

	"sallyport/pure/journey"
)

// A customer gives a name, and then a password that matches.
func ExampleStep() {
	j, state := journey.Default(), journey.State{}
	for _, event := range []journey.Event{
		journey.IdentifierGiven{Typed: "dana"},
		journey.PasswordGiven{Of: "dana"},
		journey.AttemptAllowed{},
		journey.PasswordChecked{Verdict: journey.Match},
	} {
		var effects []journey.Effect
		state, effects = journey.Step(j, state, event)
		for _, effect := range effects {
			fmt.Printf("%T\n", effect)
		}
	}
	fmt.Println("signed in:", state.SignedIn())
	// Output:
	// journey.ShowPage
	// journey.ReserveAttempts
	// journey.CheckPassword
	// journey.UpgradeCredential
	// journey.StartSession
	// signed in: true
}
