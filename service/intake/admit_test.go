package intake_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// fields are what a running system says about a customer of [line].
func fields(key string) map[string]string {
	return map[string]string{"no": key, "login": "customer." + key, "email": "c" + key + "@harbourlight.test", "ok": "Y", "name": "Customer " + key, "state": "A"}
}

// arrival is somebody whose password, "new-" and the key, was just proved.
func arrival(t testing.TB, key string, change ...func(map[string]string)) intake.Arrival {
	t.Helper()
	encoded, err := passhash.New(rand.Reader, []byte("new-"+key), cheap)
	if err != nil {
		t.Fatal(err)
	}
	said := fields(key)
	for _, c := range change {
		c(said)
	}
	p := plan(t)
	return intake.Arrival{Env: env, Plan: p, Record: p.Record(said), Encoded: encoded, Way: store.WayJIT}
}

func admitting(t testing.TB, s *intake.Service, a intake.Arrival) intake.Admission {
	t.Helper()
	admission, err := s.Admit(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return admission
}

func heldFor(t testing.TB, s *intake.Service, a intake.Arrival) migrate.Reason {
	t.Helper()
	var held *intake.HeldError
	if admission, err := s.Admit(t.Context(), a); !errors.As(err, &held) {
		t.Fatalf("admitted %+v, %v", admission, err)
	}
	return held.Reason
}

func TestOnePersonComesWithAllTheyHave(t *testing.T) {
	s := open(t)
	svc := service(s)
	admission := admitting(t, svc, arrival(t, "5"))
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Email, "c5@harbourlight.test")
	if err != nil || person.Customer.ID != admission.Customer || admission.State != store.RecordImported || admission.Known {
		t.Fatalf("admitted %+v, found %+v, %v", admission, person, err)
	}
	if !verifies(t, person, "new-5") || person.Credential.Weak || person.Credential.Updated.IsZero() {
		t.Errorf("credential %+v", person.Credential)
	}
	again := admitting(t, svc, arrival(t, "5"))
	if !again.Known || again.Customer != admission.Customer {
		t.Errorf("the second time: %+v", again)
	}
	ways, err := s.RecordWays(t.Context(), env, "meterman")
	if diff := cmp.Diff(map[store.StateWay]int64{{State: store.RecordImported, Way: store.WayJIT}: 1}, ways); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	found, err := svc.LookUp(t.Context(), env, "meterman", "5")
	if err != nil || found.Way != "jit" || found.Customer != admission.Customer.String() {
		t.Errorf("the ledger has %+v, %v", found, err)
	}
	if _, err := svc.LookUp(t.Context(), env, "meterman", "6"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody it has %v", err)
	}
}

func TestOfManyWhoBringOneRecordOneMakesTheCustomer(t *testing.T) {
	s := open(t)
	svc := service(s)
	var all sync.WaitGroup
	ids := make([]customer.ID, 8)
	for i := range ids {
		a := arrival(t, "7")
		all.Go(func() {
			admission, err := svc.Admit(t.Context(), a)
			if err != nil {
				t.Error(err)
			}
			ids[i] = admission.Customer
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("several customers: %v", ids)
		}
	}
}

func TestWhoCannotComeIsHeldWithAReasonOnce(t *testing.T) {
	s := open(t)
	svc := service(s)
	admitting(t, svc, arrival(t, "1"))
	importing(t, svc, export(3)) // holds x3 to x5 and x7 as duplicates
	for name, c := range map[string]struct {
		arrival intake.Arrival
		want    string
	}{
		"somebody has the address": {
			arrival(t, "n1", func(f map[string]string) { f["email"] = "c1@harbourlight.test" }), "held duplicate-identifier",
		},
		"nothing to sign in by": {arrival(t, "n2", func(f map[string]string) { f["login"], f["email"] = "", "" }), "held missing-field"},
		"left out by the plan":  {arrival(t, "n3", func(f map[string]string) { f["state"] = "D" }), "dropped dormant"},
		"several records claim the address, and a password proves none of them": {
			arrival(t, "x3", func(f map[string]string) { f["login"], f["email"] = "shared.a", "shared@x.test" }), "held duplicate-identifier",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				reason := heldFor(t, svc, c.arrival)
				key := migrate.Map(c.arrival.Plan, c.arrival.Record).Key
				if got := state(t, s, key); got != c.want || !strings.HasSuffix(got, string(reason)) {
					t.Errorf("%s is %q for %q, want %q", key, got, reason, c.want)
				}
				if lines, err := s.LedgerLines(t.Context(), env, "meterman", key); len(lines) != 1 || err != nil {
					t.Errorf("%d lines, %v", len(lines), err)
				}
			}
		})
	}
}

func TestWhoseHashNobodyKnowsComesByTheirPassword(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, header+"x2,broken,b@x.test,Y,,A,12ab,s\n")
	if got := state(t, s, "x2"); got != "held broken-hash" {
		t.Fatalf("x2 is %s", got)
	}
	admitting(t, svc, arrival(t, "x2", func(f map[string]string) { f["hash"], f["salt"] = "12ab", "s" }))
	if got := state(t, s, "x2"); got != "imported" {
		t.Errorf("x2 is %s", got)
	}
}

func TestWithoutAPasswordTheEarlierSystemGoesOnChecking(t *testing.T) {
	s := open(t)
	svc := service(s)
	a := arrival(t, "3")
	encoded := a.Encoded
	a.Encoded, a.Way = "", store.WayClaim
	first := admitting(t, svc, a)
	if first.State != store.RecordStaged || state(t, s, "3") != "staged no-password" {
		t.Fatalf("%+v, %s", first, state(t, s, "3"))
	}
	a.Encoded, a.Way = encoded, store.WayJIT
	second := admitting(t, svc, a)
	if second.Customer != first.Customer || second.State != store.RecordImported || second.Known || state(t, s, "3") != "imported" {
		t.Fatalf("%+v, %s", second, state(t, s, "3"))
	}
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "customer.3")
	if err != nil || !verifies(t, person, "new-3") {
		t.Errorf("%+v, %v", person, err)
	}
}

func TestAWayIsNeeded(t *testing.T) {
	for _, way := range []store.RecordWay{"", store.WayBulk} {
		a := arrival(t, "1")
		a.Way = way
		if _, err := service(open(t)).Admit(t.Context(), a); !errors.Is(err, intake.ErrWay) {
			t.Errorf("by %q: %v", way, err)
		}
	}
}
