package storetest

import (
	"time"

	"sallyport/store"
)

// backup is one that was made n minutes after the start.
func backup(n int) store.Backup {
	return store.Backup{Digest: [32]byte{byte(n), 1}, Created: at(n), Schema: 16, Rows: 2263, By: "operator/cus_1"}
}

func (b *bench) backups(limit int) []store.Backup {
	b.Helper()
	return read[[]store.Backup](b)(b.Backups(b.ctx, b.env, limit))
}

func (b *bench) backedUp(all ...store.Backup) {
	b.Helper()
	b.write(func(tx store.Tx) error {
		for _, one := range all {
			if err := tx.PutBackup(b.ctx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// verified is a backup that was looked through.
func verified(one store.Backup, when time.Time) store.Backup {
	one.Verified = when
	return one
}

var backupTests = []test{
	{"backups are listed newest first, so many at most", func(b *bench) {
		b.backedUp(backup(2), backup(3), backup(1))
		same(b, b.backups(9), []store.Backup{backup(3), backup(2), backup(1)})
		same(b, b.backups(2), []store.Backup{backup(3), backup(2)})
	}},
	{"one that is verified is the same, and stays verified", func(b *bench) {
		b.backedUp(backup(1), verified(backup(1), at(5)))
		same(b, b.backups(9), []store.Backup{verified(backup(1), at(5))})
		b.backedUp(backup(1), verified(backup(1), at(4)))
		same(b, b.backups(9), []store.Backup{verified(backup(1), at(5))})
	}},
	{"who made it stays who first said so", func(b *bench) {
		other := verified(backup(1), at(5))
		other.By, other.Rows = "operator/cus_2", 7
		b.backedUp(backup(1), other)
		same(b, b.backups(9), []store.Backup{verified(backup(1), at(5))})
	}},
}
