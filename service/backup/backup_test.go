package backup

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/store"
)

// rows are tables that copy themselves.
type rows struct {
	tables []table
	schema int64
	broken error // instead of the last row
}

type table struct {
	name    string
	columns []string
	rows    [][]any
}

func (r *rows) replay(to store.Copied) error {
	for _, t := range r.tables {
		if err := to.Table(t.name, t.columns); err != nil {
			return err
		}
		for _, row := range t.rows {
			if err := to.Row(row); err != nil {
				return err
			}
		}
	}
	return r.broken
}

func (r *rows) Table(name string, columns []string) error {
	r.tables = append(r.tables, table{name, columns, nil})
	return nil
}

func (r *rows) Row(values []any) error {
	last := &r.tables[len(r.tables)-1]
	last.rows = append(last.rows, slices.Clone(values))
	return nil
}

// some is a little of everything.
func some() *rows {
	return &rows{schema: 16, tables: []table{
		{"environments", []string{"id", "tenant"}, [][]any{{int64(1), "system"}, {int64(2), "harbourlight"}}},
		{"customers", []string{"env", "id", "name"}, [][]any{
			{int64(2), []byte{0, 255, 10}, "Ölaf \"=\" <片帆>\n"}, {int64(-9223372036854775808), []byte{}, ""}, {int64(9223372036854775807), []byte(":"), "=:"},
		}},
		{"feed", []string{"position"}, nil},
	}}
}

func pair(t testing.TB) (*age.X25519Identity, []age.Recipient) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key, []age.Recipient{key.Recipient()}
}

func written(t testing.TB, from *rows, to []age.Recipient) ([]byte, *Sum) {
	t.Helper()
	var file bytes.Buffer
	head := Head{Version: version, Schema: from.schema, Created: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	sum, err := write(&file, made{head, to, from.replay, noReceipt})
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), sum
}

func read(file []byte, key age.Identity) (*rows, *Sum, error) {
	var back rows
	sum, err := Restore(bytes.NewReader(file), []age.Identity{key}, func(schema int64, replay func(store.Copied) error) error {
		back.schema = schema
		return replay(&back)
	})
	return &back, sum, err
}

func TestEveryValueComesBackAsItWas(t *testing.T) {
	key, to := pair(t)
	file, wrote := written(t, some(), to)
	back, sum, err := read(file, key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(some(), back, cmp.AllowUnexported(rows{}, table{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wrote, sum); diff != "" || sum.Total() != 5 {
		t.Errorf("%d rows; %s", sum.Total(), diff)
	}
	if bytes.Contains(file, []byte("harbourlight")) {
		t.Error("the file can be read by everybody")
	}
}

func TestAnyRowsComeBackAsTheyWere(t *testing.T) {
	key, to := pair(t)
	rapid.Check(t, func(t *rapid.T) {
		from := &rows{schema: rapid.Int64Range(1, 99).Draw(t, "schema")}
		for i := range rapid.IntRange(0, 4).Draw(t, "tables") {
			one := table{name: fmt.Sprintf("t%d", i), columns: []string{"a", "b", "c"}}
			for range rapid.IntRange(0, 20).Draw(t, "rows") {
				one.rows = append(one.rows, []any{rapid.Int64().Draw(t, "a"), rapid.String().Draw(t, "b"), rapid.SliceOf(rapid.Byte()).Draw(t, "c")})
			}
			from.tables = append(from.tables, one)
		}
		var file bytes.Buffer
		if _, err := write(&file, made{Head{Version: version, Schema: from.schema}, to, from.replay, noReceipt}); err != nil {
			t.Fatal(err)
		}
		back, _, err := read(file.Bytes(), key)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(from, back, cmp.AllowUnexported(rows{}, table{}), cmp.Comparer(bytes.Equal)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestAFileThatWasCutOrChangedIsNoBackup(t *testing.T) {
	key, to := pair(t)
	file, _ := written(t, some(), to)
	for at := range file {
		if _, _, err := read(file[:at], key); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrKey) {
			t.Fatalf("cut at %d of %d: %v", at, len(file), err)
		}
		changed := slices.Clone(file)
		changed[at] ^= 1
		if _, _, err := read(changed, key); err == nil {
			t.Fatalf("changed at %d of %d, and restored", at, len(file))
		}
	}
	if _, _, err := read(append(slices.Clone(file), 'x'), key); err == nil {
		t.Error("something behind its end is not noticed")
	}
}

// Whoever has the key may still hold a file that was never written by us.
func TestWhatOthersEncryptedForTheKeyIsNoBackup(t *testing.T) {
	key, to := pair(t)
	whole, _ := written(t, &rows{schema: 16}, to)
	if _, _, err := read(whole, key); err != nil {
		t.Fatalf("an empty installation: %v", err)
	}
	for name, lines := range map[string]string{
		"nothing":              "",
		"another format":       "{\"hello\":1}\n",
		"no end":               "{\"sallyport-backup\":1,\"schema\":1}\n{\"table\":\"a\",\"columns\":[\"b\"]}\n",
		"a row of no kind":     "{\"sallyport-backup\":1,\"schema\":1}\n{\"table\":\"a\",\"columns\":[\"b\"]}\n[true]\n",
		"a number too large":   "{\"sallyport-backup\":1,\"schema\":1}\n{\"table\":\"a\",\"columns\":[\"b\"]}\n[9223372036854775808]\n",
		"half a number":        "{\"sallyport-backup\":1,\"schema\":1}\n{\"table\":\"a\",\"columns\":[\"b\"]}\n[1.5]\n",
		"base64 that is none":  "{\"sallyport-backup\":1,\"schema\":1}\n{\"table\":\"a\",\"columns\":[\"b\"]}\n[\":%\"]\n",
		"an end that lies":     "{\"sallyport-backup\":1,\"schema\":1}\n{\"end\":{\"a\":1},\"sha256\":\"00\"}\n",
		"a line without break": strings.Repeat("x", 1<<20),
	} {
		var file bytes.Buffer
		sum, err := write(&file, made{Head{Version: version}, to, func(store.Copied) error { return nil }, noReceipt})
		if err != nil || sum == nil {
			t.Fatal(err)
		}
		file.Reset()
		if err := sealed(&file, to, lines); err != nil {
			t.Fatal(err)
		}
		if _, _, err := read(file.Bytes(), key); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var newer bytes.Buffer
	if err := sealed(&newer, to, "{\"sallyport-backup\":2,\"schema\":1}\n"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(newer.Bytes(), key); !errors.Is(err, ErrNewer) {
		t.Errorf("of a newer release: %v", err)
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	_, to := pair(t)
	other, _ := pair(t)
	file, _ := written(t, some(), to)
	if _, _, err := read(file, other); !errors.Is(err, ErrKey) {
		t.Errorf("got %v", err)
	}
}

func TestACopyThatFailsIsNoBackup(t *testing.T) {
	_, to := pair(t)
	from := some()
	from.broken = errors.New("the disk is gone")
	if _, err := write(io.Discard, made{Head{Version: version}, to, from.replay, noReceipt}); !errors.Is(err, from.broken) {
		t.Errorf("got %v", err)
	}
}

func TestKeysAreReadAsTheyAreMade(t *testing.T) {
	file, recipient, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Recipients([]string{recipient}); err != nil {
		t.Error(err)
	}
	if keys, err := Identities(bytes.NewReader(file)); err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	secret := strings.TrimSpace(string(file[bytes.LastIndexByte(bytes.TrimSpace(file), '\n'):]))
	for _, wrong := range [][]string{nil, {""}, {"age1"}, {secret}, slices.Repeat([]string{recipient}, 17)} {
		if _, err := Recipients(wrong); !errors.Is(err, ErrRecipient) || strings.Contains(err.Error(), secret) {
			t.Errorf("%d recipients: %v", len(wrong), err)
		}
	}
	if _, err := Identities(strings.NewReader(strings.ToLower(secret))); !errors.Is(err, ErrKey) || strings.Contains(err.Error(), secret[:20]) {
		t.Errorf("a spoilt key: %v", err)
	}
}

// sealed packs and encrypts lines as a backup is.
func sealed(out io.Writer, to []age.Recipient, lines string) error {
	w, err := age.Encrypt(out, to...)
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(w)
	_, err = io.WriteString(packed, lines)
	return errors.Join(err, packed.Close(), w.Close())
}

func noReceipt(*Sum) []byte { return nil }
