package intake_test

import (
	"testing"

	"sallyport/pure/customer"
	"sallyport/service/intake"
	"sallyport/store"
)

func TestWrappedHashesStillTakeTheOldPassword(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, export(8))
	count, err := svc.WrapWeak(t.Context(), env)
	if err != nil || count != (intake.Wrapped{Wrapped: 8}) {
		t.Fatalf("got %+v, %v", count, err)
	}
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "customer.5")
	if err != nil {
		t.Fatal(err)
	}
	if c := person.Credential; c.Weak || c.Scheme != "wrapped-salted-sha1" {
		t.Errorf("credential %+v", c)
	}
	if !verifies(t, person, "old-5") || verifies(t, person, "old-6") {
		t.Error("the old password does not decide")
	}
	if again, err := svc.WrapWeak(t.Context(), env); err != nil || again != (intake.Wrapped{}) {
		t.Errorf("again: %+v, %v", again, err)
	}
}

func TestAnOwnerWhoSignsInWhileTheirHashIsWrappedWins(t *testing.T) {
	s := open(t)
	importing(t, service(s), export(1))
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "customer.0")
	if err != nil {
		t.Fatal(err)
	}
	svc := service(s, func(c *intake.Config) {
		c.Crash = func(point string) {
			if point != intake.BeforeWrap {
				return
			}
			fresh := *person.Credential
			fresh.Scheme, fresh.Weak = "argon2id", false
			if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutCredential(t.Context(), fresh) }); err != nil {
				t.Error(err)
			}
		}
	})
	count, err := svc.WrapWeak(t.Context(), env)
	if err != nil || count != (intake.Wrapped{Overtake: 1}) {
		t.Errorf("got %+v, %v", count, err)
	}
	if c, err := s.Credential(t.Context(), env, person.Customer.ID); err != nil || c.Scheme != "argon2id" {
		t.Errorf("credential %+v, %v", c, err)
	}
}

func TestAHashThatDoesNotOpenStaysAndStopsNobodyElse(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, export(3))
	person, _ := s.PersonByIdentifier(t.Context(), env, customer.Username, "customer.1")
	spoilt := *person.Credential
	spoilt.Sealed = []byte("sealed elsewhere")
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.PutCredential(t.Context(), spoilt) }); err != nil {
		t.Fatal(err)
	}
	if count, err := svc.WrapWeak(t.Context(), env); err != nil || count != (intake.Wrapped{Wrapped: 2, Unusable: 1}) {
		t.Errorf("got %+v, %v", count, err)
	}
}
