package operator_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/store"
)

func TestALinkMakesAnOperatorOnce(t *testing.T) {
	w := newWorld(t)
	if any, err := w.Any(w.ctx); any || err != nil {
		t.Fatalf("somebody is here: %v", err)
	}
	secret := w.link(operator.Owner, operator.Place{})
	given := operator.Given{Username: " Robin ", Name: "Robin Reyes", Password: password}
	w.must(w.SetUp(w.ctx, secret, given))
	w.is(w.SetUp(w.ctx, secret, operator.Given{Username: "mallory", Password: password}), operator.ErrLink)
	if any, err := w.Any(w.ctx); !any || err != nil {
		t.Fatalf("nobody is here: %v", err)
	}
	all, err := w.List(w.ctx)
	w.must(err)
	if len(all) != 1 || all[0].Username != "robin" || all[0].Name != "Robin Reyes" || !all[0].May(operator.VerifyAudit, operator.Place{}) {
		t.Errorf("%+v", all)
	}
	person, err := w.store.PersonByIdentifier(w.ctx, store.System, "username", "robin")
	w.must(err)
	hash, err := passhash.Parse(string(person.Credential.Sealed))
	w.must(err)
	if ok, err := hash.Verify([]byte(password)); !ok || err != nil {
		t.Errorf("the password does not verify: %v", err)
	}
	if w.recorded(audit.OperatorInvited) != 1 || w.recorded(audit.OperatorCreated) != 1 {
		t.Error("it was not recorded")
	}
}

func TestLinksToAnUnattendedServerEndWithTheFirstOperator(t *testing.T) {
	w := newWorld(t)
	var links []string
	for range 2 { // two starts, or two nodes
		l, err := w.Link(w.ctx, operator.Wish{Holding: operator.Holding{Role: operator.Owner}, By: audit.System})
		w.must(err)
		links = append(links, l.Secret.Reveal())
	}
	invited := w.link(operator.Owner, operator.Place{})
	w.must(w.SetUp(w.ctx, links[0], operator.Given{Username: "robin", Password: password}))
	w.is(w.SetUp(w.ctx, links[1], operator.Given{Username: "mallory", Password: password}), operator.ErrLink)
	w.must(w.SetUp(w.ctx, invited, operator.Given{Username: "sasha", Password: password}))
}

func TestALinkIsUsedByOneOfMany(t *testing.T) {
	w := newWorld(t)
	secret := w.link(operator.Owner, operator.Place{})
	var won atomic.Int64
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			if w.SetUp(w.ctx, secret, operator.Given{Username: fmt.Sprintf("racer-%d", i), Password: password}) == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if list, err := w.List(w.ctx); won.Load() != 1 || len(list) != 1 || err != nil {
		t.Errorf("%d won, %d operators, %v", won.Load(), len(list), err)
	}
}

func TestALinkThatIsNotGoodOpensNothing(t *testing.T) {
	w := newWorld(t)
	secret := w.link(operator.Owner, operator.Place{})
	for name, text := range map[string]string{
		"none": "", "short": secret[1:], "long": secret + "A", "of another": strings.Repeat("A", len(secret)), "no base64": "?" + secret[1:],
		"spelt in another way": secret[:len(secret)-1] + string(secret[len(secret)-1]+1),
	} {
		if _, err := w.Open(w.ctx, text); err == nil {
			t.Errorf("a link that is %s works", name)
		}
	}
	w.now = w.now.Add(24*time.Hour - time.Second)
	in, err := w.Open(w.ctx, secret)
	w.must(err)
	if in.Username != "" || in.Holding.Role != operator.Owner {
		t.Errorf("%+v", in)
	}
	w.now = w.now.Add(time.Second)
	w.is(w.SetUp(w.ctx, secret, operator.Given{Username: "late", Password: password}), operator.ErrLink)
}

func TestWhatIsTypedIsLookedAtAndTheLinkStillWorks(t *testing.T) {
	w := newWorld(t)
	w.operator("robin", operator.Owner, operator.Place{})
	secret := w.link(operator.Desk, operator.Place{})
	for _, test := range []struct {
		given operator.Given
		want  error
	}{
		{operator.Given{Username: "", Password: password}, operator.ErrUsername},
		{operator.Given{Username: "a\x00b", Password: password}, operator.ErrUsername},
		{operator.Given{Username: "а.robin", Password: password}, operator.ErrUsername}, // begins in Cyrillic: colleagues read it as Latin
		{operator.Given{Username: "robin/link", Password: password}, operator.ErrUsername},
		{operator.Given{Username: "robin?", Password: password}, operator.ErrUsername}, // its page would be robin's
		{operator.Given{Username: "ro bin", Password: password}, operator.ErrUsername},
		{operator.Given{Username: "..", Password: password}, operator.ErrUsername},
		{operator.Given{Username: "Robin", Password: password}, operator.ErrTaken},
		{operator.Given{Username: "rita", Password: "fourteen chars"}, operator.ErrShort},
		{operator.Given{Username: "rita", Password: strings.Repeat("é", 14)}, operator.ErrShort},
		{operator.Given{Username: "rita", Password: strings.Repeat("ab", 513)}, operator.ErrLong},
		{operator.Given{Username: "rita", Password: strings.Repeat("é", 20)}, operator.ErrGuessable},
		{operator.Given{Username: "rita", Password: "RitaritaRITArita"}, operator.ErrGuessable},
		{operator.Given{Username: "rita", Name: strings.Repeat("x", 101), Password: password}, operator.ErrName},
		{operator.Given{Username: "rita", Name: "a\nb", Password: password}, operator.ErrName},
	} {
		w.is(w.SetUp(w.ctx, secret, test.given), test.want)
	}
	w.must(w.SetUp(w.ctx, secret, operator.Given{Username: "rita", Password: password}))
}

func TestALinkFromTheHostRecoversAnOperator(t *testing.T) {
	w := newWorld(t)
	robin := w.operator("robin", operator.Security, operator.Place{Tenant: "harbourlight"})
	_, err := w.Link(w.ctx, operator.Wish{Username: "nobody", By: host})
	w.is(err, operator.ErrUnknown)
	l, err := w.Link(w.ctx, operator.Wish{Username: "ROBIN", By: host})
	w.must(err)
	w.now = w.now.Add(time.Hour)
	in, err := w.Open(w.ctx, l.Secret.Reveal())
	w.must(err)
	if in.Username != "robin" {
		t.Errorf("it is for %q", in.Username)
	}
	w.must(w.SetUp(w.ctx, l.Secret.Reveal(), operator.Given{Username: "mallory", Password: "another gate altogether"}))
	c, err := w.store.Customer(w.ctx, store.System, robin.ID)
	w.must(err)
	if !c.NotBefore.Equal(w.now) {
		t.Error("old sessions go on")
	}
	if again, err := w.Find(w.ctx, robin.ID); err != nil || len(again.Roles) != 1 {
		t.Errorf("roles are %+v, %v", again.Roles, err)
	}
	if w.recorded(audit.OperatorRecovered) != 1 {
		t.Error("it was not recorded")
	}
	if kinds := w.factors(robin); len(kinds) != 0 {
		t.Errorf("second factors came from nowhere: %v", kinds)
	}
}

// A lost password is one loss, a lost phone another.
func TestALinkTakesSecondFactorsOnlyWhereItSaysSo(t *testing.T) {
	w := newWorld(t)
	robin, sasha := w.operator("robin", operator.Owner, operator.Place{}), w.operator("sasha", operator.Owner, operator.Place{})
	for _, o := range []operator.Operator{robin, sasha} {
		w.enrol(o)
	}
	recovers := func(anew bool) {
		l, err := w.Link(w.ctx, operator.Wish{Username: "robin", Anew: anew, By: host})
		w.must(err)
		in, err := w.Open(w.ctx, l.Secret.Reveal())
		w.must(err)
		if in.Anew != anew || len(w.factors(robin)) != 2 {
			t.Errorf("the link says %t, and before it is used they have %v", in.Anew, w.factors(robin))
		}
		w.must(w.SetUp(w.ctx, l.Secret.Reveal(), operator.Given{Password: "another gate altogether"}))
	}
	recovers(false)
	if kinds := w.factors(robin); len(kinds) != 2 {
		t.Errorf("with a lost password they lose all but %v", kinds)
	}
	recovers(true)
	if kinds := w.factors(robin); len(kinds) != 0 {
		t.Errorf("with a lost phone they keep %v", kinds)
	}
	if kinds := w.factors(sasha); len(kinds) != 2 {
		t.Errorf("somebody else keeps only %v", kinds)
	}
	events, _, err := w.store.AuditEvents(w.ctx, store.System, store.AuditQuery{Type: string(audit.OperatorRecovered), Limit: 9})
	w.must(err)
	if len(events) != 2 || !strings.Contains(string(events[0].Body), `"factors_removed":2`) {
		t.Errorf("the ledger says %+v", events)
	}
}

func TestWhoLeavesIsKeptOut(t *testing.T) {
	w := newWorld(t)
	robin := w.operator("robin", operator.Owner, operator.Place{})
	w.is(w.Disable(w.ctx, "nobody", host), operator.ErrUnknown)
	w.is(w.Disable(w.ctx, "robin", host), operator.ErrLastOwner)
	w.operator("sasha", operator.Owner, operator.Place{})
	l, err := w.Link(w.ctx, operator.Wish{Username: "robin", By: host})
	w.must(err)
	w.now = w.now.Add(time.Hour)
	for range 2 {
		w.must(w.Disable(w.ctx, "ROBIN", host))
	}
	c, err := w.store.Customer(w.ctx, store.System, robin.ID)
	w.must(err)
	if c.State != customer.Disabled || c.Honours(w.now.Add(-time.Second)) {
		t.Errorf("old sessions go on: %+v", c)
	}
	_, err = w.Open(w.ctx, l.Secret.Reveal())
	w.is(err, operator.ErrLink)
	_, err = w.Link(w.ctx, operator.Wish{Username: "robin", By: host})
	w.is(err, operator.ErrDisabled)
	w.is(w.Disable(w.ctx, "sasha", host), operator.ErrLastOwner) // a disabled owner is none
	w.is(w.Revoke(w.ctx, "sasha", operator.Holding{Role: operator.Owner}, host), operator.ErrLastOwner)
	w.must(w.Revoke(w.ctx, "robin", operator.Holding{Role: operator.Owner}, host))
	w.must(w.Enable(w.ctx, "robin", host))
	if o, err := w.Find(w.ctx, robin.ID); err != nil || o.Disabled {
		t.Errorf("%+v, %v", o, err)
	}
	if c, err = w.store.Customer(w.ctx, store.System, robin.ID); err != nil || c.Honours(w.now.Add(-time.Second)) {
		t.Errorf("coming back revives sessions: %+v, %v", c, err)
	}
	if n := w.recorded(audit.OperatorChanged); n != 2 {
		t.Errorf("it was recorded %d times, want 2", n)
	}
	told, err := w.store.FeedAfter(w.ctx, 0, 100)
	w.must(err)
	if len(told) == 0 || told[0].Kind != store.CustomerRevoked || told[0].Subject != robin.ID.String() || !told[0].Until.After(w.now.Add(24*time.Hour)) {
		t.Errorf("nodes are told %+v", told)
	}
}

func TestRolesAreGrantedAndTaken(t *testing.T) {
	w := newWorld(t)
	robin := w.operator("robin", operator.Owner, operator.Place{})
	desk := operator.Holding{Role: operator.Desk, Place: operator.Place{Tenant: "harbourlight", Environment: "preview"}}
	w.must(w.Grant(w.ctx, "robin", desk, host))
	w.is(w.Grant(w.ctx, "robin", desk, host), operator.ErrHeld)
	w.is(w.Grant(w.ctx, "nobody", desk, host), operator.ErrUnknown)
	w.is(w.Grant(w.ctx, "robin", operator.Holding{Role: "root"}, host), operator.ErrRole)
	w.is(w.Grant(w.ctx, "robin", operator.Holding{Role: operator.Desk, Place: operator.Place{Environment: "x"}}, host), operator.ErrRole)
	if o, err := w.Find(w.ctx, robin.ID); err != nil || len(o.Roles) != 2 {
		t.Fatalf("%+v %v", o, err)
	}
	w.must(w.Revoke(w.ctx, "robin", desk, host))
	w.is(w.Revoke(w.ctx, "robin", desk, host), operator.ErrNotHeld)
	w.is(w.Revoke(w.ctx, "robin", operator.Holding{Role: operator.Owner}, host), operator.ErrLastOwner)
	w.operator("sasha", operator.Owner, operator.Place{})
	w.must(w.Revoke(w.ctx, "robin", operator.Holding{Role: operator.Owner}, host))
	if w.recorded(audit.RoleGranted) != 1 || w.recorded(audit.RoleRevoked) != 2 {
		t.Error("it was not recorded")
	}
}

func TestASecretHidesItself(t *testing.T) {
	w := newWorld(t)
	l, err := w.Link(w.ctx, operator.Wish{Holding: operator.Holding{Role: operator.Owner}, By: host})
	w.must(err)
	if text := fmt.Sprintf("%v %+v %#v %s", l, l, l, l.Secret); strings.Contains(text, l.Secret.Reveal()) {
		t.Error(text)
	}
	events, _, err := w.store.AuditEvents(w.ctx, store.System, store.AuditQuery{Limit: 10})
	w.must(err)
	for _, e := range events {
		if strings.Contains(string(e.Body), l.Secret.Reveal()) {
			t.Error("the ledger holds it")
		}
	}
}
