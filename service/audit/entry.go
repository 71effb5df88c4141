package audit

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/store"
)

// OK is the Result of what succeeded. Any other result is the machine-readable
// reason of a refusal.
const OK = "ok"

// Entry is one thing that happened, before it is written.
type Entry struct {
	At          time.Time // zero: now
	Type        Type
	Actor       Actor
	Application string
	Customer    string // text form of the customer id
	Result      string // empty: OK
	Trace       string // reference id that the caller was shown
	Detail      any    // marshals to a JSON object; no secret and nothing personal in it
	Personal    any    // marshals to a JSON object; nil for none: addresses, names, user agents
}

// Actor names who did something, as "customer/…", "application/…",
// "operator/…" or "system".
type Actor string

// System is the actor of what Sallyport does by itself.
const System Actor = "system"

// Customer gives the actor for a customer, by the text form of the id.
func Customer(id string) Actor { return Actor("customer/" + id) }

// Application gives the actor for an application.
func Application(id string) Actor { return Actor("application/" + id) }

// Operator gives the actor for an operator, or for a person at a terminal.
func Operator(name string) Actor { return Actor("operator/" + name) }

// Recorder is where events become durable: store.Writer has it.
type Recorder interface {
	Record(ctx context.Context, env store.EnvironmentID, events ...store.Event) error
}

// Log makes and records events. It is safe for concurrent use.
type Log struct {
	recorder Recorder
	now      func() time.Time
	random   io.Reader
}

// New gives a log that records through recorder; now and random are given for
// tests and must not be nil.
func New(recorder Recorder, now func() time.Time, random io.Reader) *Log {
	return &Log{recorder: recorder, now: now, random: random}
}

// body is what the chain commits to, besides the indexed columns.
type body struct {
	Detail   any    `json:"detail,omitempty"`
	Personal string `json:"personal_sha256,omitempty"` // commitment
}

// Event turns e into the form that a transaction appends. Texts are made fit to
// be stored, so that nothing a stranger sent can keep an event out of the
// ledger. It panics if a Detail or Personal cannot be marshalled, which is a
// programming error that tests find, and without randomness.
func (l *Log) Event(e Entry) store.Event {
	event := store.Event{
		At: e.At, Type: string(e.Type), Actor: fit(string(e.Actor)), Application: fit(e.Application),
		Customer: fit(e.Customer), Result: fit(e.Result), Trace: fit(e.Trace),
	}
	if event.At.IsZero() {
		event.At = l.now()
	}
	if event.Result == "" {
		event.Result = OK
	}
	b := body{Detail: e.Detail}
	if e.Personal != nil {
		event.Personal = mustMarshal(e.Personal)
		event.Salt = make([]byte, 16)
		if _, err := io.ReadFull(l.random, event.Salt); err != nil {
			panic("audit: no randomness: " + err.Error())
		}
		commitment := store.CommitPersonal(event.Salt, event.Personal)
		b.Personal = hex.EncodeToString(commitment[:])
	}
	event.Body = mustMarshal(b)
	return event
}

// maxText is how much of an indexed text is kept. All that Sallyport itself
// writes is shorter.
const maxText = 256

// fit makes text storable: UTF-8 without NUL, and not long.
func fit(text string) string {
	if len(text) <= maxText && utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") // a rune that was cut goes too
	}
	return text
}

// Record makes entries durable by themselves. It returns when they are.
func (l *Log) Record(ctx context.Context, env store.EnvironmentID, entries ...Entry) error {
	events := make([]store.Event, len(entries))
	for i, e := range entries {
		events[i] = l.Event(e)
	}
	if err := l.recorder.Record(ctx, env, events...); err != nil {
		return fmt.Errorf("recording audit events: %w", err)
	}
	return nil
}

func mustMarshal(v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic("audit: entry cannot be marshalled: " + err.Error())
	}
	return encoded
}

// traceEncoding has no letters that are read out or written down wrongly. It is
// never changed.
var traceEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewTrace gives a fresh reference id: 16 characters that people can read out.
func (l *Log) NewTrace() string {
	var raw [10]byte
	if _, err := io.ReadFull(l.random, raw[:]); err != nil {
		panic("audit: no randomness: " + err.Error())
	}
	return traceEncoding.EncodeToString(raw[:])
}
