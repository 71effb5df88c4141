package crash

import "testing"

// cutWrap cuts a server while it wraps imported weak hashes in the background. It
// begins some seconds after it started.
func cutWrap(t testing.TB, w world, cut string) (reached bool) {
	h, at := w.peopled.copy(t), newAddress(t)
	n, alive := h.serve(t, at, cut)
	if alive {
		await(t, "every weak hash is wrapped", func() bool { return n.endsSoon() || n.wrapped(t, h) == customers })
		if !n.gone() && !n.leave(t) {
			return false
		}
	}
	again := h.start(t, at)
	await(t, "every weak hash is wrapped after a crash", func() bool {
		return again.endsSoon() || again.wrapped(t, h) == customers
	})
	whose := map[string]bool{}
	for _, e := range h.events(t, "type:credential.wrapped") {
		whose[e.Customer] = true
	}
	if len(whose) != customers {
		t.Errorf("hashes of %d customers were wrapped, want %d", len(whose), customers)
	}
	again.caller(h).signIn(t) // with a password that was wrapped
	h.soundLedger(t)
	return true
}

// wrapped counts the hashes that are wrapped. A server that dies while it is asked is
// no failure of a command: then there are none.
func (n *node) wrapped(t testing.TB, h home) (hashes int) {
	t.Helper()
	_, failure := attempt(t, func(t testing.TB) bool {
		hashes = len(h.events(t, "type:credential.wrapped"))
		return true
	})
	if failure != "" && !n.endsSoon() {
		t.Fatal(failure)
	}
	return hashes
}
