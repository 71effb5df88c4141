package storetest

import (
	"strings"

	"sallyport/store"
)

func vaultSecret(name string) store.VaultSecret {
	return store.VaultSecret{Name: name, Sealed: []byte("sealed\x00" + name), Created: at(0), Updated: at(1)}
}

// kept puts a secret and gives it as it is stored.
func (b *bench) kept(name string) store.VaultSecret {
	b.Helper()
	s := vaultSecret(name)
	b.write(func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, s) })
	s.Version = 1
	return s
}

var vaultTests = []test{
	{"secrets are listed by name without what they hold, and read with it", func(b *bench) {
		second, first := b.kept("old-ldap"), b.kept("meterman-db")
		same(b, read[store.VaultSecret](b)(b.VaultSecret(b.ctx, b.env, "meterman-db")), first)
		first.Sealed, second.Sealed = nil, nil
		same(b, read[[]store.VaultSecret](b)(b.VaultSecrets(b.ctx, b.env)), []store.VaultSecret{first, second})
		_, err := b.VaultSecret(b.ctx, b.env, "none")
		b.is(err, store.ErrNotFound)
	}},
	{"a new secret does not replace one of its name", func(b *bench) {
		s := b.kept("meterman-db")
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, vaultSecret("meterman-db")) })
		same(b, read[store.VaultSecret](b)(b.VaultSecret(b.ctx, b.env, s.Name)), s)
	}},
	{"a secret is replaced by who read it last", func(b *bench) {
		s := b.kept("meterman-db")
		update := s
		update.Sealed, update.Updated = []byte("anew"), at(7)
		put := func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, update) }
		b.write(put)
		b.refused(store.ErrConflict, put)
		s.Sealed, s.Updated, s.Version = update.Sealed, update.Updated, 2
		same(b, read[store.VaultSecret](b)(b.VaultSecret(b.ctx, b.env, s.Name)), s)
	}},
	{"of many who replace one version, one does", func(b *bench) {
		s := b.kept("meterman-db")
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutVaultSecret(b.ctx, s) }); won != 1 {
			b.Fatalf("%d replaced it", won)
		}
	}},
	{"of many who make one of a name, one does", func(b *bench) {
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutVaultSecret(b.ctx, vaultSecret("meterman-db")) }); won != 1 {
			b.Fatalf("%d made it", won)
		}
	}},
	{"a deleted secret is gone, and its version does not fit the next of its name", func(b *bench) {
		s := b.kept("meterman-db")
		drop := func(tx store.Tx) error { return tx.DeleteVaultSecret(b.ctx, s) }
		other := s
		other.Version = 2
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.DeleteVaultSecret(b.ctx, other) })
		b.write(drop)
		b.refused(store.ErrNotFound, drop)
		next := vaultSecret("meterman-db")
		next.Created = at(3)
		b.write(func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, next) })
		b.refused(store.ErrConflict, drop)
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, s) })
	}},
	{"a secret may be long, and not longer", func(b *bench) {
		s := vaultSecret("meterman-db")
		s.Sealed = []byte(strings.Repeat("x", 80<<10))
		b.write(func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, s) })
		s.Name, s.Sealed = "longer", append(s.Sealed, 'x')
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutVaultSecret(b.ctx, s) })
	}},
}
