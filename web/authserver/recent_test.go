package authserver_test

import (
	"strings"
	"testing"
	"time"

	"sallyport/service/signin/signintest"
)

// Whoever will take a cookie can have a ticket lie ready from before its session
// began, which that session satisfies. What an application demands of the age of a
// sign-in holds all the same, and nobody is led in circles.
func TestAReadyTicketMakesNoSignInYounger(t *testing.T) {
	h := newHouse(t)
	h.Customer("dana", h.Hash("tractor"))
	h.Apply(h.Live, strings.Replace(signintest.Tree, "name: my-account\n", "name: my-account\nmax_age: 2m\n", 1))
	_, ready := h.authorize()
	h.Pass(time.Second)
	_, page := h.authorize()
	if _, location := h.send(h.password(page), nil); !strings.Contains(location, "code=") {
		t.Fatalf("signing in leads to %q", location)
	}
	h.Pass(time.Minute)
	if _, location := h.authorize(); !strings.Contains(location, "code=") {
		t.Errorf("a sign-in of a minute ago leads to %q", location)
	}
	h.Pass(2 * time.Minute)
	_, back := h.send(ready, nil)
	_, page = h.send(back, nil)
	if !strings.Contains(page, "/signin?t=") {
		t.Fatalf("the ready ticket leads to %q", page)
	}
	if text, location := h.send(page, nil); !strings.Contains(text, `name="username"`) {
		t.Fatalf("nobody is asked: %q", location)
	}
	if _, location := h.send(h.password(page), nil); !strings.Contains(location, "code=") {
		t.Errorf("signing in again leads to %q", location)
	}
}
