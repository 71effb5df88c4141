package notify

import (
	"context"
	"errors"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// Reason is a stable word for what became of a message.
type Reason string

// The reasons.
const (
	Accepted     Reason = "accepted"        // whoever delivers it has taken it
	Unreachable  Reason = "unreachable"     // no connection, or it broke before anything was handed over
	Guarded      Reason = "not-allowed"     // the sender is at a private address that it does not list
	PrivateHost  Reason = "private-host"    // it lists it, and the installation does not allow it
	Insecure     Reason = "insecure"        // no TLS, or a certificate that does not hold
	Credentials  Reason = "credentials"     // name, password or signature was not taken
	NoSecret     Reason = "no-secret"       // the environment has no secret of the name
	NoSender     Reason = "no-sender"       // the configuration names nobody any more
	Busy         Reason = "busy"            // the sender says: not now
	Refused      Reason = "refused"         // the sender will not deliver it
	BadAddress   Reason = "address-refused" // nor to this address
	Unclear      Reason = "unclear"         // nobody knows whether it was taken
	Interrupted  Reason = "interrupted"     // the node that had it is gone
	Unsayable    Reason = "unsayable"       // the words of the configuration say nothing by this channel
	Unreadable   Reason = "unreadable"      // what was sealed does not open
	Unasked      Reason = "not-found-out"   // nobody could tell whom it goes to
	NoLetters    Reason = "no-folder"       // the server has no directory of letters, or cannot write there
	Expired      Reason = "expired"         // it was worth nothing any more
	Nobody       Reason = "nobody"          // nobody has the address
	RetryWaiting Reason = "retried"         // an operator has it sent again
)

// outcome is what came of handing a message over.
type outcome struct {
	verdict verdict
	reason  Reason
	after   time.Duration // the sender asks to wait for so long; 0: it did not say
}

type verdict int

const (
	later   verdict = iota // it was not taken, and may be another time
	taken                  // it was
	refused                // it never will be
	unclear                // nobody knows
	nobody                 // there is nobody whom it could go to
)

// How long messages are tried and kept.
const (
	givesUp = 72 * time.Hour
	// KeptEnded is how long the row of a message is kept that has ended.
	KeptEnded = 30 * 24 * time.Hour
	// KeptOnce is the same of one with a word, of which another is not sent until then.
	KeptOnce = 400 * 24 * time.Hour

	firstWait = 5 * time.Second
	mostWait  = time.Hour
)

// end brings a message to its end. What is sealed stays only with what somebody may
// send again.
func (t *task) end(state store.MessageState, reason Reason, now time.Time) {
	t.row.State, t.row.Reason, t.row.Updated = state, string(reason), now
	if state != store.MessageFailed || t.late(now) {
		t.row.Sealed = nil
	}
	t.row.Keep = now.Add(KeptEnded)
	if len(t.row.Once) > 0 {
		t.row.Keep = now.Add(KeptOnce)
	}
}

// postpone has a message tried again later, unless that is too late.
func (t *task) postpone(o outcome, now time.Time) {
	next := now.Add(max(wait(t.row.Attempts), min(o.after, mostWait)))
	switch {
	case !t.content.Until.IsZero() && !next.Before(t.content.Until):
		// It might be that nobody hears of it, so it has failed and was not dropped.
		t.end(store.MessageFailed, o.reason, now)
		t.row.Sealed = nil
	case next.Sub(t.row.Created) > givesUp:
		t.end(store.MessageFailed, o.reason, now)
	default:
		t.row.State, t.row.Reason, t.row.Due, t.row.Updated = store.MessageQueued, string(o.reason), next, now
	}
}

// wait is how long to wait behind a number of attempts: three times as long each
// time. Messages that failed together are not tried at the same instant again, since
// each begins to wait when its own attempt ended.
func wait(attempts int) time.Duration {
	d := firstWait
	for range attempts - 1 {
		if d *= 3; d >= mostWait {
			return mostWait
		}
	}
	return d
}

// settle turns an outcome into what becomes of the row.
func (t *task) settle(o outcome, now time.Time) {
	switch {
	case o.verdict == taken:
		t.end(store.MessageSent, Accepted, now)
	case o.verdict == nobody:
		t.end(store.MessageDropped, Nobody, now)
	case o.verdict == refused:
		t.end(store.MessageFailed, o.reason, now)
	case o.verdict == unclear && !t.repeatable():
		t.end(store.MessageFailed, o.reason, now)
	default:
		t.postpone(o, now)
	}
}

// send hands a message over and writes down what came of it.
func (s *Service) send(ctx context.Context, t task) {
	timed, cancel := context.WithTimeout(ctx, t.sender.Timeout.Std())
	o := s.deliver(timed, t)
	cancel()
	t.settle(o, s.cfg.Now())
	s.cfg.Crash(BeforeEnd)
	event, ended := s.told(t.row)
	ctx = context.WithoutCancel(ctx) // what a sender answered is written down also when the node ends
	finish := func() error {
		return s.cfg.Store.Write(ctx, t.live.ID, func(tx store.Tx) error {
			if err := tx.PutMessage(ctx, t.row); err != nil || !ended {
				return err
			}
			return tx.Audit(ctx, event)
		})
	}
	if t.row.State == store.MessageQueued {
		defer s.agenda.retry(t.row.Due)
	}
	err := finish()
	for range 2 { // a lost answer is a message sent twice, or one that nobody knows of
		if err == nil || errors.Is(err, store.ErrConflict) {
			break
		}
		err = finish()
	}
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "what became of a message could not be written", "environment", t.live.Name, "message", t.row.ID, "outcome", o.reason, "error", err)
	}
	s.cfg.Crash(AfterEnd)
	if o.verdict != taken && o.verdict != nobody {
		s.cfg.Log.WarnContext(ctx, "a message was not delivered", "environment", t.live.Name, "message", t.row.ID, "sender", t.sender.Name, "reason", o.reason, "state", t.row.State, "attempts", t.row.Attempts)
	}
}

// detail is what the ledger keeps of a message: nothing that it says.
type detail struct {
	Message  string `json:"message"`
	Template string `json:"template"`
	Channel  string `json:"channel"`
	Sender   string `json:"sender,omitempty"`
	Attempts int    `json:"attempts"`
}

// told is the event of a message's end, if that is one.
func (s *Service) told(m store.Message) (store.Event, bool) {
	entry := audit.Entry{At: m.Updated, Actor: audit.System, Detail: detail{m.ID, m.Template, m.Channel, m.Sender, m.Attempts}}
	if !m.Customer.IsZero() {
		entry.Customer = m.Customer.String()
	}
	switch {
	case m.State == store.MessageSent:
		entry.Type = audit.MessageSent
	case m.State == store.MessageFailed, m.State == store.MessageDropped && m.Reason == string(Expired):
		entry.Type, entry.Result = audit.MessageFailed, m.Reason
	default:
		return store.Event{}, false
	}
	return s.cfg.Audit.Event(entry), true
}
