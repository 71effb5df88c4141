package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"sallyport/pure/customer"
	"sallyport/store"
)

// household is an account with premises, a member, and somebody who is invited.
type household struct {
	account    customer.Account
	premises   customer.Premises
	member     customer.Member
	invitation store.Invitation
	claim      store.Claim
}

func account(number string) customer.Account {
	return customer.Account{
		ID: customer.AccountID(unique()), Number: number, Name: "Wharf Lane", State: customer.AccountOpen,
		Attributes: map[string]string{"tariff": "tide"}, Source: "operator/rita", Created: at(0), Updated: at(1), Version: 1,
	}
}

func place(id customer.AccountID) customer.Premises {
	return customer.Premises{
		ID: customer.PremisesID(unique()), Account: id, Reference: "MP-7", Created: at(0), Updated: at(1), Version: 1,
		Address: customer.Address{Lines: []string{"12 Wharf Lane"}, Town: "Harbour", Country: "NZ"},
	}
}

func member(a customer.AccountID, id customer.ID, role customer.Role) customer.Member {
	return customer.Member{Account: a, Customer: id, Role: role, Since: at(2), By: "operator/rita", Evidence: `{"how":"letter"}`, Version: 1}
}

func invitation(a customer.AccountID, by customer.ID) store.Invitation {
	id := unique()
	return store.Invitation{
		Hash: hash(id), Account: a, Role: customer.Occupier, Kind: customer.Email, Value: fmt.Sprintf("guest%x@harbourlight.example", id[:8]),
		By: "customer/" + by.String(), Inviter: by, Created: at(3), Expires: at(99),
	}
}

func fresh(a customer.Account) customer.Account {
	a.Version = 0
	return a
}

func build(p customer.Premises) customer.Premises {
	p.Version = 0
	return p
}

// settle stores a household of somebody who is there.
func (b *bench) settle(number string, who customer.ID) household {
	b.Helper()
	a := account(number)
	h := household{a, place(a.ID), member(a.ID, who, customer.Owner), invitation(a.ID, who), claim(who, number, 4)}
	b.write(func(tx store.Tx) error {
		return errors.Join(tx.PutAccount(b.ctx, fresh(a)), tx.PutPremises(b.ctx, build(h.premises)), tx.PutMember(b.ctx, h.member), tx.PutInvitation(b.ctx, h.invitation), tx.PutClaim(b.ctx, raised(h.claim)))
	})
	return h
}

var accountTests = []test{
	{"an account comes back with everything, by id and by number", func(b *bench) {
		p := person("aroha")
		b.create(p)
		h := b.settle("HL-1", p.Customer.ID)
		same(b, read[customer.Account](b)(b.Account(b.ctx, b.env, h.account.ID)), h.account)
		same(b, read[customer.Account](b)(b.AccountByNumber(b.ctx, b.env, "HL-1")), h.account)
		same(b, read[[]customer.Premises](b)(b.PremisesOf(b.ctx, b.env, h.account.ID, customer.PremisesID{}, 9)), []customer.Premises{h.premises})
		same(b, read[[]store.AccountMember](b)(b.MembersOf(b.ctx, b.env, h.account.ID, customer.ID{}, 9)), []store.AccountMember{{Member: h.member, Name: "aroha", State: customer.Active}})
		same(b, read[[]store.Membership](b)(b.Memberships(b.ctx, b.env, p.Customer.ID, customer.AccountID{}, 9)), []store.Membership{{Account: h.account, Member: h.member}})
		same(b, read[[]store.Invitation](b)(b.Invitations(b.ctx, b.env, h.account.ID)), []store.Invitation{h.invitation})
		same(b, read[store.Invitation](b)(b.Invitation(b.ctx, b.env, h.invitation.Hash)), h.invitation)
	}},
	{"a number is one account's, and a change needs the version that was read", func(b *bench) {
		one, two := account("HL-1"), account("HL-2")
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutAccount(b.ctx, fresh(one)), tx.PutAccount(b.ctx, fresh(two)))
		})
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutAccount(b.ctx, fresh(account("HL-1"))) })
		clash := two
		clash.Number = "HL-1"
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutAccount(b.ctx, clash) })
		two.Name, two.State, two.Attributes, two.Updated = "ü", customer.AccountClosed, nil, at(5)
		b.write(func(tx store.Tx) error { return tx.PutAccount(b.ctx, two) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutAccount(b.ctx, two) })
		two.Version = 2
		same(b, read[customer.Account](b)(b.Account(b.ctx, b.env, two.ID)), two)
	}},
	{"accounts are listed by number, page by page", func(b *bench) {
		want := []string{"A", "HL-1", "HL-10", "HL-2", "HLX"}
		for _, n := range []string{"HLX", "HL-2", "A", "HL-10", "HL-1"} {
			b.write(func(tx store.Tx) error { return tx.PutAccount(b.ctx, fresh(account(n))) })
		}
		for limit := 1; limit < 7; limit++ {
			same(b, b.numbers(store.AccountPage{Limit: limit}), want)
			same(b, b.numbers(store.AccountPage{Prefix: "HL-", Limit: limit}), want[1:4])
			same(b, b.numbers(store.AccountPage{Prefix: "HL-1", Limit: limit}), want[1:3])
			same(b, b.numbers(store.AccountPage{Prefix: "Z", Limit: limit}), nil)
		}
	}},
	{"premises, members and memberships are listed page by page", func(b *bench) {
		a := account("HL-1")
		b.write(func(tx store.Tx) error { return tx.PutAccount(b.ctx, fresh(a)) })
		var people []customer.ID
		for i := range 5 {
			p := person(fmt.Sprintf("m%d", i))
			b.create(p)
			people = append(people, p.Customer.ID)
			b.write(func(tx store.Tx) error {
				return errors.Join(tx.PutMember(b.ctx, member(a.ID, p.Customer.ID, customer.Agent)), tx.PutPremises(b.ctx, build(place(a.ID))))
			})
		}
		var seen []customer.ID
		for after := (customer.ID{}); ; {
			page := read[[]store.AccountMember](b)(b.MembersOf(b.ctx, b.env, a.ID, after, 2))
			if len(page) == 0 {
				break
			}
			for _, m := range page {
				seen = append(seen, m.Member.Customer)
			}
			after = seen[len(seen)-1]
		}
		same(b, seen, people)
		first := read[[]customer.Premises](b)(b.PremisesOf(b.ctx, b.env, a.ID, customer.PremisesID{}, 3))
		rest := read[[]customer.Premises](b)(b.PremisesOf(b.ctx, b.env, a.ID, first[2].ID, 3))
		if len(first) != 3 || len(rest) != 2 {
			b.Fatalf("%d and %d premises", len(first), len(rest))
		}
		for i := range 4 {
			b.settle(fmt.Sprintf("X%d", i), people[0])
		}
		mine := read[[]store.Membership](b)(b.Memberships(b.ctx, b.env, people[0], customer.AccountID{}, 3))
		more := read[[]store.Membership](b)(b.Memberships(b.ctx, b.env, people[0], mine[2].Account.ID, 3))
		if len(mine) != 3 || len(more) != 2 {
			b.Fatalf("%d and %d memberships", len(mine), len(more))
		}
	}},
	{"nobody joins what is not there, and whoever has left is not there", func(b *bench) {
		p := person("aroha")
		b.create(p)
		a := account("HL-1")
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutMember(b.ctx, member(a.ID, p.Customer.ID, customer.Owner)) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutPremises(b.ctx, build(place(a.ID))) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutInvitation(b.ctx, invitation(a.ID, p.Customer.ID)) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { _, _, err := tx.HoldAccount(b.ctx, a.ID); return err })
		h := b.settle("HL-1", p.Customer.ID)
		b.refused(store.ErrNotFound, func(tx store.Tx) error {
			return tx.PutMember(b.ctx, member(h.account.ID, customer.ID(unique()), customer.Owner))
		})
		b.write(func(tx store.Tx) error { return tx.DeleteMember(b.ctx, h.account.ID, p.Customer.ID) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.DeleteMember(b.ctx, h.account.ID, p.Customer.ID) })
	}},
	{"a member who is put again has another role since the same day", func(b *bench) {
		p := person("aroha")
		b.create(p)
		h := b.settle("HL-1", p.Customer.ID)
		m := h.member
		m.Role, m.Premises, m.By, m.Evidence, m.Since = customer.Agent, []customer.PremisesID{h.premises.ID}, "operator/x", "", at(9)
		b.write(func(tx store.Tx) error { return tx.PutMember(b.ctx, m) })
		m.Since, m.Version = h.member.Since, 2
		got := read[[]store.AccountMember](b)(b.MembersOf(b.ctx, b.env, h.account.ID, customer.ID{}, 9))
		same(b, got[0].Member, m)
	}},
	{"premises change by version, and an account goes with all of it", func(b *bench) {
		p := person("aroha")
		b.create(p)
		h := b.settle("HL-1", p.Customer.ID)
		changed := h.premises
		changed.Reference, changed.Address, changed.Updated = "", customer.Address{Town: "Ōtautahi"}, at(7)
		b.write(func(tx store.Tx) error { return tx.PutPremises(b.ctx, changed) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutPremises(b.ctx, changed) })
		b.write(func(tx store.Tx) error { return tx.DeleteAccount(b.ctx, h.account.ID) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.DeleteAccount(b.ctx, h.account.ID) })
		_, err := b.Invitation(b.ctx, b.env, h.invitation.Hash)
		b.is(err, store.ErrNotFound)
	}},
	{"of parallel uses of an invitation exactly one wins", func(b *bench) {
		p := person("aroha")
		b.create(p)
		h := b.settle("HL-1", p.Customer.ID)
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutInvitation(b.ctx, h.invitation) })
		var won atomic.Int64
		parallel(8, func(int) {
			err := b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.TakeInvitation(b.ctx, h.invitation.Hash) })
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, store.ErrNotFound) {
				b.Error(err)
			}
		})
		if won.Load() != 1 {
			b.Fatalf("%d won", won.Load())
		}
	}},
	{"of two owners who leave at once one stays", func(b *bench) {
		for range 10 {
			p, q := person(fmt.Sprintf("p%x", unique())), person(fmt.Sprintf("q%x", unique()))
			b.create(p, q)
			h := b.settle(fmt.Sprintf("HL-%X", unique()), p.Customer.ID)
			b.write(func(tx store.Tx) error {
				return tx.PutMember(b.ctx, member(h.account.ID, q.Customer.ID, customer.Owner))
			})
			both := []customer.ID{p.Customer.ID, q.Customer.ID}
			parallel(2, func(i int) {
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					_, all, err := tx.HoldAccount(b.ctx, h.account.ID)
					if err == nil {
						err = customer.Without(all, both[i])
					}
					if err != nil {
						return err
					}
					return tx.DeleteMember(b.ctx, h.account.ID, both[i])
				})
				if err != nil && !errors.Is(err, customer.ErrLastOwner) {
					b.Error(err)
				}
			})
			if left := read[[]store.AccountMember](b)(b.MembersOf(b.ctx, b.env, h.account.ID, customer.ID{}, 9)); len(left) != 1 {
				b.Fatalf("%d owners are left", len(left))
			}
		}
	}},
	{"who is held, and what they can be found by, stays so until the transaction is over", func(b *bench) {
		for range 5 {
			p, q := person(fmt.Sprintf("p%x", unique())), person(fmt.Sprintf("q%x", unique()))
			b.create(p, q)
			email := p.Identifiers[0]
			email.Verified = false
			b.write(func(tx store.Tx) error { return tx.PutIdentifier(b.ctx, p.Customer.ID, email) })
			var taken, proved atomic.Bool
			parallel(2, func(i int) {
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					if i == 0 { // its owner proves it
						_, _, err := tx.HoldCustomer(b.ctx, p.Customer.ID)
						if err != nil {
							return err
						}
						mine := email
						mine.Verified = true
						proved.Store(true)
						return tx.PutIdentifier(b.ctx, p.Customer.ID, mine)
					}
					taken.Store(false)                                    // where it is tried again
					_, held, err := tx.HoldCustomer(b.ctx, p.Customer.ID) // somebody else takes it
					at := slices.IndexFunc(held, func(i customer.Identifier) bool { return i.Value == email.Value })
					if err != nil || at < 0 || held[at].Verified {
						return err
					}
					taken.Store(true)
					return errors.Join(
						tx.DeleteIdentifier(b.ctx, p.Customer.ID, store.IdentifierKey{Kind: email.Kind, Value: email.Value}), tx.PutIdentifier(b.ctx, q.Customer.ID, email),
					)
				})
				if err != nil && !errors.Is(err, store.ErrExists) {
					b.Error(err)
				}
			})
			has := read[store.Person](b)(b.PersonByIdentifier(b.ctx, b.env, email.Kind, email.Value))
			if has.Identifier.Verified == taken.Load() || !proved.Load() {
				b.Fatalf("taken %v, and it is %+v", taken.Load(), has.Identifier)
			}
		}
		b.refused(store.ErrNotFound, func(tx store.Tx) error { _, _, err := tx.HoldCustomer(b.ctx, customer.ID{9}); return err })
	}},
	{"an invitation that has expired is swept", func(b *bench) {
		p := person("aroha")
		b.create(p)
		h := b.settle("HL-1", p.Customer.ID)
		_, err := b.Sweep(b.ctx, at(98), 1000)
		b.ok(err)
		read[store.Invitation](b)(b.Invitation(b.ctx, b.env, h.invitation.Hash))
		_, err = b.Sweep(b.ctx, at(99), 1000)
		b.ok(err)
		_, err = b.Invitation(b.ctx, b.env, h.invitation.Hash)
		b.is(err, store.ErrNotFound)
	}},
}

// numbers follows a list to its end.
func (b *bench) numbers(page store.AccountPage) (all []string) {
	b.Helper()
	for range 50 {
		rows := read[[]customer.Account](b)(b.FindAccounts(b.ctx, b.env, page))
		if len(rows) == 0 {
			return all
		}
		for _, a := range rows {
			all = append(all, a.Number)
		}
		page.After = all[len(all)-1]
	}
	b.Fatal("the list has no end")
	return nil
}
