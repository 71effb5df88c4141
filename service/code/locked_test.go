package code_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sallyport/service/code"
)

// Strangers can have codes sent to any number, as who registers or recovers does. Dana,
// who gave her password, still gets hers.
func TestStrangersDoNotUseUpTheCodesOfASecondFactor(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	dana := dana()
	dana.Channel, dana.Purpose = code.SMS, code.Factor
	for name, stranger := range map[string]func(i int) string{
		"to her number":            func(int) string { return "+12125550142" },
		"to the numbers beside it": func(i int) string { return fmt.Sprintf("+1212555%04d", 200+i) },
	} {
		limited := 0
		for i := range code.DefaultLimits.Range.Burst + 5 {
			ask := dana
			ask.Purpose, ask.Subject, ask.Address, ask.Source = code.Verify, fmt.Sprint("stranger", i), stranger(i), from(i)
			_, err := s.Send(t.Context(), w.live, ask)
			if refused := (*code.LimitedError)(nil); errors.As(err, &refused) {
				limited++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if limited == 0 {
			t.Errorf("%s: nothing limits strangers", name)
		}
		dana.Address = "+12125550142"
		if _, err := s.Send(t.Context(), w.live, dana); err != nil {
			t.Errorf("%s: Dana is refused her code: %v", name, err)
		}
	}
}

// Whoever stole a password has texts sent from one place: the owner gets theirs from another
// at once, and on their own device whatever happens elsewhere.
func TestAThiefOfThePasswordDoesNotKeepTheOwnerOut(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	dana := dana()
	dana.Channel, dana.Purpose, dana.Address = code.SMS, code.Factor, "+12125550142"
	ask := func(source code.Source) error {
		ask := dana
		ask.Source = source
		_, err := s.Send(t.Context(), w.live, ask)
		return err
	}
	for range 20 {
		_ = ask(from(1))
	}
	if err := ask(home); err != nil {
		t.Errorf("from another place: %v", err)
	}
	for i := range 60 {
		_ = ask(from(i))
	}
	if wait := w.limited(ask(home)); wait > 5*time.Minute {
		t.Errorf("from everywhere at once the owner waits for %v", wait)
	}
	mine := home
	mine.Device = "danas-laptop"
	if err := ask(mine); err != nil {
		t.Errorf("on her own device: %v", err)
	}
	// Nor does whoever knows her mailbox use up what she gets there.
	dana = code.Ask{Purpose: code.Recovery, Channel: code.Email, Address: "dana@mail.test", Subject: "cus_dana", Known: true}
	dana.Typed.Kind, dana.Typed.Value = "email", "dana@mail.test"
	for i := range 60 {
		_ = ask(from(i))
	}
	if w.limited(ask(home)); ask(mine) != nil {
		t.Error("she gets no code on her own device")
	}
}
