package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

func TestAnUntouchedLedgerVerifies(t *testing.T) {
	w := newWorld(t)
	if v := w.verify(w.env); !v.OK() || v.Events != 0 || v.Checkpoints != 0 || !v.SignedAt.IsZero() {
		t.Errorf("an empty one: %+v", v)
	}
	if w.checkpoint() {
		t.Error("signed nothing")
	}
	w.record(5, "cus_1")
	if v := w.verify(w.env); !v.OK() || v.Events != 5 || v.Chains != 1 || v.Unsigned != 5 {
		t.Errorf("before a checkpoint: %+v", v)
	}
	// The first one makes the keys that sign it, which is recorded too.
	w.must(w.sign())
	if !w.checkpoint() || w.checkpoint() {
		t.Error("not signed once")
	}
	v := w.verify(w.env)
	if !v.OK() || v.Events != 7 || v.Unsigned != 0 || v.Checkpoints != 1 || !v.SignedAt.Equal(w.now.Truncate(time.Microsecond)) {
		t.Errorf("after it: %+v", v)
	}
	w.record(3, "cus_1")
	if v := w.verify(w.env); !v.OK() || v.Events != 10 || v.Unsigned != 3 {
		t.Errorf("with a tail: %+v", v)
	}
	w.pass(time.Minute)
	if !w.checkpoint() {
		t.Error("the tail is not signed")
	}
	if v := w.verify(w.env); !v.OK() || v.Unsigned != 0 || v.Checkpoints != 2 {
		t.Errorf("with two: %+v", v)
	}
}

// sign makes the keys of checkpoints.
func (w *world) sign() error {
	_, _, err := w.prover().Signer.SignCheckpoint(w.ctx, w.env, []byte("{}"))
	return err
}

func TestEveryTamperingIsFound(t *testing.T) {
	for _, test := range []struct {
		name   string
		find   string // what the verdict says
		tamper func(w *world, db *sql.DB)
	}{
		{"a body is changed", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET body = CAST('{"detail":{"n":99}}' AS BLOB) WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"a type is changed", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET type = 'signin.refused' WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"a result is changed", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET result = 'limited' WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"a time is changed by a microsecond", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET at = at + 1 WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"another did it", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET actor = 'system' WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"text moves from one column to the next", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET application = customer, customer = '' WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"the first is changed", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET trace = '' WHERE env = ? AND seq = 1`, int64(w.env))
		}},
		{"the unsigned last is changed", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET trace = '' WHERE env = ? AND seq = 14`, int64(w.env))
		}},
		{"a change with its own link mended", "its link does not hold", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET hash = zeroblob(32) WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"one is deleted from the middle", "events 5 to 5 are missing", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_events WHERE env = ? AND seq = 5`, int64(w.env))
		}},
		{"the first is deleted", "events 1 to 1 are missing", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_events WHERE env = ? AND seq = 1`, int64(w.env))
		}},
		{"the last is deleted", "chain ends at event 13", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_events WHERE env = ? AND seq = 14`, int64(w.env))
		}},
		{"the tail is cut behind a checkpoint, head and all", "reaches to event 12: the tail was cut at 9", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_events WHERE env = ? AND seq > 9`, int64(w.env))
			w.exec(db, `UPDATE audit_heads SET seq = 9, hash = (SELECT hash FROM audit_events AS e WHERE e.env = audit_heads.env AND e.seq = 9) WHERE env = ?`, int64(w.env))
		}},
		{"one is deleted and the chain rebuilt", "the chain was rebuilt", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_events WHERE env = ? AND seq = 5`, int64(w.env))
			w.rebuild(db)
		}},
		{"one is changed and the chain rebuilt", "the chain was rebuilt", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET result = 'limited' WHERE env = ? AND seq = 12`, int64(w.env))
			w.rebuild(db)
		}},
		{"all is deleted, with the head", "it is gone", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_events WHERE env = ?`, int64(w.env))
			w.exec(db, `DELETE FROM audit_heads WHERE env = ?`, int64(w.env))
		}},
		{"the head is deleted alone", "chain that has no head", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM audit_heads WHERE env = ?`, int64(w.env))
		}},
		{"the head is set back", "behind the head", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_heads SET seq = 13, hash = (SELECT hash FROM audit_events AS e WHERE e.env = audit_heads.env AND e.seq = 13) WHERE env = ?`, int64(w.env))
		}},
		{"the head's hash is changed", "its head is event", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_heads SET hash = zeroblob(32) WHERE env = ?`, int64(w.env))
		}},
		{"two are swapped", "was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET seq = -seq WHERE env = ? AND seq IN (4, 5)`, int64(w.env))
			w.exec(db, `UPDATE audit_events SET seq = 9 + seq WHERE env = ? AND seq < 0`, int64(w.env))
		}},
		{"one is put before the first", "before the first", func(w *world, db *sql.DB) { w.copyTo(db, w.env, -1, 0) }},
		{"one is put behind the last", "behind the head", func(w *world, db *sql.DB) { w.copyTo(db, w.env, 40, 0) }},
		{"one is put into a chain of its own", "no head", func(w *world, db *sql.DB) { w.copyTo(db, w.env, 1, 77) }},
		{"a personal part is changed", "personal part was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET personal = CAST('{"address":"198.51.100.1"}' AS BLOB) WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"its salt is changed", "personal part was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET salt = zeroblob(16) WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"it is removed without being erased", "personal part was changed", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET personal = x'', salt = x'' WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"one is changed and called erased", "marked as erased", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET personal = CAST('{"address":"198.51.100.1"}' AS BLOB), erased = 1 WHERE env = ? AND seq = 3`, int64(w.env))
		}},
		{"a personal part is added", "personal part was added", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET personal = CAST('{"address":"198.51.100.1"}' AS BLOB) WHERE env = ? AND seq = 11`, int64(w.env))
		}},
		{"what never was is called erased", "marked as erased", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_events SET erased = 1 WHERE env = ? AND seq = 11`, int64(w.env))
		}},
		{"a checkpoint's signature is forged", "does not hold", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_checkpoints SET signature = CAST(replace(CAST(signature AS TEXT), '.', '.A') AS BLOB) WHERE env = ?`, int64(w.env))
		}},
		{"a checkpoint says something else than was signed", "something else", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_checkpoints SET heads = CAST('{"environment":2,"heads":[]}' AS BLOB) WHERE env = ?`, int64(w.env))
		}},
		{"a checkpoint is dated anew", "something else", func(w *world, db *sql.DB) {
			w.exec(db, `UPDATE audit_checkpoints SET at = at + 1000000 WHERE env = ?`, int64(w.env))
		}},
		{"the keys of checkpoints are taken away", "does not hold", func(w *world, db *sql.DB) {
			w.exec(db, `DELETE FROM keys WHERE owner = 'audit/checkpoint'`)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.record(10, "cus_1") // 1 to 10
			w.must(w.sign())      // 11 and 12: its keys
			w.checkpoint()
			w.record(2, "cus_2") // not signed for
			if v := w.verify(w.env); !v.OK() || v.Events != 14 || v.Unsigned != 2 {
				t.Fatalf("before: %+v", v)
			}
			w.attack(func(db *sql.DB) { test.tamper(w, db) })
			v := w.verify(w.env)
			if !strings.Contains(fmt.Sprint(v.Findings), test.find) {
				t.Errorf("verdict: %+v", v)
			}
		})
	}
}

// copyTo puts a copy of the third event elsewhere.
func (w *world) copyTo(db *sql.DB, env store.EnvironmentID, seq, writer int64) {
	w.Helper()
	w.exec(db, `INSERT INTO audit_events SELECT ?, CASE ? WHEN 0 THEN writer ELSE ? END, ?, at, type, actor, application, customer, result, trace,
		body, personal, salt, erased, hash FROM audit_events WHERE env = ? AND seq = 3`, int64(env), writer, writer, seq, int64(w.env))
}

func TestAnEventThatMovesToAnotherEnvironmentIsMissedAndFound(t *testing.T) {
	w := newWorld(t)
	preview := w.environment("preview")
	w.record(5, "cus_1")
	w.must(w.log().Record(w.ctx, preview, audit.Entry{Type: audit.SignedIn}))
	w.attack(func(db *sql.DB) {
		w.exec(db, `UPDATE audit_events SET env = ?, seq = 2 WHERE env = ? AND seq = 3`, int64(preview), int64(w.env))
	})
	if v := w.verify(w.env); !strings.Contains(fmt.Sprint(v.Findings), "events 3 to 3 are missing") {
		t.Errorf("where it was: %+v", v)
	}
	if v := w.verify(preview); !strings.Contains(fmt.Sprint(v.Findings), "behind the head") {
		t.Errorf("where it is: %+v", v)
	}
	w.attack(func(db *sql.DB) {
		w.exec(db, `UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_events AS e WHERE e.env = audit_heads.env AND e.seq = 2) WHERE env = ?`, int64(preview))
	})
	if v := w.verify(preview); !strings.Contains(fmt.Sprint(v.Findings), "link does not hold") {
		t.Errorf("with its head moved: %+v", v)
	}
}

func TestAChainOfAnotherEnvironmentDoesNotFit(t *testing.T) {
	w := newWorld(t)
	preview := w.environment("preview")
	w.record(3, "cus_1")
	w.must(w.sign())
	w.checkpoint()
	w.attack(func(db *sql.DB) {
		for _, table := range []string{"audit_events", "audit_heads", "audit_checkpoints"} {
			w.exec(db, `UPDATE `+table+` SET env = ? WHERE env = ?`, int64(preview), int64(w.env))
		}
	})
	v := w.verify(preview)
	if text := fmt.Sprint(v.Findings); !strings.Contains(text, "link does not hold") || !strings.Contains(text, "signature") {
		t.Errorf("verdict: %+v", v)
	}
}

func TestErasingPersonalDataKeepsTheChain(t *testing.T) {
	w := newWorld(t)
	w.record(4, "cus_1")
	w.record(2, "cus_2")
	w.must(w.sign())
	w.checkpoint()
	w.must(w.store.Write(w.ctx, w.env, func(tx store.Tx) error {
		n, err := tx.ErasePersonal(w.ctx, "cus_1")
		if n != 4 {
			t.Errorf("erased %d", n)
		}
		return err
	}))
	if v := w.verify(w.env); !v.OK() || v.Erased != 4 || v.Events != 8 {
		t.Errorf("verdict: %+v", v)
	}
}

func TestConcurrentWritesVerifyMeanwhileAndAfter(t *testing.T) {
	w := newWorld(t)
	w.must(w.sign())
	const writers, each = 8, 60
	var writing, proving sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for range each {
				if err := w.log().Record(w.ctx, w.env, audit.Entry{Type: audit.TokenIssued, Personal: map[string]string{"a": "b"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	stop := make(chan struct{})
	proving.Go(func() {
		for p := w.prover(); ; {
			w.pass(time.Millisecond)
			if _, err := p.Checkpoint(w.ctx, w.env); err != nil {
				t.Error(err)
			}
			if v, err := p.Verify(w.ctx, w.env); err != nil || !v.OK() {
				t.Errorf("meanwhile: %+v, %v", v, err)
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	writing.Wait()
	close(stop)
	proving.Wait()
	w.pass(time.Second)
	w.checkpoint()
	if v := w.verify(w.env); !v.OK() || v.Events != writers*each+2 || v.Unsigned != 0 {
		t.Errorf("after: %+v", v)
	}
}

func TestACheckpointIsNotSkippedForOneThatWasTamperedWith(t *testing.T) {
	for name, statement := range map[string]string{
		"its heads are set to the present ones": `UPDATE audit_checkpoints SET heads = (SELECT heads FROM audit_checkpoints ORDER BY at DESC LIMIT 1)`,
		"its signature is gone":                 `UPDATE audit_checkpoints SET signature = x''`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.must(w.sign())
			w.checkpoint()
			w.record(1, "cus_1")
			w.checkpoint()
			w.attack(func(db *sql.DB) {
				w.exec(db, statement)
				w.exec(db, `DELETE FROM audit_checkpoints WHERE at = (SELECT max(at) FROM audit_checkpoints)`)
			})
			w.pass(time.Second)
			if !w.checkpoint() {
				t.Error("nothing was signed")
			}
		})
	}
}

func TestALedgerBeyondOnePageIsWalkedWhole(t *testing.T) {
	w := newWorld(t)
	entries := make([]audit.Entry, 2100)
	for i := range entries {
		entries[i] = audit.Entry{Type: audit.TokenIssued}
	}
	w.must(w.log().Record(w.ctx, w.env, entries...))
	if v := w.verify(w.env); !v.OK() || v.Events != 2100 {
		t.Fatalf("verdict: %+v", v)
	}
	w.attack(func(db *sql.DB) {
		w.exec(db, `DELETE FROM audit_events WHERE env = ? AND seq BETWEEN 500 AND 1800`, int64(w.env))
	})
	v := w.verify(w.env)
	if len(v.Findings) != 1 || !strings.Contains(v.Findings[0].What, "events 500 to 1800 are missing") || v.Events != 799 {
		t.Errorf("verdict: %+v", v)
	}
	w.attack(func(db *sql.DB) { w.exec(db, `UPDATE audit_events SET trace = 'x' WHERE env = ?`, int64(w.env)) })
	if v := w.verify(w.env); len(v.Findings) != 100 {
		t.Errorf("%d findings", len(v.Findings))
	}
}

// unable is a signer whose keys cannot be read.
type unable struct{ audit.Signer }

func (unable) VerifyCheckpoint(context.Context, store.EnvironmentID, []byte) ([]byte, error) {
	return nil, store.ErrUnavailable
}

func TestASignatureThatCannotBeCheckedIsNotCalledForged(t *testing.T) {
	w := newWorld(t)
	w.must(w.sign())
	w.checkpoint()
	p := w.prover()
	p.Signer = unable{p.Signer}
	if v, err := p.Verify(w.ctx, w.env); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("verdict %+v, %v", v, err)
	}
	if _, err := p.Checkpoint(w.ctx, w.env); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
}

func TestCheckpointsOfAllEnvironments(t *testing.T) {
	w := newWorld(t)
	preview := w.environment("preview")
	w.record(1, "cus_1")
	w.must(w.log().Record(w.ctx, preview, audit.Entry{Type: audit.SignedIn}))
	w.must(w.prover().CheckpointAll(w.ctx, []store.EnvironmentID{w.env, preview}))
	for _, env := range []store.EnvironmentID{w.env, preview} {
		if v := w.verify(env); v.Checkpoints != 1 {
			t.Errorf("%d: %+v", env, v)
		}
	}
}
