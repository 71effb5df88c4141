package storetest

import (
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/store"
)

// takers takes people, and of accounts nothing.
func takers(begin func(int64) error, person func(store.Whole) error) store.Takers {
	return store.Takers{
		Begin: begin, Person: person, Account: func(customer.Account) error { return nil }, Premises: func(customer.Premises) error { return nil },
		Member: func(customer.Member) error { return nil }, Claim: func(store.Claim) error { return nil },
	}
}

// held is what is given of accounts, and the order in which it came.
type held struct {
	Accounts []customer.Account
	Premises []customer.Premises
	Members  []customer.Member
	Claims   []store.Claim
	Order    string
}

func (h *held) takers() store.Takers {
	to := takers(func(int64) error { return nil }, func(store.Whole) error { h.Order += "p"; return nil })
	to.Account = func(a customer.Account) error { h.Accounts, h.Order = append(h.Accounts, a), h.Order+"A"; return nil }
	to.Premises = func(p customer.Premises) error { h.Premises, h.Order = append(h.Premises, p), h.Order+"P"; return nil }
	to.Member = func(m customer.Member) error { h.Members, h.Order = append(h.Members, m), h.Order+"M"; return nil }
	to.Claim = func(c store.Claim) error { h.Claims, h.Order = append(h.Claims, c), h.Order+"C"; return nil }
	return to
}

var holdingTests = []test{
	{"behind everybody each account comes with its premises and members, and then the claims", func(b *bench) {
		p, q := person("p"), person("q")
		b.create(p, q)
		one, two := b.settle("HL-1", p.Customer.ID), b.settle("HL-2", p.Customer.ID)
		bare := account("HL-3")
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutAccount(b.ctx, fresh(bare)), tx.PutMember(b.ctx, member(one.account.ID, q.Customer.ID, customer.Agent)))
		})
		b.synthetic("w1")
		var all held
		b.ok(b.EachPerson(b.ctx, b.env, all.takers()))
		accounts := []customer.Account{one.account, two.account, bare}
		slices.SortFunc(accounts, func(x, y customer.Account) int { return compareIDs(customer.ID(x.ID), customer.ID(y.ID)) })
		same(b, all.Accounts, accounts)
		same(b, len(all.Premises), 2)
		same(b, len(all.Members), 3)
		same(b, len(all.Claims), 2)
		want := "pp"
		for _, a := range accounts {
			want += map[string]string{"HL-1": "APMM", "HL-2": "APM", "HL-3": "A"}[a.Number]
		}
		same(b, all.Order, want+"CC")
	}},
	{"one person has the accounts that they are a member of, and sees no other member", func(b *bench) {
		p, q := person("p"), person("q")
		b.create(p, q)
		one := b.settle("HL-1", p.Customer.ID)
		b.settle("HL-2", p.Customer.ID)
		hidden := place(one.account.ID)
		lodger := member(one.account.ID, q.Customer.ID, customer.Occupier)
		lodger.Premises = []customer.PremisesID{one.premises.ID}
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutPremises(b.ctx, build(hidden)), tx.PutMember(b.ctx, lodger))
		})
		var theirs held
		b.ok(b.OnePerson(b.ctx, b.env, q.Customer.ID, theirs.takers()))
		same(b, theirs, held{[]customer.Account{one.account}, []customer.Premises{one.premises}, []customer.Member{lodger}, nil, "pAPM"})
		var owners held
		b.ok(b.OnePerson(b.ctx, b.env, p.Customer.ID, owners.takers()))
		same(b, []int{len(owners.Accounts), len(owners.Premises), len(owners.Members), len(owners.Claims)}, []int{2, 3, 2, 2})
	}},
	{"of more rows than a page holds none is left out, and of another environment none is given", func(b *bench) {
		p := person("p")
		b.create(p)
		h := b.settle("HL-0", p.Customer.ID)
		const many = 520
		for at := 0; at < many; {
			b.write(func(tx store.Tx) error {
				for n := at + 260; at < n; at++ {
					if err := errors.Join(tx.PutPremises(b.ctx, build(place(h.account.ID))), tx.PutAccount(b.ctx, fresh(account(fmt.Sprintf("HL-%d", at+1))))); err != nil {
						return err
					}
				}
				return nil
			})
		}
		var all held
		b.ok(b.EachPerson(b.ctx, b.env, all.takers()))
		same(b, []int{len(all.Accounts), len(all.Premises), len(all.Members)}, []int{many + 1, many + 1, 1})
		elsewhere := *b
		elsewhere.env = b.environment()
		var none held
		b.ok(b.EachPerson(b.ctx, elsewhere.env, none.takers()))
		same(b, none, held{})
		b.is(b.OnePerson(b.ctx, elsewhere.env, p.Customer.ID, none.takers()), store.ErrNotFound)
	}},
	{"whoever takes accounts may stop", func(b *bench) {
		p := person("p")
		b.create(p)
		b.settle("HL-1", p.Customer.ID)
		enough := errors.New("enough")
		for _, stop := range []func(*store.Takers){
			func(to *store.Takers) { to.Account = func(customer.Account) error { return enough } },
			func(to *store.Takers) { to.Premises = func(customer.Premises) error { return enough } },
			func(to *store.Takers) { to.Member = func(customer.Member) error { return enough } },
			func(to *store.Takers) { to.Claim = func(store.Claim) error { return enough } },
		} {
			to := (&held{}).takers()
			stop(&to)
			b.is(b.EachPerson(b.ctx, b.env, to), enough)
			b.is(b.OnePerson(b.ctx, b.env, p.Customer.ID, to), enough)
		}
	}},
}

// TablesOfPeople lists the tables that can hold something of a customer, as the test of
// erasure demands them.
func TablesOfPeople() []string { return slices.Clone(ofPeople) }
