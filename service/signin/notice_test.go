package signin_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// teller remembers what it was to tell, and refuses if it is told to.
type teller struct {
	told   []message.Name
	to     []customer.Identifier
	refuse error
}

func (t *teller) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	if t.refuse == nil {
		t.told, t.to = append(t.told, n.What), n.Addresses
	}
	return t.refuse
}

func TestWhoeverEndsTheOtherSessionsIsToldAndAChangeThatNobodyCanBeToldOfIsNone(t *testing.T) {
	notices := &teller{}
	w := signintest.New(t, signintest.URL, func(c *signin.Config) { c.Notices = notices })
	w.Customer("aroha", w.Hash("correct horse battery"))
	other, b := w.Browser(), w.Browser()
	other.SignIn("aroha", "correct horse battery")
	b.SignIn("aroha", "correct horse battery")
	current := who(t, b)
	if n, err := w.SignIn.EndOthers(t.Context(), w.Live, current, b.Visit("")); n != 1 || err != nil {
		t.Fatalf("%d ended, %v", n, err)
	}
	if !slices.Equal(notices.told, []message.Name{message.SignedOut}) {
		t.Errorf("told of %v", notices.told)
	}
	notices.refuse = errors.New("the outbox is full")
	_, err := w.SignIn.ChangePassword(t.Context(), w.Live, current, b.Visit(""), signin.PasswordChange{Old: "correct horse battery", New: "another long phrase"})
	if !errors.Is(err, notices.refuse) {
		t.Errorf("the password was changed: %v", err)
	}
	notices.refuse = nil
	if _, err = w.SignIn.ChangePassword(t.Context(), w.Live, current, b.Visit(""), signin.PasswordChange{Old: "correct horse battery", New: "another long phrase"}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(notices.told, message.PasswordChanged) || len(notices.to) == 0 {
		t.Errorf("told of %v at %v", notices.told, notices.to)
	}
}
