package claim_test

import (
	"fmt"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/claim"
)

// Whoever has an account knows how to prove it, and must not begin anew at the accounts
// of others by doing so.
func TestWhoClaimsWhatTheyHaveGetsNoFurtherGuesses(t *testing.T) {
	w := newWorld(t, inTable)
	mallory := w.somebody(t, "mallory", "", "")
	own := map[string]string{"postcode": "AB12CE", "last-bill": "19"}
	if a := w.claim(t, mallory, "HL-2", own); a.Outcome != claim.Linked {
		t.Fatalf("her own account: %+v", a)
	}
	compared := 0
	for i := range 20 {
		if a := w.claim(t, mallory, fmt.Sprintf("HL-%d", 10+i), right); a.Outcome == claim.Refused {
			compared++
		}
		w.claim(t, mallory, "HL-2", own)
	}
	if compared > 5 {
		t.Errorf("%d guesses at accounts of others were compared", compared)
	}
}

func TestGuessesBeyondTheLimitDoNotFillTheLedger(t *testing.T) {
	w := newWorld(t, inTable)
	mallory := w.somebody(t, "mallory", "", "")
	for i := range 60 {
		w.claim(t, mallory, fmt.Sprintf("HL-%d", 10+i), right)
	}
	if n := len(w.Events(audit.AccountHeld)) + len(w.Events(audit.AccountUnproven)); n > 10 {
		t.Errorf("60 guesses left %d events, want no more than 5 that were compared and 5 that wait", n)
	}
}

func TestOneSubscriberIsOneSourceWhateverAddressTheyChoose(t *testing.T) {
	w := newWorld(t, inTable)
	compared := 0
	for i := range 60 {
		bot := w.somebody(t, fmt.Sprintf("bot%d", i), "", "")
		bot.Address = fmt.Sprintf("2001:db8::%x", i+1)
		if a := w.claim(t, bot, fmt.Sprintf("HL-%d", 10+i), right); a.Outcome == claim.Refused {
			compared++
		}
	}
	if compared > 50 {
		t.Errorf("%d guesses of one network were compared", compared)
	}
}
