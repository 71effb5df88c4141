package code_test

import (
	"errors"
	"fmt"
	"testing"

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
