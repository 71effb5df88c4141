package storetest

import (
	"strconv"
	"strings"
	"time"

	"sallyport/store"
)

func certificateFile(name string) store.CertificateFile {
	return store.CertificateFile{Name: name, Sealed: []byte("sealed\x00" + name), Size: 9, Changed: at(1)}
}

func lease(holder string, seconds int) store.Lease {
	return store.Lease{Name: "issue/my.orchard.example", Holder: holder, Until: at(seconds)}
}

// files puts some, by name.
func (b *bench) files(names ...string) {
	b.Helper()
	for _, name := range names {
		b.write(func(tx store.Tx) error { return tx.PutCertificateFile(b.ctx, certificateFile(name)) })
	}
}

// below names what lies below a name.
func (b *bench) below(name string) string {
	b.Helper()
	var names []string
	for _, f := range read[[]store.CertificateFile](b)(b.CertificateFiles(b.ctx, b.env, name)) {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

var certificateTests = []test{
	{"a file is read as it was put last, and is listed without what it holds", func(b *bench) {
		b.files("ca/a/key", "ca/a/crt")
		f := certificateFile("ca/a/key")
		f.Sealed, f.Size, f.Changed = []byte("anew"), 4, at(7)
		b.write(func(tx store.Tx) error { return tx.PutCertificateFile(b.ctx, f) })
		same(b, read[store.CertificateFile](b)(b.CertificateFile(b.ctx, b.env, f.Name)), f)
		first := certificateFile("ca/a/crt")
		first.Sealed, f.Sealed = nil, nil
		same(b, read[[]store.CertificateFile](b)(b.CertificateFiles(b.ctx, b.env, "")), []store.CertificateFile{first, f})
		_, err := b.CertificateFile(b.ctx, b.env, "ca/a")
		b.is(err, store.ErrNotFound)
	}},
	{"what lies below a name is nothing that only begins like it", func(b *bench) {
		b.files("ca", "ca/a", "ca/a/b", "ca-b", "ca.b", "cab", "ca0")
		same(b, b.below("ca"), "ca/a ca/a/b")
		b.write(func(tx store.Tx) error { return tx.DeleteCertificateFiles(b.ctx, "ca") })
		same(b, b.below(""), "ca-b ca.b ca0 cab")
		b.write(func(tx store.Tx) error { return tx.DeleteCertificateFiles(b.ctx, "ca") })
	}},
	{"a file may be long, and not longer", func(b *bench) {
		f := certificateFile("long")
		f.Sealed = []byte(strings.Repeat("x", 256<<10))
		b.write(func(tx store.Tx) error { return tx.PutCertificateFile(b.ctx, f) })
		f.Sealed = append(f.Sealed, 'x')
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutCertificateFile(b.ctx, f) })
		b.refused(store.ErrInvalid, func(tx store.Tx) error {
			return tx.PutCertificateFile(b.ctx, certificateFile(strings.Repeat("n", 401)))
		})
	}},
	{"of many who put one file, the last has it", func(b *bench) {
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutCertificateFile(b.ctx, certificateFile("one")) }); won != 16 {
			b.Fatalf("%d put it", won)
		}
	}},
	{"of many who take a name, one holds it", func(b *bench) {
		won := b.won(16, func(tx store.Tx, i int) error { return tx.TakeLease(b.ctx, lease(strconv.Itoa(i), 60), at(0)) })
		if won != 1 {
			b.Fatalf("%d hold it", won)
		}
	}},
	{"who holds a name takes it for longer, and nobody else before its time is over", func(b *bench) {
		take := func(holder string, now, until int) func(store.Tx) error {
			return func(tx store.Tx) error { return tx.TakeLease(b.ctx, lease(holder, until), at(now)) }
		}
		b.write(take("a", 0, 60))
		b.refused(store.ErrConflict, take("b", 59, 120))
		b.write(take("a", 30, 90))
		b.refused(store.ErrConflict, take("b", 60, 120))
		b.write(take("b", 90, 150))
		b.refused(store.ErrConflict, take("a", 91, 150))
		same(b, read[store.Lease](b)(b.Lease(b.ctx, b.env, lease("", 0).Name)), lease("b", 150))
	}},
	{"only who holds a name lets go of it", func(b *bench) {
		l := lease("a", 60)
		b.write(func(tx store.Tx) error { return tx.TakeLease(b.ctx, l, at(0)) })
		b.write(func(tx store.Tx) error { return tx.ReleaseLease(b.ctx, l.Name, "b") })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.TakeLease(b.ctx, lease("b", 60), at(0)) })
		b.write(func(tx store.Tx) error { return tx.ReleaseLease(b.ctx, l.Name, "a") })
		_, err := b.Lease(b.ctx, b.env, l.Name)
		b.is(err, store.ErrNotFound)
		b.write(func(tx store.Tx) error { return tx.TakeLease(b.ctx, lease("b", 60), at(0)) })
	}},
	{"a lease of a moment is none", func(b *bench) {
		l := lease("a", 0)
		b.write(func(tx store.Tx) error { return tx.TakeLease(b.ctx, l, l.Until.Add(-time.Second)) })
		b.write(func(tx store.Tx) error { return tx.TakeLease(b.ctx, lease("b", 9), l.Until) })
	}},
}
