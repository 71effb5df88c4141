package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// pages stores the hashes of keys as those of a run, small pages of them.
func pages(b *bench, tx store.Tx, run string, keys ...string) error {
	var hashes []uint64
	for _, key := range keys {
		hashes = append(hashes, store.RecordHash(key))
	}
	slices.Sort(hashes)
	var err error
	for page := range slices.Chunk(hashes, 3) {
		err = errors.Join(err, tx.PutRunKeys(b.ctx, store.RunKeys{Migration: "meterman", Run: run, Hashes: page}))
	}
	return err
}

// worldLedger is what an environment's ledger can hold besides records of a run.
func worldLedger(b *bench, tx store.Tx) error {
	return errors.Join(pages(b, tx, "r1", "b"), tx.MoveRecords(b.ctx, []store.RecordMove{arrival("j", store.WayJIT)}),
		tx.PutRecordTarget(b.ctx, "meterman", store.RecordTarget{Number: 0, Target: "email", From: "mail"}))
}

// arrival is a record that its person brought.
func arrival(key string, way store.RecordWay) store.RecordMove {
	return store.RecordMove{
		Migration: "meterman", Key: key, State: store.RecordImported, Way: way, Customer: "cus_1", Marks: []byte{1, 2, 3}, At: at(4),
	}
}

func (b *bench) ways(want map[store.StateWay]int64) {
	b.Helper()
	same(b, read[map[store.StateWay]int64](b)(b.RecordWays(b.ctx, b.env, "meterman")), want)
}

var ledgerTests = []test{
	{"whoever comes another way leaves pending if the run counts them, and adds to the total if not", func(b *bench) {
		b.write(func(tx store.Tx) error {
			var keys []string
			for i := range 10 {
				keys = append(keys, fmt.Sprint("k", i))
			}
			return errors.Join(pages(b, tx, "r1", keys...), tx.StartRun(b.ctx, run("r1", 10)))
		})
		b.move(move("k1", store.RecordImported), move("k2", store.RecordHeld))
		b.move(arrival("k3", store.WayJIT), arrival("stranger", store.WayRegister))
		staged := arrival("k4", store.WayClaim)
		staged.State = store.RecordStaged
		b.move(staged)
		b.counted(map[store.RecordState]int64{
			store.RecordPending: 6, store.RecordImported: 3, store.RecordHeld: 1, store.RecordStaged: 1,
		})
		b.ways(map[store.StateWay]int64{
			{State: store.RecordPending}: 6, {State: store.RecordImported, Way: store.WayBulk}: 1, {State: store.RecordHeld, Way: store.WayBulk}: 1,
			{State: store.RecordImported, Way: store.WayJIT}: 1, {State: store.RecordImported, Way: store.WayRegister}: 1,
			{State: store.RecordStaged, Way: store.WayClaim}: 1,
		})
		taken := arrival("k3", store.WayJIT)
		taken.Run = "r1"
		same(b, read[store.RecordMove](b)(b.LedgerRecord(b.ctx, b.env, "meterman", "k3")), taken)
		same(b, read[store.RecordMove](b)(b.LedgerRecord(b.ctx, b.env, "meterman", "stranger")), arrival("stranger", store.WayRegister))
	}},
	{"a record keeps one way at a time, and its pending lines have none", func(b *bench) {
		b.start(1)
		b.move(move("k", store.RecordHeld))
		b.move(arrival("k", store.WayJIT))
		b.ways(map[store.StateWay]int64{{State: store.RecordImported, Way: store.WayJIT}: 1})
		undone := move("k", store.RecordPending)
		undone.Way = store.WayJIT // says nothing
		b.move(undone)
		b.ways(map[store.StateWay]int64{{State: store.RecordPending}: 1})
		same(b, read[store.RecordMove](b)(b.LedgerRecord(b.ctx, b.env, "meterman", "k")), move("k", store.RecordPending))
		b.move(arrival("k", store.WayClaim))
		b.ways(map[store.StateWay]int64{{State: store.RecordImported, Way: store.WayClaim}: 1})
		lines := read[[]store.RecordMove](b)(b.LedgerLines(b.ctx, b.env, "meterman", "k"))
		same(b, lines, []store.RecordMove{
			move("k", store.RecordHeld), arrival("k", store.WayJIT), move("k", store.RecordPending), arrival("k", store.WayClaim),
		})
		same(b, read[[]store.RecordMove](b)(b.LedgerLines(b.ctx, b.env, "meterman", "z")), nil)
	}},
	{"ways that do not exist and marks without bounds are refused", func(b *bench) {
		for _, change := range []func(*store.RecordMove){
			func(m *store.RecordMove) { m.Way = "flight" },
			func(m *store.RecordMove) { m.Marks = make([]byte, 32<<10+1) },
		} {
			m := arrival("k", store.WayJIT)
			change(&m)
			b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.MoveRecords(b.ctx, []store.RecordMove{m}) })
		}
	}},
	{"pages of keys rise, hold a bounded number, and tell of each key", func(b *bench) {
		for _, hashes := range [][]uint64{nil, {2, 1}, {1, 1}, make([]uint64, store.KeysAtOnce+1)} {
			b.refused(store.ErrInvalid, func(tx store.Tx) error {
				return tx.PutRunKeys(b.ctx, store.RunKeys{Migration: "meterman", Run: "r1", Hashes: hashes})
			})
		}
		var keys, others []string
		for i := range 100 {
			keys, others = append(keys, fmt.Sprint("k", i)), append(others, fmt.Sprint("x", i))
		}
		b.write(func(tx store.Tx) error { return errors.Join(pages(b, tx, "r1", keys...), pages(b, tx, "r2", "k1")) })
		b.refused(store.ErrExists, func(tx store.Tx) error { return pages(b, tx, "r2", "k1") })
		count := func(run string) (counted map[string]bool) {
			b.write(func(tx store.Tx) (err error) {
				counted, err = tx.CountedKeys(b.ctx, "meterman", run, slices.Concat(others, keys))
				return err
			})
			return counted
		}
		if counted := count("r1"); len(counted) != 100 || !counted["k0"] || counted["x0"] {
			b.Errorf("%d keys are counted: %v", len(counted), counted)
		}
		drop := func(keep string, limit int) (dropped int) {
			b.write(func(tx store.Tx) (err error) {
				dropped, err = tx.DropRunKeys(b.ctx, "meterman", keep, limit)
				return err
			})
			return dropped
		}
		same(b, []int{drop("r2", 30), drop("r2", 30), drop("r2", 30)}, []int{30, 4, 0})
		same(b, len(count("r1")), 0)
		same(b, count("r2"), map[string]bool{"k1": true})
		same(b, drop("", 9), 1)
	}},
	{"a run that is running or paused is held, and no other", func(b *bench) {
		hold := func(want string) {
			b.Helper()
			b.write(func(tx store.Tx) error {
				r, err := tx.HoldRun(b.ctx, "meterman")
				if want == "" {
					b.is(err, store.ErrNotFound)
					return nil
				}
				same(b, r.ID, want)
				return err
			})
		}
		hold("")
		b.start(10)
		for version, state := range []string{"paused", "running", "done", "undoing", "undone"} {
			hold(map[bool]string{true: "r1"}[version < 3])
			r := run("r1", 10)
			r.State, r.Version = state, int64(version)+1
			b.write(func(tx store.Tx) error { return tx.AdvanceRun(b.ctx, r) })
		}
		hold("")
	}},
	{"arrivals are told from an instant on, oldest first", func(b *bench) {
		b.start(9)
		late := arrival("b", store.WayJIT)
		late.At = at(9)
		b.move(move("z", store.RecordImported), arrival("a", store.WayJIT), late, arrival("c", store.WayClaim))
		list := func(since time.Time, limit int) (keys []string) {
			b.write(func(tx store.Tx) (err error) {
				keys, err = tx.Arrivals(b.ctx, "meterman", since, limit)
				return err
			})
			return keys
		}
		same(b, list(at(0), 9), []string{"a", "c", "b"})
		same(b, list(at(0), 1), []string{"a"})
		same(b, list(at(5), 9), []string{"b"})
	}},
	{"of an erased record a digest of its key stays, which nobody moves", func(b *bench) {
		b.start(5)
		b.move(move("a", store.RecordHeld), move("b", store.RecordHeld))
		b.move(arrival("a", store.WayJIT), arrival("c", store.WayClaim))
		var erased, again int
		b.write(func(tx store.Tx) (err error) {
			erased, err = tx.EraseRecords(b.ctx, "cus_1", at(8))
			b.ok(err)
			again, err = tx.EraseRecords(b.ctx, "cus_1", at(8))
			return err
		})
		same(b, []int{erased, again}, []int{2, 0})
		b.ways(map[store.StateWay]int64{
			{State: store.RecordPending}: 3, {State: store.RecordHeld, Way: store.WayBulk}: 1,
			{State: store.RecordErased, Way: store.WayJIT}: 1, {State: store.RecordErased, Way: store.WayClaim}: 1,
		})
		line := store.RecordMove{
			Migration: "meterman", Key: store.ErasedKey(b.env, "meterman", "a"), State: store.RecordErased, Way: store.WayJIT, Reason: "erased", At: at(8),
		}
		same(b, read[store.RecordMove](b)(b.LedgerRecord(b.ctx, b.env, "meterman", "a")), line)
		same(b, read[[]store.RecordMove](b)(b.LedgerLines(b.ctx, b.env, "meterman", "a")), nil)
		same(b, read[[]store.RecordMove](b)(b.RecordsOf(b.ctx, b.env, "cus_1")), nil)
		b.write(func(tx store.Tx) error {
			known, err := tx.KnownRecords(b.ctx, "meterman", []string{"a", "b", "d"})
			same(b, known["a"], store.KnownRecord{State: store.RecordErased, Way: store.WayJIT, Reason: "erased"})
			same(b, len(known), 2)
			same(b, read[map[string]store.KnownRecord](b)(b.Store.KnownRecords(b.ctx, b.env, "meterman", []string{"a", "b", "d"})), known)
			return err
		})
		for _, m := range []store.RecordMove{arrival("a", store.WayJIT), move("a", store.RecordImported)} {
			b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.MoveRecords(b.ctx, []store.RecordMove{m}) })
		}
	}},
	{"records are found by their customer", func(b *bench) {
		b.start(2)
		b.move(move("z", store.RecordHeld), arrival("b", store.WayJIT), arrival("a", store.WayClaim))
		same(b, read[[]store.RecordMove](b)(b.RecordsOf(b.ctx, b.env, "cus_1")),
			[]store.RecordMove{arrival("a", store.WayClaim), arrival("b", store.WayJIT)})
		same(b, read[[]store.RecordMove](b)(b.RecordsOf(b.ctx, b.env, "")), nil)
	}},
	{"a target has one number", func(b *bench) {
		email, password := store.RecordTarget{Number: 0, Target: "email", From: "mail"}, store.RecordTarget{Number: 1, Target: "password", From: "pw"}
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutRecordTarget(b.ctx, "meterman", password), tx.PutRecordTarget(b.ctx, "meterman", email))
		})
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutRecordTarget(b.ctx, "meterman", email) })
		for _, number := range []int{-1, store.MaxRecordTargets} {
			b.refused(store.ErrInvalid, func(tx store.Tx) error {
				return tx.PutRecordTarget(b.ctx, "meterman", store.RecordTarget{Number: number})
			})
		}
		same(b, read[[]store.RecordTarget](b)(b.RecordTargets(b.ctx, b.env, "meterman")), []store.RecordTarget{email, password})
	}},
	{"an identifier is put, replaced and deleted by its owner alone", func(b *bench) {
		one, other := person("rua"), person("tahi")
		b.create(one, other)
		id := customer.Identifier{Kind: customer.Email, Value: "new@x.test", Display: "New@x.test", Source: "migration/meterman"}
		put := func(to store.NewCustomer) error {
			return b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.PutIdentifier(b.ctx, to.Customer.ID, id) })
		}
		b.ok(put(one))
		b.is(put(other), store.ErrExists)
		id.Verified = true
		b.ok(put(one))
		got := read[store.Person](b)(b.PersonByIdentifier(b.ctx, b.env, id.Kind, id.Value))
		same(b, got.Identifier, id)
		same(b, got.Customer.ID, one.Customer.ID)
		remove := func(from store.NewCustomer) {
			b.write(func(tx store.Tx) error {
				return tx.DeleteIdentifier(b.ctx, from.Customer.ID, store.IdentifierKey{Kind: id.Kind, Value: id.Value})
			})
		}
		remove(other)
		b.ok(put(one))
		remove(one)
		b.ok(put(other))
	}},
	{"a customer is removed who did nothing here, with all that is theirs", func(b *bench) {
		p := person("wha")
		b.create(p)
		id := p.Customer.ID
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutFactor(b.ctx, factor(id, store.FactorTOTP)), tx.PutPasskeys(b.ctx, []store.Passkey{passkey(id)}),
				tx.PutLinks(b.ctx, []store.CustomerLink{link(id, "1")}), tx.PutTags(b.ctx, id, []string{"vip"}))
		})
		came := agreement(id) // at another place, before
		came.Given = at(-90)
		b.write(func(tx store.Tx) error { return tx.KeepAgreements(b.ctx, []store.Agreement{came}) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.RemoveCustomer(b.ctx, id, 2) })
		b.write(func(tx store.Tx) error { return tx.RemoveCustomer(b.ctx, id, 1) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.RemoveCustomer(b.ctx, id, 1) })
		_, err := b.Customer(b.ctx, b.env, id)
		b.is(err, store.ErrNotFound)
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, id)), nil)
		same(b, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, id)), nil)
		b.create(p) // the names are free
	}},
	{"a customer who did something here is not removed", func(b *bench) {
		for _, do := range []func(tx store.Tx, id customer.ID) error{
			func(tx store.Tx, id customer.ID) error {
				s := session()
				s.Customer = id
				return tx.CreateSession(b.ctx, s)
			},
			func(tx store.Tx, id customer.ID) error { return tx.PutConsent(b.ctx, consent(id)) },
			func(tx store.Tx, id customer.ID) error {
				a := agreement(id)
				a.Given = at(90)
				return tx.PutAgreement(b.ctx, a)
			},
			func(tx store.Tx, id customer.ID) error {
				a := agreement(id)
				a.Given, a.Withdrawn = at(-90), at(90)
				return tx.KeepAgreements(b.ctx, []store.Agreement{a})
			},
			func(tx store.Tx, id customer.ID) error {
				g := grant()
				g.Customer = id
				return tx.CreateGrant(b.ctx, g)
			},
		} {
			p := person(fmt.Sprintf("p%x", unique()))
			b.create(p)
			b.write(func(tx store.Tx) error { return do(tx, p.Customer.ID) })
			b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.RemoveCustomer(b.ctx, p.Customer.ID, 1) })
			read[customer.Customer](b)(b.Customer(b.ctx, b.env, p.Customer.ID))
		}
	}},
}
