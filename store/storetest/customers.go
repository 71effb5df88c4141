package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"sallyport/pure/customer"
	"sallyport/store"
)

var customerTests = []test{
	{"a customer comes back with everything, by id and by each identifier", func(b *bench) {
		p := person("aroha")
		b.create(p)
		same(b, read[customer.Customer](b)(b.Customer(b.ctx, b.env, p.Customer.ID)), p.Customer)
		same(b, read[[]customer.Identifier](b)(b.Identifiers(b.ctx, b.env, p.Customer.ID)), p.Identifiers)
		same(b, read[store.Credential](b)(b.Credential(b.ctx, b.env, p.Customer.ID)), *p.Credential)
		for _, id := range p.Identifiers {
			got := read[store.Person](b)(b.PersonByIdentifier(b.ctx, b.env, id.Kind, id.Value))
			same(b, got, store.Person{Customer: p.Customer, Identifier: id, Credential: p.Credential})
		}
	}},
	{"a customer may have nothing but an id", func(b *bench) {
		p := store.NewCustomer{Customer: customer.Customer{ID: customer.ID(unique()), State: customer.Disabled}}
		b.create(p)
		p.Customer.Version = 1
		same(b, read[customer.Customer](b)(b.Customer(b.ctx, b.env, p.Customer.ID)), p.Customer)
		_, err := b.Credential(b.ctx, b.env, p.Customer.ID)
		b.is(err, store.ErrNotFound)
	}},
	{"someone without a credential is found without one", func(b *bench) {
		p := person("mere")
		p.Credential = nil
		b.create(p)
		id := p.Identifiers[0]
		if got := read[store.Person](b)(b.PersonByIdentifier(b.ctx, b.env, id.Kind, id.Value)); got.Credential != nil {
			b.Fatalf("credential is %+v", got.Credential)
		}
	}},
	{"who is not there is not found", func(b *bench) {
		_, err := b.Customer(b.ctx, b.env, customer.ID(unique()))
		b.is(err, store.ErrNotFound)
		_, err = b.PersonByIdentifier(b.ctx, b.env, customer.Email, "nobody@harbourlight.example")
		b.is(err, store.ErrNotFound)
		same(b, read[[]customer.Identifier](b)(b.Identifiers(b.ctx, b.env, customer.ID(unique()))), nil)
	}},
	{"an identifier belongs to one customer, and a clash stores nobody", func(b *bench) {
		first := person("one")
		b.create(first)
		fresh, clash := person("two"), person("three")
		clash.Identifiers[1] = first.Identifiers[1]
		b.refused(store.ErrExists, func(tx store.Tx) error {
			return tx.CreateCustomers(b.ctx, []store.NewCustomer{fresh, clash})
		})
		_, err := b.Customer(b.ctx, b.env, fresh.Customer.ID)
		b.is(err, store.ErrNotFound)
		b.refused(store.ErrExists, func(tx store.Tx) error {
			return tx.CreateCustomers(b.ctx, []store.NewCustomer{{Customer: first.Customer}})
		})
		twins := person("four")
		twins.Identifiers = append(twins.Identifiers, twins.Identifiers[0])
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateCustomers(b.ctx, []store.NewCustomer{twins}) })
	}},
	{"the same value of another kind is another identifier", func(b *bench) {
		p, q := person("x"), person("y")
		p.Identifiers = []customer.Identifier{{Kind: customer.Username, Value: "64211234567"}}
		q.Identifiers = []customer.Identifier{{Kind: customer.Phone, Value: "64211234567"}}
		b.create(p, q)
	}},
	{"taken identifiers are told with their owners, however many are asked", func(b *bench) {
		var people []store.NewCustomer
		var ask []customer.Identifier
		for i := range 150 {
			p := person(fmt.Sprintf("taken%d", i))
			people = append(people, p)
			ask = append(ask, p.Identifiers...)
			ask = append(ask, customer.Identifier{Kind: customer.Email, Value: fmt.Sprintf("free%d", i)})
		}
		b.create(people...)
		var taken map[store.IdentifierKey]customer.ID
		b.write(func(tx store.Tx) (err error) {
			taken, err = tx.TakenIdentifiers(b.ctx, ask)
			return err
		})
		if len(taken) != 300 {
			b.Fatalf("%d taken", len(taken))
		}
		for _, p := range people {
			for _, id := range p.Identifiers {
				if taken[store.IdentifierKey{Kind: id.Kind, Value: id.Value}] != p.Customer.ID {
					b.Fatalf("%s belongs to somebody else", id.Value)
				}
			}
		}
	}},
	{"of several addresses of a kind the chosen one comes first, then those that were proven, the earliest before others", func(b *bench) {
		p, other := person("mere"), person("rewi")
		mail := func(local string, proved int, verified bool) customer.Identifier {
			value := local + "@mere.example"
			i := customer.Identifier{Kind: customer.Email, Value: value, Display: value, Verified: verified, Source: "customer"}
			if proved > 0 {
				i.Proof = customer.Proof{At: at(proved), By: "code"}
			}
			return i
		}
		p.Identifiers = []customer.Identifier{mail("a", 5, true), mail("b", 3, true), mail("0", 0, false), {Kind: customer.Phone, Value: "+6421000001", Display: "+6421000001", Verified: true, Source: "customer", First: true}}
		b.create(p, other)
		key := func(local string) store.IdentifierKey {
			return store.IdentifierKey{Kind: customer.Email, Value: local + "@mere.example"}
		}
		order := func(want string) {
			b.Helper()
			got := ""
			for _, i := range read[[]customer.Identifier](b)(b.Identifiers(b.ctx, b.env, p.Customer.ID)) {
				got += i.Value[:1]
				if i.First {
					got += "!"
				}
			}
			if got != want {
				b.Errorf("in order %s, want %s", got, want)
			}
		}
		order("ba0+!")
		b.write(func(tx store.Tx) error { return tx.PutFirst(b.ctx, p.Customer.ID, key("a")) })
		order("a!b0+!")
		b.write(func(tx store.Tx) error { return tx.PutIdentifier(b.ctx, p.Customer.ID, mail("a", 9, true)) })
		again := mail("c", 1, true)
		again.First = true
		b.write(func(tx store.Tx) error { return tx.PutIdentifier(b.ctx, p.Customer.ID, again) })
		order("a!cb0+!")
		b.write(func(tx store.Tx) error { return tx.PutFirst(b.ctx, p.Customer.ID, key("b")) })
		order("b!ca0+!")
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutFirst(b.ctx, p.Customer.ID, key("0")) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutFirst(b.ctx, other.Customer.ID, key("a")) })
		b.write(func(tx store.Tx) error { return tx.DeleteIdentifier(b.ctx, p.Customer.ID, key("b")) })
		order("ca0+!")
	}},
	{"an update needs the version that was read, and raises it", func(b *bench) {
		p := person("hemi")
		b.create(p)
		c := p.Customer
		c.State, c.Name, c.Groups, c.Attributes, c.Updated = customer.Disabled, "Hēmi", nil, map[string]string{"a": "ü"}, at(9)
		c.NotBefore = at(8)
		b.write(func(tx store.Tx) error { return tx.UpdateCustomer(b.ctx, c) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.UpdateCustomer(b.ctx, c) })
		c.Version = 2
		same(b, read[customer.Customer](b)(b.Customer(b.ctx, b.env, c.ID)), c)
		c.ID = customer.ID(unique())
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UpdateCustomer(b.ctx, c) })
	}},
	{"a credential is put for the first time, replaced, and never by surprise", func(b *bench) {
		p := person("ana")
		p.Credential = nil
		b.create(p)
		c := store.Credential{Customer: p.Customer.ID, Sealed: []byte("one"), Scheme: "argon2id", Updated: at(1)}
		put := func(tx store.Tx) error { return tx.PutCredential(b.ctx, c) }
		b.write(put)
		b.refused(store.ErrConflict, put)
		c.Version, c.Sealed = 1, []byte("two")
		b.write(put)
		b.refused(store.ErrConflict, put)
		c.Version = 2
		same(b, read[store.Credential](b)(b.Credential(b.ctx, b.env, c.Customer)), c)
		c.Customer, c.Version = customer.ID(unique()), 0
		b.refused(store.ErrNotFound, put)
	}},
	{"of parallel updates of one version exactly one wins", func(b *bench) {
		p := person("kiri")
		b.create(p)
		var won atomic.Int64
		parallel(16, func(int) {
			err := b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.UpdateCustomer(b.ctx, p.Customer) })
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, store.ErrConflict) {
				b.Error(err)
			}
		})
		if won.Load() != 1 {
			b.Fatalf("%d won", won.Load())
		}
	}},
	{"of parallel registrations of one address exactly one wins", func(b *bench) {
		var won atomic.Int64
		parallel(16, func(i int) {
			p := person("wanted")
			p.Identifiers = p.Identifiers[:1]
			err := b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.CreateCustomers(b.ctx, []store.NewCustomer{p}) })
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, store.ErrExists) {
				b.Error(err)
			}
		})
		if won.Load() != 1 {
			b.Fatalf("%d won", won.Load())
		}
	}},
	{"weak credentials are listed in order until they are replaced", func(b *bench) {
		people := []store.NewCustomer{person("w1"), person("w2"), person("w3"), person("w4")}
		people[1].Credential.Weak = false
		b.create(people...)
		got := read[[]store.Credential](b)(b.WeakCredentials(b.ctx, b.env, customer.ID{}, 2))
		same(b, got, []store.Credential{*people[0].Credential, *people[2].Credential})
		strong := got[1]
		strong.Weak = false
		b.write(func(tx store.Tx) error { return tx.PutCredential(b.ctx, strong) })
		got = read[[]store.Credential](b)(b.WeakCredentials(b.ctx, b.env, got[0].Customer, 9))
		same(b, got, []store.Credential{*people[3].Credential})
	}},
}

var findTests = []test{
	{"a page holds what begins with the prefix, by value in the order of code points", func(b *bench) {
		for _, value := range []string{"ab", "a", "b", "abc", "aé", "a\U0010ffff", "B", "a-", "ac"} {
			b.named(customer.Username, value)
		}
		for _, test := range []struct{ prefix, want string }{
			{"", "B a a- ab abc ac aé a\U0010ffff b"},
			{"a", "a a- ab abc ac aé a\U0010ffff"},
			{"ab", "ab abc"},
			{"aé", "aé"},
			{"a\U0010ffff", "a\U0010ffff"},
			{"\U0010ffff", ""},
			{"a%", ""},
			{"zz", ""},
		} {
			for _, kind := range []customer.IdentifierKind{customer.Username, ""} {
				got := strings.Join(b.find(store.CustomerPage{Kind: kind, Prefix: test.prefix, Limit: 100}), " ")
				if got != test.want {
					b.Errorf("prefix %q of kind %q gives %q, want %q", test.prefix, kind, got, test.want)
				}
			}
		}
	}},
	{"following the cursor gives every row once, over all kinds too", func(b *bench) {
		for i := range 11 {
			value := fmt.Sprintf("row%02d", i/2)
			b.named([]customer.IdentifierKind{customer.Username, customer.Email}[i%2], value)
		}
		want := b.find(store.CustomerPage{Prefix: "row", Limit: 200})
		if len(want) != 11 || !slices.IsSorted(want) {
			b.Fatalf("rows are %v", want)
		}
		for limit := 1; limit < 12; limit++ {
			same(b, b.find(store.CustomerPage{Prefix: "row", Limit: limit}), want)
		}
		if got := b.find(store.CustomerPage{Kind: customer.Email, Prefix: "row", Limit: 2}); len(got) != 5 {
			b.Fatalf("e-mail rows are %v", got)
		}
	}},
	{"a row carries its customer and identifier", func(b *bench) {
		p := person("rangi")
		b.create(p)
		rows := read[[]store.CustomerRow](b)(b.FindCustomers(b.ctx, b.env, store.CustomerPage{Kind: customer.Email, Prefix: "rangi@", Limit: 1}))
		if len(rows) != 1 {
			b.Fatalf("rows are %+v", rows)
		}
		same(b, rows[0].Customer, p.Customer)
		same(b, rows[0].Identifier, p.Identifiers[0])
	}},
	{"a cursor that nobody gave is refused", func(b *bench) {
		_, err := b.FindCustomers(b.ctx, b.env, store.CustomerPage{After: "%", Limit: 1})
		b.is(err, store.ErrInvalid)
	}},
}

// named creates a customer with one identifier.
func (b *bench) named(kind customer.IdentifierKind, value string) {
	b.Helper()
	b.create(store.NewCustomer{
		Customer:    customer.Customer{ID: customer.ID(unique()), State: customer.Active},
		Identifiers: []customer.Identifier{{Kind: kind, Value: value}},
	})
}

// find follows the cursor to the end.
func (b *bench) find(page store.CustomerPage) (values []string) {
	b.Helper()
	for {
		rows := read[[]store.CustomerRow](b)(b.FindCustomers(b.ctx, b.env, page))
		if len(rows) > page.Limit {
			b.Fatalf("%d rows on a page of %d", len(rows), page.Limit)
		}
		if len(rows) == 0 {
			return values
		}
		for _, row := range rows {
			values = append(values, row.Identifier.Value)
			page.After = row.Cursor
		}
	}
}
