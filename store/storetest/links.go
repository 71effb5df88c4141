package storetest

import (
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

func link(owner customer.ID, subject string) store.CustomerLink {
	return store.CustomerLink{
		Link:     customer.Link{Provider: "google-oauth2", Connection: "google", Subject: subject},
		Customer: owner, Source: "migration/orchard", Created: at(1),
	}
}

var linkTests = []test{
	{"links come back by provider, connection and subject, of their customer alone", func(b *bench) {
		p, q := person("ani"), person("rua")
		b.create(p, q)
		first, second, third := link(p.Customer.ID, "2"), link(p.Customer.ID, "1"), link(p.Customer.ID, "1")
		first.Provider, third.Connection = "apple", "games"
		b.write(func(tx store.Tx) error {
			return tx.PutLinks(b.ctx, []store.CustomerLink{second, link(q.Customer.ID, "1"), third, first})
		})
		same(b, read[[]store.CustomerLink](b)(b.Links(b.ctx, b.env, p.Customer.ID)), []store.CustomerLink{first, third, second})
		same(b, read[[]store.CustomerLink](b)(b.Links(b.ctx, b.env, customer.ID(unique()))), nil)
	}},
	{"a customer has a link once, and a clash stores none", func(b *bench) {
		p := person("toru")
		b.create(p)
		b.write(func(tx store.Tx) error { return tx.PutLinks(b.ctx, []store.CustomerLink{link(p.Customer.ID, "1")}) })
		b.refused(store.ErrExists, func(tx store.Tx) error {
			return tx.PutLinks(b.ctx, []store.CustomerLink{link(p.Customer.ID, "2"), link(p.Customer.ID, "1")})
		})
		same(b, read[[]store.CustomerLink](b)(b.Links(b.ctx, b.env, p.Customer.ID)), []store.CustomerLink{link(p.Customer.ID, "1")})
	}},
	{"many links are put at once, and none is no mistake", func(b *bench) {
		p := person("wha")
		b.create(p)
		var all []store.CustomerLink
		for i := range 300 {
			all = append(all, link(p.Customer.ID, fmt.Sprintf("%03d", i)))
		}
		b.write(func(tx store.Tx) error { return tx.PutLinks(b.ctx, all) })
		b.write(func(tx store.Tx) error { return tx.PutLinks(b.ctx, nil) })
		same(b, read[[]store.CustomerLink](b)(b.Links(b.ctx, b.env, p.Customer.ID)), all)
	}},
}
