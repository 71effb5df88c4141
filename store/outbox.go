package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// MessageState is where a message of the outbox is.
type MessageState string

// The states of messages. The first two are open: a node sends them when they are due.
const (
	MessageQueued  MessageState = "queued"  // waits until Due
	MessageSending MessageState = "sending" // a node has it until Due
	MessageSent    MessageState = "sent"    // whoever delivers it has taken it
	MessageFailed  MessageState = "failed"  // for a Reason; somebody may have it tried again
	MessageDropped MessageState = "dropped" // worthless by now, or for nobody
)

// MessageStates lists them in the order in which people read them.
func MessageStates() []MessageState {
	return []MessageState{MessageQueued, MessageSending, MessageSent, MessageFailed, MessageDropped}
}

// Message is one message to a person, on its way or at its end.
type Message struct {
	ID       string // 1 to 64 letters and digits; later ones are greater
	Once     []byte // digest of a word: the environment has one message of it; empty: none. At most 32 bytes
	Channel  string
	Template string
	Customer customer.ID // zero: nobody known
	Sealed   []byte      // to whom and what, sealed with the id; empty once nobody needs it. At most 32 KiB
	State    MessageState
	Reason   string // why it waits or failed: a stable word, no value of anybody's
	Sender   string // by whom it was tried last
	Attempts int

	Due     time.Time // when it is tried next, or taken from the node that has it
	Created time.Time
	Updated time.Time
	Keep    time.Time // when [Store.Sweep] may delete it; zero: not yet
	// Until is when [Store.Sweep] takes out what is sealed, whatever the state, and
	// forgets Until: it is worth nothing any more. Zero: never. It is set once.
	Until   time.Time
	Version int64 // compare-and-set
}

// MessagePage asks for messages; what is zero asks for all.
type MessagePage struct {
	State    MessageState
	Customer customer.ID
	Before   string // the last id seen; empty for the first page
	Limit    int    // 1 to 1000
}

// Outbox reads messages.
type Outbox interface {
	// Messages lists messages, newest first, without Sealed.
	Messages(ctx context.Context, env EnvironmentID, page MessagePage) ([]Message, error)
	// Message reads one, whole; [ErrNotFound].
	Message(ctx context.Context, env EnvironmentID, id string) (Message, error)
	// DueMessages lists the open ones of a channel that are due at an instant, longest
	// first, whole, at most limit of them (1 to 1000).
	DueMessages(ctx context.Context, env EnvironmentID, channel string, at time.Time, limit int) ([]Message, error)
}

// OutboxWriter changes messages.
type OutboxWriter interface {
	// PutMessage stores m. With Version 0 it is new, [ErrExists] if there is one of its id
	// or its Once; else it replaces Sealed, State, Reason, Sender, Attempts, Due, Updated
	// and Keep of the one that has Version, and raises its Version: [ErrConflict] if
	// there is none.
	PutMessage(ctx context.Context, m Message) error
	// ForgetMessages deletes those to a customer, at most limit (1 to 1000), and tells how
	// many they were. One that a node has just now may still arrive.
	ForgetMessages(ctx context.Context, id customer.ID, limit int) (int, error)
}
