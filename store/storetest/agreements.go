package storetest

import (
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

func agreement(id customer.ID) store.Agreement {
	return store.Agreement{
		Customer: id, Kind: store.AgreedDocument, Document: "terms", Version: "2026-01", Given: at(4), Evidence: []byte(`{"language":"en"}`),
	}
}

var agreementTests = []test{
	{"what was said newer ends what was said before", func(b *bench) {
		p := person("aroha")
		b.create(p)
		first := agreement(p.Customer.ID)
		other := first
		other.Kind, other.Refused, other.Evidence = store.AgreedPurpose, true, nil
		newer := first
		newer.Version, newer.Given = "2027-01", at(6)
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutAgreement(b.ctx, first), tx.PutAgreement(b.ctx, other), tx.PutAgreement(b.ctx, newer))
		})
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutAgreement(b.ctx, newer) })
		first.Withdrawn, first.Replaced = newer.Given, true
		same(b, read[[]store.Agreement](b)(b.Agreements(b.ctx, b.env, p.Customer.ID)), []store.Agreement{first, newer, other})
		same(b, read[[]store.Agreement](b)(b.Answers(b.ctx, b.env, p.Customer.ID)), []store.Agreement{newer, other})
	}},
	{"what was said elsewhere is kept just as it stands", func(b *bench) {
		p, q := person("aroha"), person("rua")
		b.create(p, q)
		first, newer := agreement(p.Customer.ID), agreement(p.Customer.ID)
		first.Withdrawn, first.Replaced, first.Evidence = at(5), true, nil
		newer.Given, newer.Version, newer.Refused = at(6), "2027-01", true
		other := agreement(q.Customer.ID)
		again := first
		again.Version = "another"
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.KeepAgreements(b.ctx, []store.Agreement{newer, other, first}), tx.KeepAgreements(b.ctx, []store.Agreement{again}), tx.KeepAgreements(b.ctx, nil))
		})
		same(b, read[[]store.Agreement](b)(b.Agreements(b.ctx, b.env, p.Customer.ID)), []store.Agreement{first, newer})
		same(b, read[[]store.Agreement](b)(b.Answers(b.ctx, b.env, q.Customer.ID)), []store.Agreement{other})
		nobody, much := agreement(customer.ID(unique())), agreement(p.Customer.ID)
		much.Evidence = make([]byte, 4<<10+1)
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.KeepAgreements(b.ctx, []store.Agreement{nobody}) })
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.KeepAgreements(b.ctx, []store.Agreement{much}) })
	}},
	{"what is withdrawn has ended, and a no cannot be", func(b *bench) {
		p := person("aroha")
		b.create(p)
		yes := agreement(p.Customer.ID)
		no := yes
		no.Document, no.Refused = "tips", true
		b.write(func(tx store.Tx) error { return errors.Join(tx.PutAgreement(b.ctx, yes), tx.PutAgreement(b.ctx, no)) })
		withdraw := func(document string) func(store.Tx) error {
			return func(tx store.Tx) error {
				return tx.WithdrawAgreement(b.ctx, p.Customer.ID, store.AgreedDocument, document, at(7))
			}
		}
		b.write(withdraw("terms"))
		b.refused(store.ErrNotFound, withdraw("terms"))
		b.refused(store.ErrNotFound, withdraw("tips"))
		yes.Withdrawn = at(7)
		same(b, read[[]store.Agreement](b)(b.Agreements(b.ctx, b.env, p.Customer.ID)), []store.Agreement{yes, no}[:2:2])
	}},
	{"nobody who is not there agrees, and evidence has a limit", func(b *bench) {
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutAgreement(b.ctx, agreement(customer.ID(unique()))) })
		p := person("aroha")
		b.create(p)
		much := agreement(p.Customer.ID)
		much.Evidence = make([]byte, 4<<10+1)
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutAgreement(b.ctx, much) })
	}},
	{"tags are words that customers are found by", func(b *bench) {
		var people []store.NewCustomer
		for i := range 5 {
			people = append(people, person(fmt.Sprintf("t%d", i)))
		}
		b.create(people...)
		for _, p := range people {
			b.write(func(tx store.Tx) error {
				return errors.Join(tx.PutTags(b.ctx, p.Customer.ID, []string{"vip", "solar", "vip"}), tx.PutTags(b.ctx, p.Customer.ID, []string{"vip"}))
			})
		}
		same(b, read[[]string](b)(b.TagsOf(b.ctx, b.env, people[0].Customer.ID)), []string{"solar", "vip"})
		b.write(func(tx store.Tx) error { return tx.DeleteTags(b.ctx, people[1].Customer.ID, []string{"vip", "none"}) })
		first := read[[]customer.Customer](b)(b.TaggedCustomers(b.ctx, b.env, "vip", customer.ID{}, 3))
		rest := read[[]customer.Customer](b)(b.TaggedCustomers(b.ctx, b.env, "vip", first[2].ID, 3))
		same(b, append(first, rest...), []customer.Customer{people[0].Customer, people[2].Customer, people[3].Customer, people[4].Customer})
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutTags(b.ctx, customer.ID(unique()), []string{"vip"}) })
		var many []string
		for i := range customer.MaxTags {
			many = append(many, fmt.Sprintf("t%d", i))
		}
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutTags(b.ctx, people[0].Customer.ID, many) })
	}},
	{"an identifier keeps when and by what it was proven", func(b *bench) {
		p := person("aroha")
		p.Identifiers[0].Proof = customer.Proof{At: at(3), By: "link"}
		b.create(p)
		same(b, read[[]customer.Identifier](b)(b.Identifiers(b.ctx, b.env, p.Customer.ID)), p.Identifiers)
		phone := customer.Identifier{Kind: customer.Phone, Value: "+6421", Display: "+6421", Verified: true, Source: "customer", Proof: customer.Proof{At: at(4), By: "code"}}
		b.write(func(tx store.Tx) error { return tx.PutIdentifier(b.ctx, p.Customer.ID, phone) })
		phone.Proof.At = at(5)
		b.write(func(tx store.Tx) error { return tx.PutIdentifier(b.ctx, p.Customer.ID, phone) })
		got := read[store.Person](b)(b.PersonByIdentifier(b.ctx, b.env, customer.Phone, "+6421"))
		same(b, got.Identifier, phone)
	}},
}
