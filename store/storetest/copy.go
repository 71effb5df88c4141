package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/store"
)

// Restored makes a store of a copy.
type Restored func(t *testing.T, schema int64, replay func(store.Copied) error) (store.Store, error)

// Copies checks that a copy of s, which holds one of everything, restores to the
// same installation, and that the restored one goes on as one: elsewhere may be
// another engine.
func Copies(t *testing.T, s store.Store, elsewhere Restored) {
	b := newBench(t, s)
	w := b.world()
	b.more()
	original := b.copied(s)
	for name, rows := range original.rows {
		if len(rows) == 0 {
			t.Errorf("table %s is empty: the world of the tests lacks what it holds, or a copy leaves it out", name)
		}
	}
	restored, err := elsewhere(t, original.schema, original.replay)
	b.ok(err)
	again := b.copied(restored)
	same(b, again.rows, original.rows)

	there := &bench{t, restored, b.ctx, b.env}
	same(there, read[customer.Customer](there)(restored.Customer(b.ctx, b.env, w.person.Customer.ID)).Name, w.person.Customer.Name)
	there.write(func(tx store.Tx) error { return tx.Audit(b.ctx, event("restored")) })
	if fresh := there.environment(); fresh <= b.env {
		t.Errorf("a new environment got number %d, which is taken or behind %d", fresh, b.env)
	}

	broken := errors.New("the copy ends here")
	if _, err := elsewhere(t, original.schema, func(to store.Copied) error {
		return errors.Join(original.replay(to), broken)
	}); !errors.Is(err, broken) {
		t.Errorf("half a copy is restored: %v", err)
	}
	if _, err := elsewhere(t, original.schema+1000, original.replay); !errors.Is(err, store.ErrSchema) {
		t.Errorf("a copy of a newer release is restored: %v", err)
	}
	if _, err := elsewhere(t, original.schema, func(to store.Copied) error { return to.Table("nobody_knows", []string{"id"}) }); !errors.Is(err, store.ErrSchema) {
		t.Errorf("a table that nobody knows is restored: %v", err)
	}
}

// more adds what one world leaves empty.
func (b *bench) more() {
	b.Helper()
	b.write(func(tx store.Tx) error {
		return errors.Join(tx.MoveRecords(b.ctx, []store.RecordMove{move("a", store.RecordDropped)}), tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged, Subject: "customers", At: at(1), Until: at(100)}))
	})
}

// recorded is a copy in memory.
type recorded struct {
	schema  int64
	order   []string
	columns map[string][]string
	values  map[string][][]any
	rows    map[string][]string // in an order and a form in which two can be compared
	table   string
}

func (b *bench) copied(s store.Store) *recorded {
	b.Helper()
	r := &recorded{columns: map[string][]string{}, values: map[string][][]any{}, rows: map[string][]string{}}
	var err error
	r.schema, err = s.Copy(b.ctx, r)
	b.ok(err)
	for _, rows := range r.rows {
		slices.Sort(rows)
	}
	return r
}

func (r *recorded) Table(name string, columns []string) error {
	if _, met := r.columns[name]; met {
		return fmt.Errorf("table %s comes twice", name)
	}
	r.table, r.order, r.columns[name], r.rows[name] = name, append(r.order, name), slices.Clone(columns), []string{}
	return nil
}

func (r *recorded) Row(values []any) error {
	row, text := make([]any, len(values)), make([]string, len(values))
	for i, v := range values {
		if blob, is := v.([]byte); is {
			v = bytes.Clone(blob)
		}
		row[i], text[i] = v, fmt.Sprintf("%s=%#v", r.columns[r.table][i], v)
	}
	slices.Sort(text)
	r.values[r.table] = append(r.values[r.table], row)
	r.rows[r.table] = append(r.rows[r.table], strings.Join(text, " "))
	return nil
}

// replay gives the copy again.
func (r *recorded) replay(to store.Copied) error {
	for _, name := range r.order {
		if err := to.Table(name, r.columns[name]); err != nil {
			return err
		}
		for _, row := range r.values[name] {
			if err := to.Row(row); err != nil {
				return err
			}
		}
	}
	return nil
}
