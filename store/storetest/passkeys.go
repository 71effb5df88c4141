package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// passkey is one with everything set.
func passkey(owner customer.ID) store.Passkey {
	id := unique()
	return store.Passkey{
		ID: store.PasskeyIDOf(id[:]), Customer: owner, RPID: "harbourlight.example", UserHandle: []byte("handle\x00\xff"),
		PublicKey: []byte{0xa5, 0, 1}, SignCount: 1<<32 - 1, AAGUID: [16]byte{1, 15: 0xff}, Transports: []string{"hybrid", "internal"},
		BackupKnown: true, BackupEligible: true, BackedUp: true, Discoverable: true,
		Label: "Phone", Source: "migration/orchard", Created: at(1), Used: at(2),
	}
}

// holder is a customer with one passkey, as it is stored.
func (b *bench) holder() store.Passkey {
	b.Helper()
	p := person(fmt.Sprintf("hine-%d", ids.Add(1)))
	b.create(p)
	k := passkey(p.Customer.ID)
	b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{k}) })
	k.Version = 1
	return k
}

var passkeyTests = []test{
	{"passkeys come back by customer, by id and by handle, the oldest first", func(b *bench) {
		young := b.holder()
		other := passkey(b.holder().Customer)
		other.UserHandle, other.Created = []byte("shared"), at(5)
		shared := passkey(young.Customer)
		shared.UserHandle = other.UserHandle
		old := store.Passkey{ID: store.PasskeyIDOf([]byte{0}), Customer: young.Customer, RPID: "a.example", PublicKey: []byte{1}}
		b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{old}) })
		old.Version = 1
		same(b, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, young.Customer)), []store.Passkey{old, young})
		b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{other, shared}) })
		other.Version, shared.Version = 1, 1
		same(b, read[store.Passkey](b)(b.Passkey(b.ctx, b.env, young.ID)), young)
		same(b, read[[]store.Passkey](b)(b.PasskeysByHandle(b.ctx, b.env, young.RPID, other.UserHandle, 9)), []store.Passkey{shared, other})
		same(b, read[[]store.Passkey](b)(b.PasskeysByHandle(b.ctx, b.env, young.RPID, other.UserHandle, 1)), []store.Passkey{shared})
		same(b, read[[]store.Passkey](b)(b.PasskeysByHandle(b.ctx, b.env, "b.example", other.UserHandle, 9)), nil)
		same(b, read[[]store.Passkey](b)(b.PasskeysByHandle(b.ctx, b.env, "a.example", nil, 9)), nil) // no handle is nobody's
		same(b, read[[]string](b)(b.RelyingParties(b.ctx, b.env, 9)), []string{"a.example", "harbourlight.example"})
		same(b, read[[]string](b)(b.RelyingParties(b.ctx, b.env, 1)), []string{"a.example"})
		same(b, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, customer.ID(unique()))), nil)
		_, err := b.Passkey(b.ctx, b.env, "AAAA")
		b.is(err, store.ErrNotFound)
	}},
	{"an id is one person's, and a clash stores none", func(b *bench) {
		k := b.holder()
		p := person("rawiri")
		b.create(p)
		fresh, stolen := passkey(p.Customer.ID), passkey(p.Customer.ID)
		stolen.ID = k.ID
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{fresh, stolen}) })
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{fresh, fresh}) })
		same(b, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, p.Customer.ID)), nil)
		same(b, read[store.Passkey](b)(b.Passkey(b.ctx, b.env, k.ID)), k)
		b.write(func(tx store.Tx) error {
			taken, err := tx.TakenPasskeys(b.ctx, []store.PasskeyID{fresh.ID, k.ID})
			same(b, taken, map[store.PasskeyID]customer.ID{k.ID: k.Customer})
			return err
		})
		b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, nil) })
	}},
	{"what is too long is not stored", func(b *bench) {
		p := person("moana")
		b.create(p)
		for _, spoil := range []func(*store.Passkey){
			func(k *store.Passkey) { k.ID = "" },
			func(k *store.Passkey) { k.ID = "not base64url!" },
			func(k *store.Passkey) { k.ID = store.PasskeyIDOf(make([]byte, store.MaxCredentialID+1)) },
			func(k *store.Passkey) { k.RPID = "" },
			func(k *store.Passkey) { k.RPID = strings.Repeat("a", store.MaxPasskeyText+1) },
			func(k *store.Passkey) { k.Label = strings.Repeat("a", store.MaxPasskeyText+1) },
			func(k *store.Passkey) { k.Transports = []string{strings.Repeat("a", store.MaxPasskeyText+1)} },
			func(k *store.Passkey) { k.PublicKey = nil },
			func(k *store.Passkey) { k.PublicKey = make([]byte, store.MaxPublicKey+1) },
			func(k *store.Passkey) { k.UserHandle = make([]byte, store.MaxUserHandle+1) },
		} {
			k := passkey(p.Customer.ID)
			spoil(&k)
			b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{k}) })
		}
		longest := passkey(p.Customer.ID)
		longest.ID = store.PasskeyIDOf(bytes.Repeat([]byte{0xfb}, store.MaxCredentialID))
		longest.UserHandle = make([]byte, store.MaxUserHandle)
		b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{longest}) })
		longest.Version = 1
		same(b, read[store.Passkey](b)(b.Passkey(b.ctx, b.env, longest.ID)), longest)
	}},
	{"a use is kept by who verified against the present state", func(b *bench) {
		k := b.holder()
		use := store.PasskeyUse{ID: k.ID, Version: 1, SignCount: 7, BackupEligible: true, At: at(9)}
		put := func(tx store.Tx) error { return tx.UsePasskey(b.ctx, use) }
		b.write(put)
		b.refused(store.ErrConflict, put)
		k.SignCount, k.BackedUp, k.Used, k.Version = 7, false, at(9), 2
		same(b, read[store.Passkey](b)(b.Passkey(b.ctx, b.env, k.ID)), k)
		use.ID = "AAAA"
		b.refused(store.ErrNotFound, put)
	}},
	{"backup flags that were unknown are learnt at the first use", func(b *bench) {
		p := person("kahu")
		b.create(p)
		k := passkey(p.Customer.ID)
		k.BackupKnown, k.BackupEligible, k.BackedUp, k.SignCount, k.Used = false, false, false, 0, time.Time{}
		b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{k}) })
		b.write(func(tx store.Tx) error {
			return tx.UsePasskey(b.ctx, store.PasskeyUse{ID: k.ID, Version: 1, BackupEligible: true, BackedUp: true, At: at(3)})
		})
		k.BackupKnown, k.BackupEligible, k.BackedUp, k.Used, k.Version = true, true, true, at(3), 2
		same(b, read[store.Passkey](b)(b.Passkey(b.ctx, b.env, k.ID)), k)
	}},
	{"of many who verified against one state one is let through", func(b *bench) {
		k := b.holder()
		won := b.won(24, func(tx store.Tx, i int) error {
			return tx.UsePasskey(b.ctx, store.PasskeyUse{ID: k.ID, Version: 1, SignCount: uint32(i), At: at(4)})
		})
		if won != 1 {
			b.Fatalf("%d were let through", won)
		}
	}},
	{"a deleted passkey is gone, and its id is free again", func(b *bench) {
		k := b.holder()
		drop := func(tx store.Tx) error { return tx.DeletePasskey(b.ctx, k.ID) }
		b.write(drop)
		b.write(drop)
		same(b, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, k.Customer)), nil)
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UsePasskey(b.ctx, store.PasskeyUse{ID: k.ID, Version: 1}) })
		b.write(func(tx store.Tx) error { return tx.PutPasskeys(b.ctx, []store.Passkey{k}) })
	}},
}
