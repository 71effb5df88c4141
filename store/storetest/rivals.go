package storetest

import (
	"errors"
	"strings"

	"sallyport/store"
)

func rivalClaim(group, key string) store.RivalClaim {
	return store.RivalClaim{Migration: "meterman", Group: group, Kind: "email", Key: key, Sealed: []byte("sealed\x00" + key), At: at(1)}
}

func rivalDecision(group string) store.RivalDecision {
	return store.RivalDecision{Migration: "meterman", Group: group, Decision: []byte(`{"do":"split"}`), By: "operator/ana", At: at(2)}
}

// naming is a decision on records.
func naming(group string, keys ...string) store.RivalDecision {
	d := rivalDecision(group)
	d.Claimants = keys
	return d
}

var rivalTests = []test{
	{"claims are listed by group, and a page ends with a group", func(b *bench) {
		one, two, three := rivalClaim("a1", "x1"), rivalClaim("a1", "x2"), rivalClaim("b2", "x1")
		here := store.RivalClaim{Migration: "meterman", Group: "b2", Kind: "email", Customer: "cus_1", At: at(1), Sealed: []byte{}}
		b.write(func(tx store.Tx) error { return tx.PutRivalClaims(b.ctx, []store.RivalClaim{three, two, one, here}) })
		list := func(after string, limit int) []store.RivalClaim {
			return read[[]store.RivalClaim](b)(b.RivalClaims(b.ctx, b.env, store.RivalPage{Migration: "meterman", After: after, Limit: limit}))
		}
		same(b, len(list("", 10)), 4)
		same(b, list("", 1), []store.RivalClaim{one, two})
		same(b, len(list("a1", 1)), 2)
		same(b, len(list("b2", 1)), 0)
		same(b, len(read[[]store.RivalClaim](b)(b.RivalGroup(b.ctx, b.env, "meterman", "b2"))), 2)
	}},
	{"a claim that comes again is kept once, as it is now", func(b *bench) {
		c := rivalClaim("a1", "x1")
		b.write(func(tx store.Tx) error { return tx.PutRivalClaims(b.ctx, []store.RivalClaim{c, c}) })
		c.Sealed, c.At = []byte("anew"), at(9)
		b.write(func(tx store.Tx) error { return tx.PutRivalClaims(b.ctx, []store.RivalClaim{c}) })
		same(b, read[[]store.RivalClaim](b)(b.RivalGroup(b.ctx, b.env, "meterman", "a1")), []store.RivalClaim{c})
	}},
	{"a claim of nobody, or of a record and a customer at once, is refused", func(b *bench) {
		nobody, both := rivalClaim("a1", ""), rivalClaim("a1", "x1")
		both.Customer = "cus_1"
		for _, c := range []store.RivalClaim{nobody, both} {
			b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutRivalClaims(b.ctx, []store.RivalClaim{c}) })
		}
	}},
	{"a decision is replaced by who read it last, and taken back so", func(b *bench) {
		d := rivalDecision("a1")
		put := func(tx store.Tx) error { return tx.PutRivalDecision(b.ctx, d) }
		b.write(put)
		b.refused(store.ErrExists, put)
		d.Version, d.By = 1, "operator/ben"
		b.write(put)
		b.refused(store.ErrConflict, put)
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.DeleteRivalDecision(b.ctx, d) })
		d.Version = 2
		same(b, read[store.RivalDecision](b)(b.RivalDecision(b.ctx, b.env, "meterman", "a1")), d)
		same(b, read[[]store.RivalDecision](b)(b.RivalDecisions(b.ctx, b.env, store.RivalPage{Migration: "meterman", Limit: 5})), []store.RivalDecision{d})
		b.write(func(tx store.Tx) error { return tx.DeleteRivalDecision(b.ctx, d) })
		_, err := b.RivalDecision(b.ctx, b.env, "meterman", "a1")
		b.is(err, store.ErrNotFound)
	}},
	{"of many who decide at once, one does", func(b *bench) {
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutRivalDecision(b.ctx, rivalDecision("a1")) }); won != 1 {
			b.Fatalf("%d decided", won)
		}
	}},
	{"a migration has one key for its groups", func(b *bench) {
		_, err := b.RivalKey(b.ctx, b.env, "meterman")
		b.is(err, store.ErrNotFound)
		b.write(func(tx store.Tx) error { return tx.PutRivalKey(b.ctx, "meterman", []byte("sealed")) })
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutRivalKey(b.ctx, "meterman", []byte("other")) })
		same(b, read[[]byte](b)(b.RivalKey(b.ctx, b.env, "meterman")), []byte("sealed"))
	}},
	{"other environments have groups, decisions and keys of their own", func(b *bench) {
		b.write(func(tx store.Tx) error {
			if err := tx.PutRivalClaims(b.ctx, []store.RivalClaim{rivalClaim("a1", "x1")}); err != nil {
				return err
			}
			if err := tx.PutRivalKey(b.ctx, "meterman", []byte("sealed")); err != nil {
				return err
			}
			return tx.PutRivalDecision(b.ctx, rivalDecision("a1"))
		})
		other, page := b.environment(), store.RivalPage{Migration: "meterman", Limit: 5}
		same(b, len(read[[]store.RivalClaim](b)(b.RivalClaims(b.ctx, other, page))), 0)
		same(b, len(read[[]store.RivalClaim](b)(b.RivalGroup(b.ctx, other, "meterman", "a1"))), 0)
		same(b, len(read[[]store.RivalDecision](b)(b.RivalDecisions(b.ctx, other, page))), 0)
		_, err := b.RivalDecision(b.ctx, other, "meterman", "a1")
		b.is(err, store.ErrNotFound)
		_, err = b.RivalKey(b.ctx, other, "meterman")
		b.is(err, store.ErrNotFound)
	}},
	{"a record finds who claims the same, and the decisions that name it", func(b *bench) {
		d, other := naming("a1", "x1", "x2"), naming("b2", "x2", "x3")
		of := func(key string, groups ...string) (stand store.RivalStand) {
			b.write(func(tx store.Tx) (err error) { stand, err = tx.RivalsOf(b.ctx, "meterman", key, groups); return err })
			return stand
		}
		groups := func(stand store.RivalStand) (all []string) {
			for _, d := range stand.Decisions {
				all = append(all, d.Group)
			}
			return all
		}
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutRivalClaims(b.ctx, []store.RivalClaim{rivalClaim("a1", "x1"), rivalClaim("c3", "x1"), rivalClaim("d4", "x1")}),
				tx.PutRivalDecision(b.ctx, d), tx.PutRivalDecision(b.ctx, other))
		})
		same(b, of("x9", "a1", "c3", "a1").Claims, []store.RivalClaim{rivalClaim("a1", "x1"), rivalClaim("c3", "x1")})
		same(b, groups(of("x1")), []string{"a1"})
		same(b, groups(of("x2")), []string{"a1", "b2"})
		same(b, of("x9"), store.RivalStand{})
		d.Version, d.Claimants = 1, []string{"x1"}
		other.Version = 1
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutRivalDecision(b.ctx, d), tx.DeleteRivalDecision(b.ctx, other))
		})
		same(b, groups(of("x2")), nil)
		same(b, groups(of("x1")), []string{"a1"})
		same(b, groups(of("x3")), nil)
	}},
	{"tombstones are kept once, by migration", func(b *bench) {
		has := func(migration string) (is bool) {
			b.write(func(tx store.Tx) (err error) { is, err = tx.HasTombstones(b.ctx, migration); return err })
			return is
		}
		same(b, has("meterman"), false)
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutTombstones(b.ctx, "meterman", nil), tx.PutTombstones(b.ctx, "meterman", []string{"aa", "bb"}), tx.PutTombstones(b.ctx, "meterman", []string{"bb", "cc"}))
		})
		same(b, []bool{has("meterman"), has("pipeman")}, []bool{true, false})
		b.write(func(tx store.Tx) error {
			found, err := tx.Tombstones(b.ctx, "meterman", []string{"aa", "cc", "dd"})
			same(b, found, map[string]bool{"aa": true, "cc": true})
			return err
		})
	}},
	{"what an erased record claimed is forgotten", func(b *bench) {
		m := move("x1", store.RecordImported)
		m.Customer = "cus_1"
		b.write(func(tx store.Tx) error {
			if err := tx.StartRun(b.ctx, run("r1", 1)); err != nil {
				return err
			}
			if err := tx.MoveRecords(b.ctx, []store.RecordMove{m}); err != nil {
				return err
			}
			claim := rivalClaim("a1", "x1")
			claim.Migration = m.Migration
			return tx.PutRivalClaims(b.ctx, []store.RivalClaim{claim})
		})
		b.write(func(tx store.Tx) error {
			_, err := tx.EraseRecords(b.ctx, "cus_1", at(5))
			return err
		})
		same(b, len(read[[]store.RivalClaim](b)(b.RivalGroup(b.ctx, b.env, m.Migration, "a1"))), 0)
	}},
	{"a claim and a decision may be long, and not longer", func(b *bench) {
		c, d := rivalClaim("a1", "x1"), rivalDecision("a1")
		c.Sealed, d.Decision = []byte(strings.Repeat("x", 16<<10+1)), []byte(strings.Repeat("x", 64<<10+1))
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutRivalClaims(b.ctx, []store.RivalClaim{c}) })
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutRivalDecision(b.ctx, d) })
	}},
}
