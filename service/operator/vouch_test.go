package operator_test

import (
	"context"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/operator"
	"sallyport/store"
	"sallyport/store/sqlite"
)

func TestALinkEndsWithWhatItsMakerMayGive(t *testing.T) {
	w := newWorld(t)
	acme := operator.Place{Tenant: "acme"}
	w.operator("root", operator.Owner, operator.Place{})
	w.operator("tess", operator.Owner, acme)
	w.operator("dee", operator.Desk, acme)
	w.now = w.now.Add(time.Minute)
	made := func(wish operator.Wish) string {
		t.Helper()
		wish.By = "operator/tess"
		l, err := w.Link(w.ctx, wish)
		w.must(err)
		return l.Secret.Reveal()
	}
	invited := made(operator.Wish{Holding: operator.Holding{Role: operator.Desk, Place: acme}})
	recovers := made(operator.Wish{Username: "dee"})
	for _, secret := range []string{invited, recovers} {
		_, err := w.Open(w.ctx, secret)
		w.must(err)
	}
	// Whom it lets in may do more now than its maker ever could.
	w.now = w.now.Add(time.Minute)
	w.must(w.Grant(w.ctx, "dee", operator.Holding{Role: operator.Auditor}, host))
	_, err := w.Open(w.ctx, recovers)
	w.is(err, operator.ErrLink)
	// Who made it may do nothing any more.
	w.must(w.Revoke(w.ctx, "tess", operator.Holding{Role: operator.Owner, Place: acme}, host))
	_, err = w.Open(w.ctx, invited)
	w.is(err, operator.ErrLink)
}

// racing does something before a customer is read for the n-th time.
type racing struct {
	*sqlite.Store
	n  int
	do func()
}

func (r *racing) Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error) {
	if r.n--; r.n == 0 {
		r.do()
	}
	return r.Store.Customer(ctx, env, id)
}

// Whenever dee gets a role that the maker of the link does not outrank, the link
// sets no password after it.
func TestALinkIsNotUsedBesideARoleThatEndsIt(t *testing.T) {
	acme := operator.Place{Tenant: "acme"}
	for n := 1; n < 40; n++ {
		w := newWorld(t)
		w.operator("tess", operator.Owner, acme)
		dee := w.operator("dee", operator.Desk, acme)
		l, err := w.Link(w.ctx, operator.Wish{Username: "dee", By: "operator/tess"})
		w.must(err)
		before, err := w.store.Credential(w.ctx, store.System, dee.ID)
		w.must(err)
		w.now = w.now.Add(time.Second)
		meanwhile := &racing{w.store, n, func() { w.must(w.Grant(w.ctx, "dee", operator.Holding{Role: operator.Auditor}, host)) }}
		err = w.with(meanwhile).SetUp(w.ctx, l.Secret.Reveal(), operator.Given{Password: "another gate behind"})
		if meanwhile.n > 0 {
			return // it is over before anything happens
		}
		now, readErr := w.store.Credential(w.ctx, store.System, dee.ID)
		w.must(readErr)
		if err == nil || now.Version != before.Version {
			t.Errorf("before reading %d: %v, and the password is at version %d", n, err, now.Version)
		}
	}
	t.Error("it reads for ever")
}

func TestNobodyIsChangedAtAVersionThatIsNotTheirs(t *testing.T) {
	w := newWorld(t)
	o := w.operator("dee", operator.Desk, operator.Place{Tenant: "acme"})
	holding := operator.Holding{Role: operator.Auditor, Place: operator.Place{Tenant: "acme"}}
	w.is(w.Expecting(o.Version+1).Grant(w.ctx, "dee", holding, host), store.ErrConflict)
	w.must(w.Expecting(o.Version).Grant(w.ctx, "dee", holding, host))
	w.is(w.Expecting(o.Version).Revoke(w.ctx, "dee", holding, host), store.ErrConflict)
	now, err := w.ByUsername(w.ctx, "dee")
	w.must(err)
	if now.Version == o.Version || len(now.Roles) != 2 {
		t.Errorf("%+v", now)
	}
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	acme, everywhere := operator.Place{Tenant: "acme"}, operator.Place{}
	who := func(h ...operator.Holding) operator.Operator { return operator.Operator{Roles: h} }
	owner := who(operator.Holding{Role: operator.Owner, Place: acme})
	for _, test := range []struct {
		name string
		who  operator.Operator
		what operator.Holding
		may  bool
	}{
		{"an owner gives ownership of what is theirs", owner, operator.Holding{Role: operator.Owner, Place: acme}, true},
		{"and of a part of it", owner, operator.Holding{Role: operator.Desk, Place: operator.Place{Tenant: "acme", Environment: "preview"}}, true},
		{"nothing everywhere", owner, operator.Holding{Role: operator.Desk, Place: everywhere}, false},
		{"nothing elsewhere", owner, operator.Holding{Role: operator.Desk, Place: operator.Place{Tenant: "orchard"}}, false},
		{"no role that does not exist", owner, operator.Holding{Role: "root", Place: acme}, false},
		{"at no place that cannot be", owner, operator.Holding{Role: operator.Desk, Place: operator.Place{Tenant: "acme", Server: "apps"}}, false},
		{"whoever manages no operators gives nothing", who(operator.Holding{Role: operator.Security}), operator.Holding{Role: operator.Developer, Place: acme}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.who.MayGive(test.what); got != test.may {
				t.Errorf("may %t", got)
			}
			if got := test.who.Outranks(who(test.what)); got != test.may {
				t.Errorf("outranks %t", got)
			}
		})
	}
}
