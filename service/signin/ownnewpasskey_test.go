package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

const ownHost = "id.harbourlight.test"

// made is what an authenticator answers to an offer.
func made(t *testing.T, c *passkeytest.Credential, offer signin.NewPasskey) signin.GivenPasskey {
	t.Helper()
	c.UserHandle = offer.Request.Handle
	return signin.GivenPasskey{Sealed: offer.Sealed, Made: string(c.Attest(t, offer.Request.Challenge, signintest.URL)), Label: "  Dana's\tphone \u202e"}
}

func TestAPasskeyIsMadeAndSignsInByItself(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	me := who(t, b)
	offer, err := w.SignIn.OfferPasskey(t.Context(), w.Live, me, b.Visit(""), false)
	if err != nil || offer.Request.RPID != ownHost || !offer.Request.Alone || offer.Request.Name != "dana@mail.test" {
		t.Fatalf("offered %+v, %v", offer.Request, err)
	}
	c := passkeytest.New(t, passkeytest.ES256, ownHost)
	given := made(t, c, offer)
	if codes, err := w.SignIn.AddPasskey(t.Context(), w.Live, me, b.Visit(""), given); err != nil || codes != nil {
		t.Fatalf("added with %v, %v", codes, err)
	}
	ways, err := w.SignIn.Ways(t.Context(), w.Live, me)
	if err != nil || len(ways.Passkeys) != 1 || ways.Passkeys[0].Label != "Dana's phone" || !ways.Passkeys[0].Alone || !ways.Passkeys[0].Usable {
		t.Fatalf("ways are %+v, %v", ways, err)
	}
	if events := w.Events(audit.FactorEnrolled); len(events) != 1 {
		t.Errorf("the ledger says %+v", events)
	}
	other := w.Browser()
	ticket := other.Ticket()
	goesOn(t, other.Passkey(ticket, "", c.Assert(t, asked(t, other.Open(ticket)), signintest.URL)))

	if _, err := w.SignIn.AddPasskey(t.Context(), w.Live, me, b.Visit(""), given); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("once more: %v", err)
	}
	if err := w.SignIn.RemovePasskey(t.Context(), w.Live, me, b.Visit(""), ways.Passkeys[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SignIn.AddPasskey(t.Context(), w.Live, me, b.Visit(""), given); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("once more, after it was removed: %v", err)
	}
}

func TestAPasskeyOfSomebodyElseIsNotTakenOver(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	rob := w.Customer("rob", "")
	b := browsers(t, w, 1)[0]
	c := passkeytest.New(t, passkeytest.ES256, ownHost)
	w.Passkey(rob, c, nil)
	offer, err := w.SignIn.OfferPasskey(t.Context(), w.Live, who(t, b), b.Visit(""), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.SignIn.AddPasskey(t.Context(), w.Live, who(t, b), b.Visit(""), made(t, c, offer)); !errors.Is(err, signin.ErrHasPasskey) {
		t.Errorf("got %v", err)
	}
}

func TestAnOfferOfAPasskeyCountsInItsSessionInItsTime(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	all := browsers(t, w, 2)
	offer, err := w.SignIn.OfferPasskey(t.Context(), w.Live, who(t, all[0]), all[0].Visit(""), false)
	if err != nil {
		t.Fatal(err)
	}
	c := passkeytest.New(t, passkeytest.ES256, ownHost)
	add := func(b *signintest.Browser, g signin.GivenPasskey) error {
		return second(w.SignIn.AddPasskey(t.Context(), w.Live, who(t, b), b.Visit(""), g))
	}
	if err := add(all[1], made(t, c, offer)); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("in another session: %v", err)
	}
	elsewhere := made(t, c, offer)
	elsewhere.Made = string(c.Attest(t, offer.Request.Challenge, "https://evil.test"))
	if err := add(all[0], elsewhere); !errors.Is(err, signin.ErrNotMade) {
		t.Errorf("made on another page: %v", err)
	}
	weak := *c
	weak.Flags = passkeytest.Present
	if err := add(all[0], made(t, &weak, offer)); !errors.Is(err, signin.ErrNotMade) {
		t.Errorf("made without a look at who it is: %v", err)
	}
	for _, text := range []string{"", "{}", "x", strings.Repeat("a", 64<<10)} {
		if err := add(all[0], signin.GivenPasskey{Sealed: offer.Sealed, Made: text}); !errors.Is(err, signin.ErrNotMade) {
			t.Errorf("%d bytes of nothing: %v", len(text), err)
		}
	}
	w.Pass(5 * time.Minute)
	if err := add(all[0], made(t, c, offer)); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("too late: %v", err)
	}
	w.Pass(6 * time.Minute)
	if _, err := w.SignIn.OfferPasskey(t.Context(), w.Live, who(t, all[0]), all[0].Visit(""), false); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("long after signing in: %v", err)
	}
}

func TestASecurityKeyStandsBehindThePasswordAndBringsRecoveryCodes(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	if _, err := w.SignIn.OfferPasskey(t.Context(), w.Live, who(t, b), b.Visit(""), true); !errors.Is(err, signin.ErrNoApp) {
		t.Errorf("where nothing is asked for behind the password: %v", err)
	}
	w.AskForCodes("enrolled")
	offer, err := w.SignIn.OfferPasskey(t.Context(), w.Live, who(t, b), b.Visit(""), true)
	if err != nil || offer.Request.Alone {
		t.Fatalf("offered %+v, %v", offer.Request, err)
	}
	c := passkeytest.New(t, passkeytest.ES256, ownHost)
	c.Flags = passkeytest.Present
	codes, err := w.SignIn.AddPasskey(t.Context(), w.Live, who(t, b), b.Visit(""), made(t, c, offer))
	if err != nil || len(codes) != 10 {
		t.Fatalf("added with %v, %v", codes, err)
	}
	if err := w.SignIn.Fresh(t.Context(), w.Live, who(t, b), signin.FreshFor); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("a password alone is fresh still: %v", err)
	}
}

func TestLabelsAreWhatCanBeSeen(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "  Work  laptop ": "Work laptop", "a\x00b\u202ec\nd": "abc d", "\xff": "", strings.Repeat("é", 200): strings.Repeat("é", signin.MaxLabel), strings.Repeat("x", 64<<10): "",
	} {
		if got := signin.Label(text); got != want {
			t.Errorf("Label(%.20q) = %q", text, got)
		}
	}
}
