package directory_test

import (
	"errors"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

func TestOnlyAProvenAddressOfTheirOwnComesFirst(t *testing.T) {
	w := newTown(t)
	dana, rob := w.person("dana"), w.person("rob")
	self := audit.Customer(dana.String())
	prove := func(id customer.ID, kind customer.IdentifierKind, value string) {
		t.Helper()
		_, err := w.Prove(t.Context(), w.live, id, kind, value, "US", directory.ProvedByCode, audit.Customer(id.String()))
		w.ok(err)
	}
	first := func(kind customer.IdentifierKind, value string) error {
		return w.ChooseFirst(t.Context(), w.live, dana, kind, value, "US", self)
	}
	prove(dana, customer.Email, "b@mail.test")
	w.now = w.now.Add(time.Minute)
	prove(dana, customer.Email, "a@mail.test")
	prove(rob, customer.Email, "rob@work.test")
	_, err := w.Add(t.Context(), w.live, dana, customer.Email, "said@mail.test", "", self)
	w.ok(err)
	is := func(want string) {
		t.Helper()
		p, err := w.Show(t.Context(), w.live.ID, dana)
		w.ok(err)
		if got, _ := customer.First(p.Identifiers, customer.Email); got.Value != want {
			t.Errorf("%s comes first, want %s", got.Value, want)
		}
	}
	is("dana@mail.test") // nobody becomes the first by proving one more
	w.told.notices = nil
	w.ok(first(customer.Email, "dana@mail.test"))
	if len(w.told.notices) != 0 {
		t.Errorf("of what was so already are told %+v", w.told.notices)
	}
	w.ok(first(customer.Email, " A@Mail.test "))
	is("a@mail.test")
	if len(w.told.notices) != 1 || w.told.notices[0].What != message.FirstAddress || len(w.told.notices[0].Addresses) < 2 {
		t.Errorf("told are %+v", w.told.notices)
	}
	w.is(first(customer.Email, "said@mail.test"), directory.ErrUnproven)
	w.is(first(customer.Email, "rob@work.test"), store.ErrNotFound)
	w.is(first(customer.Phone, "+12125550142"), store.ErrNotFound)
	for kind, odd := range map[customer.IdentifierKind]string{customer.Username: "dana", customer.Email: "x", "shoe": "44"} {
		var field *directory.FieldError
		if err := first(kind, odd); !errors.As(err, &field) {
			t.Errorf("%s %s: %v", kind, odd, err)
		}
	}
	is("a@mail.test")
	w.ok(w.Remove(t.Context(), w.live, dana, customer.Email, "a@mail.test", "", self))
	is("dana@mail.test")
}
