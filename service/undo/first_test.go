package undo_test

import (
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/undo"
)

func (w *world) first(address string, by audit.Actor) {
	w.T.Helper()
	if err := w.people.ChooseFirst(w.T.Context(), w.Live, w.dana, customer.Email, address, "", by); err != nil {
		w.T.Fatal(err)
	}
}

func TestTheAddressThatCameFirstDoesSoAgain(t *testing.T) {
	w := newWorld(t)
	w.prove("work@mail.test")
	w.Pass(60 * 24 * time.Hour) // it has a say by now, and stays
	w.first("work@mail.test", w.self())
	if got := w.held(); got != "work@mail.test! dana@mail.test!" {
		t.Fatalf("the story begins with %s", got)
	}
	w.first("dana@mail.test", w.self())
	done, err := w.takeBack(w.link(message.FirstAddress, "work@mail.test"))
	if err != nil || !done.First || done.Gone != 0 || done.Restored {
		t.Errorf("done is %+v, %v", done, err)
	}
	if got := w.held(); got != "work@mail.test! dana@mail.test!" {
		t.Errorf("she has %s", got)
	}
}

func TestAnAddressThatIsTakenAwayComesFirstNoMore(t *testing.T) {
	w := newWorld(t)
	w.prove("mallory@mail.test")
	w.first("mallory@mail.test", w.self())
	if w.link(message.FirstAddress, "mallory@mail.test") != "" {
		t.Error("the one that comes first may undo it, and was proved a moment ago")
	}
	done, err := w.takeBack(w.link(message.FirstAddress, "dana@mail.test"))
	if err != nil || !done.First || done.Gone != 1 {
		t.Errorf("done is %+v, %v", done, err)
	}
	if got := w.held(); got != "dana@mail.test!" {
		t.Errorf("she has %s", got)
	}
}

func TestAnAddressThatWasRemovedComesBackAsTheFirstThatItWas(t *testing.T) {
	w := newWorld(t)
	w.prove("work@mail.test")
	w.Pass(60 * 24 * time.Hour)
	w.first("work@mail.test", w.self())
	w.remove("work@mail.test", w.self())
	done, err := w.takeBack(w.link(message.AddressRemoved, "work@mail.test"))
	if err != nil || !done.First || !done.Restored {
		t.Errorf("done is %+v, %v", done, err)
	}
	if got := w.held(); got != "work@mail.test! dana@mail.test!" {
		t.Errorf("she has %s", got)
	}
}

func TestWhatOperatorsLetComeFirstIsNotTakenBack(t *testing.T) {
	w := newWorld(t)
	w.prove("work@mail.test")
	w.first("work@mail.test", audit.Operator("rita"))
	if link := w.link(message.FirstAddress, "dana@mail.test"); link != "" {
		t.Errorf("there is a link %s for %v", link, undo.Life)
	}
}
