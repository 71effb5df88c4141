package verify_test

import (
	"errors"
	"testing"
	"time"

	"sallyport/service/verify"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
)

// recall tells of revisions 3 to 5 that gave an application too much.
func recall(w *verifytest.World, server, application string, scopes ...string) {
	now := w.Now()
	r := store.Recall{Server: server, Application: application, Scopes: scopes, From: 3, To: 5, Since: now.Add(-time.Hour), At: now}
	w.Publish(store.CellsRecalled, r.Entry().Subject)
}

func TestWhatWasIssuedForARecalledCellIsDead(t *testing.T) {
	for _, test := range []struct {
		name   string
		recall func(*verifytest.World)
		change func(claims map[string]any)
		dead   bool
	}{
		{"its scope", func(w *verifytest.World) { recall(w, "partners", "payright", "payments.write.posting") }, nil, true},
		{"everything it was issued", func(w *verifytest.World) { recall(w, "partners", "payright") }, nil, true},
		{"the last revision", func(w *verifytest.World) { recall(w, "partners", "payright") }, func(c map[string]any) { c["rev"] = 5 }, true},
		{"another scope", func(w *verifytest.World) { recall(w, "partners", "payright", "payments.read.posting") }, nil, false},
		{"another application", func(w *verifytest.World) { recall(w, "partners", "sunshare") }, nil, false},
		{"another server", func(w *verifytest.World) { recall(w, "apps", "payright") }, nil, false},
		{"from before", func(w *verifytest.World) { recall(w, "partners", "payright") }, func(c map[string]any) { c["rev"] = 2 }, false},
		{"from after", func(w *verifytest.World) { recall(w, "partners", "payright") }, func(c map[string]any) { c["rev"] = 6 }, false},
		// An earlier release wrote no revision: the clock tells, on the safe side.
		{"without a revision", func(w *verifytest.World) { recall(w, "partners", "payright") }, func(c map[string]any) { delete(c, "rev") }, true},
		// What nobody can read may have been about anything.
		{"a recall that cannot be read", func(w *verifytest.World) { w.Publish(store.CellsRecalled, "{") }, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			claims := w.Claims("partners", "payright", "payments.write.posting")
			claims["rev"] = 4
			if test.change != nil {
				test.change(claims)
			}
			tokens := []string{w.Sign("partners", claims), w.Seal("partners", claims)}
			for _, token := range tokens {
				if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token); err != nil {
					t.Fatal(err) // and from now on it is remembered
				}
			}
			test.recall(w)
			for _, token := range tokens {
				_, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token)
				var refused *verify.Refusal
				if dead := errors.As(err, &refused) && refused.Check == verify.Revocation; dead != test.dead {
					t.Errorf("%.12s…: %v", token, err)
				}
			}
		})
	}
}

func TestAPersonsTokenIsRecalledLikeAMachines(t *testing.T) {
	w := newWorld(t)
	claims := verifytest.Person(w.Claims("apps", "portal", "billing.write.payment"), "cus_1", store.GrantID{7}, store.SessionID{8})
	claims["rev"] = 3
	recall(w, "apps", "portal", "billing.write.payment")
	wantCheck(t, w, "apps", w.Sign("apps", claims), verify.Revocation)
}
