package environment

import (
	"testing"

	"sallyport/pure/config"
)

func TestOnlyJourneysThatWereWalkedAsTheyAreArePassedOver(t *testing.T) {
	journeys := func(step string) map[string]*config.Journey {
		return map[string]*config.Journey{"in": {Purpose: "sign-in", Steps: []config.StepSpec{{Name: "who", Ask: "identifier"}, {Name: step, Ask: "password"}}}}
	}
	var w walked
	w.remember(journeys("first"))
	if !w.knows(journeys("first")) {
		t.Error("journeys that were walked are walked again")
	}
	if w.knows(journeys("another")) || w.knows(nil) {
		t.Error("journeys that nobody walked are taken for sound")
	}
	for range mostWalked {
		w.remember(journeys("second"))
	}
	if w.knows(journeys("first")) || len(w.sound) != mostWalked {
		t.Error("it remembers without bound")
	}
}
