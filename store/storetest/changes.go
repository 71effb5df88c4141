package storetest

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// change is a proposal with everything set.
func change() store.Change {
	return store.Change{
		Author: customer.ID(unique()), AuthorName: "robin", Title: "solar reads bills", Reason: "tariff of May", Source: "preview revision 12",
		Base: 3, BaseDigest: hash(unique()), Target: []byte("tree"), Digest: hash(unique()), Delta: hash(unique()),
		Undoes: 4, Follows: 5, Created: at(1),
		State: store.ChangeOpen, Ended: at(2), EndedBy: "sam", Note: "looks right", Revision: 9, UndoneBy: 6, FollowUp: 7,
	}
}

// proposed stores a change that became no revision.
func (b *bench) proposed() store.Change {
	b.Helper()
	c := change()
	c.Revision = 0
	b.write(func(tx store.Tx) (err error) {
		c.Number, err = tx.OpenChange(b.ctx, c)
		return err
	})
	c.Version = 1
	return c
}

func approval(change int64) store.Approval {
	return store.Approval{Change: change, Approver: customer.ID(unique()), Name: "sam", Binding: hash(unique()), At: at(3), Carried: 2}
}

func recall(change int64, part int) store.Recall {
	return store.Recall{
		Change: change, Part: part, Server: "customers", Application: "sunshare", Scopes: []string{"billing.read.bill"},
		From: 3, To: 4, Since: at(1), At: at(2), Until: at(1000),
	}
}

// propose stores the world's change with an approval and a recall, as the first
// of its environment.
func (w world) propose(b *bench, tx store.Tx) error {
	number, err := tx.OpenChange(b.ctx, w.change)
	return errors.Join(err, tx.PutApproval(b.ctx, approval(number)), tx.PutRecalls(b.ctx, []store.Recall{recall(number, 0)}))
}

var changeTests = []test{
	{"a change comes back as it was stored, numbered from one", func(b *bench) {
		first, second := b.proposed(), b.proposed()
		same(b, []int64{first.Number, second.Number}, []int64{1, 2})
		same(b, read[store.Change](b)(b.Change(b.ctx, b.env, 2)), second)
		_, err := b.Change(b.ctx, b.env, 3)
		b.is(err, store.ErrNotFound)
	}},
	{"of parallel proposals each has a number of its own", func(b *bench) {
		var mu sync.Mutex
		var numbers []int64
		parallel(12, func(int) {
			var number int64
			err := b.Write(b.ctx, b.env, func(tx store.Tx) (err error) {
				number, err = tx.OpenChange(b.ctx, store.Change{State: store.ChangeOpen})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if numbers = append(numbers, number); err != nil {
				b.Error(err)
			}
		})
		slices.Sort(numbers)
		if len(slices.Compact(numbers)) != 12 || numbers[0] != 1 {
			b.Fatalf("numbers are %v", numbers)
		}
	}},
	{"what is above a limit is refused", func(b *bench) {
		for _, make := range []func(*store.Change){
			func(c *store.Change) { c.Target = make([]byte, 64<<20+1) },
			func(c *store.Change) { c.Reason = strings.Repeat("x", 16<<10) },
			func(c *store.Change) { c.Note = strings.Repeat("x", 16<<10+1) },
		} {
			c := change()
			make(&c)
			b.refused(store.ErrInvalid, func(tx store.Tx) error { _, err := tx.OpenChange(b.ctx, c); return err })
		}
		c := b.proposed()
		c.Note = strings.Repeat("x", 16<<10+1)
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.MoveChange(b.ctx, c) })
	}},
	{"changes are listed newest first, by state, without targets", func(b *bench) {
		var all []store.Change
		for i := range 5 {
			c := b.proposed()
			if i%2 == 1 {
				c.State = store.ChangeWithdrawn
				b.write(func(tx store.Tx) error { return tx.MoveChange(b.ctx, c) })
				c.Version++
			}
			c.Target = nil
			all = append(all, c)
		}
		slices.Reverse(all)
		page := func(p store.ChangePage) []store.Change { return read[[]store.Change](b)(b.ChangeList(b.ctx, b.env, p)) }
		same(b, page(store.ChangePage{Limit: 99}), all)
		same(b, page(store.ChangePage{Limit: 2}), all[:2])
		same(b, page(store.ChangePage{Limit: 2, Before: 4}), all[2:4])
		same(b, page(store.ChangePage{Limit: 9, States: []store.ChangeState{store.ChangeWithdrawn}}), []store.Change{all[1], all[3]})
		same(b, page(store.ChangePage{Limit: 9, States: []store.ChangeState{store.ChangeWithdrawn, store.ChangeOpen}}), all)
	}},
	{"a change moves for who read it last, and what it proposes stays", func(b *bench) {
		c := b.proposed()
		moved := change()
		moved.Number, moved.Version, moved.State, moved.Note = c.Number, c.Version, store.ChangeApplied, "done"
		move := func(tx store.Tx) error { return tx.MoveChange(b.ctx, moved) }
		b.write(move)
		b.refused(store.ErrConflict, move)
		c.State, c.Note, c.Revision, c.Version = moved.State, moved.Note, moved.Revision, 2
		same(b, read[store.Change](b)(b.Change(b.ctx, b.env, c.Number)), c)
		c.Target = nil
		same(b, read[store.Change](b)(b.ChangeOf(b.ctx, b.env, c.Revision)), c)
		_, err := b.ChangeOf(b.ctx, b.env, 0)
		b.is(err, store.ErrNotFound)
	}},
	{"of parallel moves exactly one wins", func(b *bench) {
		c := b.proposed()
		b.onlyOne(8, store.ErrConflict, func(tx store.Tx) error { return tx.MoveChange(b.ctx, c) })
	}},
	{"an approval is counted once for each operator, while the change waits", func(b *bench) {
		c := b.proposed()
		one, two := approval(c.Number), approval(c.Number)
		two.At, two.Carried = at(9), 0
		for _, a := range []store.Approval{two, one} {
			b.write(func(tx store.Tx) error { return tx.PutApproval(b.ctx, a) })
		}
		again := one
		again.Binding = hash(unique())
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutApproval(b.ctx, again) })
		same(b, read[[]store.Approval](b)(b.Approvals(b.ctx, b.env, c.Number)), []store.Approval{one, two})
		c.Approvals, c.Version = 2, 3
		same(b, read[store.Change](b)(b.Change(b.ctx, b.env, c.Number)), c)
		c.State = store.ChangeApproved
		b.write(func(tx store.Tx) error { return tx.MoveChange(b.ctx, c) })
		b.write(func(tx store.Tx) error { return tx.PutApproval(b.ctx, approval(c.Number)) })
		for _, state := range []store.ChangeState{store.ChangeApplied, store.ChangeRejected, store.ChangeWithdrawn, store.ChangeSuperseded} {
			ended := b.proposed()
			ended.State = state
			b.write(func(tx store.Tx) error { return tx.MoveChange(b.ctx, ended) })
			b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutApproval(b.ctx, approval(ended.Number)) })
		}
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutApproval(b.ctx, approval(999)) })
	}},
	{"of an approval and a move, who read the change before loses", func(b *bench) {
		c := b.proposed()
		b.write(func(tx store.Tx) error { return tx.PutApproval(b.ctx, approval(c.Number)) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.MoveChange(b.ctx, c) })
	}},
}

var recallTests = []test{
	{"recalls come back by part, those of one change", func(b *bench) {
		one, two, other := recall(1, 0), recall(1, 1), recall(2, 0)
		two.Scopes = nil
		b.write(func(tx store.Tx) error { return tx.PutRecalls(b.ctx, []store.Recall{two, one, other}) })
		same(b, read[[]store.Recall](b)(b.Recalls(b.ctx, b.env, 1)), []store.Recall{one, two})
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutRecalls(b.ctx, []store.Recall{recall(3, 0), one}) })
		same(b, read[[]store.Recall](b)(b.Recalls(b.ctx, b.env, 3)), nil)
		two.Change, two.Scopes = 9, []string{strings.Repeat("x", 16<<10)}
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutRecalls(b.ctx, []store.Recall{two}) })
	}},
	{"recalls of one application from one server are found until they end", func(b *bench) {
		of := func(server, application string, now time.Time) []store.Recall {
			return read[[]store.Recall](b)(b.RecallsOf(b.ctx, b.env, server, application, now))
		}
		one, later, other, elsewhere := recall(1, 0), recall(2, 1), recall(2, 2), recall(2, 3)
		later.Until, other.Application, elsewhere.Server = at(2000), "payright", "enterprise"
		b.write(func(tx store.Tx) error { return tx.PutRecalls(b.ctx, []store.Recall{later, one, other, elsewhere}) })
		same(b, of("customers", "sunshare", at(999)), []store.Recall{one, later})
		same(b, of("customers", "sunshare", at(1000)), []store.Recall{later})
		same(b, of("customers", "payright", at(5)), []store.Recall{other})
		same(b, of("partners", "sunshare", at(5)), nil)
	}},
	{"a recall travels by the feed, whole", func(b *bench) {
		r := recall(0, 0)
		b.write(func(tx store.Tx) error { return tx.Publish(b.ctx, r.Entry()) })
		heard := b.feedOf(b.env)
		same(b, len(heard), 1)
		same(b, read[store.Recall](b)(store.RecallOf(heard[0])), r)
	}},
	{"a recall covers what its application was issued meanwhile with one of its scopes", func(b *bench) {
		r := recall(1, 0)
		billing, all, signIn := r.Scopes, r, r
		signIn.Scopes = []string{store.SignInAlone}
		all.Scopes = nil
		for _, test := range []struct {
			name        string
			recall      store.Recall
			application string
			revision    int64
			issued      time.Time
			scopes      []string
			want        bool
		}{
			{"the first revision", r, "sunshare", 3, at(50), []string{"openid", "billing.read.bill"}, true},
			{"the last revision", r, "sunshare", 4, at(0), billing, true},
			{"before", r, "sunshare", 2, at(1), billing, false},
			{"after", r, "sunshare", 5, at(1), billing, false},
			{"another application", r, "payright", 3, at(1), billing, false},
			{"other scopes", r, "sunshare", 3, at(1), []string{"openid"}, false},
			{"signing in, which is all that it holds", signIn, "sunshare", 3, at(1), []string{"openid", "profile"}, true},
			{"signing in for something else", signIn, "sunshare", 3, at(1), []string{"openid", "usage.read.interval"}, false},
			{"whatever it holds", all, "sunshare", 3, at(1), nil, true},
			{"no revision is known, and it is as old as what is recalled", r, "sunshare", 0, at(1), billing, true},
			{"no revision is known, and it is older", r, "sunshare", 0, at(0), billing, false},
			{"no revision is known, and it is younger", r, "sunshare", 0, at(3), billing, false},
		} {
			if got := test.recall.Covers(test.application, test.revision, test.issued, test.scopes); got != test.want {
				b.Errorf("%s: %v", test.name, got)
			}
		}
	}},
}

var populationTests = []test{
	{"customers are counted by groups and state", func(b *bench) {
		with := func(state customer.State, groups ...string) store.NewCustomer {
			p := person(strings.ToLower(time.Duration(ids.Add(1)).String()))
			p.Customer.State, p.Customer.Groups = state, groups
			return p
		}
		b.create(with(customer.Active, "household", "solar"), with(customer.Active, "household", "solar"), with(customer.Disabled, "household", "solar"),
			with(customer.Active), with(customer.Active, "landlords"))
		want := []store.GroupSet{
			{State: customer.Active, Customers: 1},
			{Groups: []string{"household", "solar"}, State: customer.Active, Customers: 2},
			{Groups: []string{"household", "solar"}, State: customer.Disabled, Customers: 1},
			{Groups: []string{"landlords"}, State: customer.Active, Customers: 1},
		}
		sets, cut, err := b.CountByGroups(b.ctx, b.env, 4)
		b.ok(err)
		same(b, sets, want)
		same(b, cut, false)
		sets, cut, err = b.CountByGroups(b.ctx, b.env, 3)
		b.ok(err)
		same(b, sets, want[:3])
		same(b, cut, true)
	}},
	{"a customer in very many groups is stored, and said not to be counted", func(b *bench) {
		p := person("collector")
		for range 400 {
			p.Customer.Groups = append(p.Customer.Groups, "portfolio-"+time.Duration(ids.Add(1)).String())
		}
		b.create(p)
		sets, cut, err := b.CountByGroups(b.ctx, b.env, 9)
		b.ok(err)
		same(b, sets, nil)
		same(b, cut, true)
		same(b, read[customer.Customer](b)(b.Customer(b.ctx, b.env, p.Customer.ID)).Groups, p.Customer.Groups)
	}},
}
