package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// HookEventState is where an event is on its way to a hook.
type HookEventState string

// The states of events. The first two are open: a node delivers them when they are due.
const (
	HookEventQueued  HookEventState = "queued"  // waits until Due
	HookEventSending HookEventState = "sending" // a node has it until Due
	HookEventSent    HookEventState = "sent"    // the hook took it
	HookEventDead    HookEventState = "dead"    // it was tried too often, for a Reason
)

// HookEvent tells one hook of something that happened to a customer. It names who, and
// holds nothing else of them.
type HookEvent struct {
	ID          string // 1 to 64 letters and digits; those of later events are greater
	Hook        string
	Type        string // what happened, as a hook's `events:` spells it
	Journey     string
	Application string
	Customer    customer.ID // never zero
	State       HookEventState
	Reason      string // why it waits or is dead: a stable word
	Attempts    int

	At      time.Time // when it happened
	Due     time.Time // when it is tried next, or taken from the node that has it
	Updated time.Time
	Keep    time.Time // when [Store.Sweep] may delete it; zero: never
	Version int64     // compare-and-set
}

// HookEventPage asks for events; what is zero asks for all.
type HookEventPage struct {
	Hook  string
	State HookEventState
	After string // the last id seen; empty for the first page
	Since time.Time
	Limit int // 1 to 1000
}

// HookEvents reads events for hooks.
type HookEvents interface {
	// HookEvents lists events, oldest first.
	HookEvents(ctx context.Context, env EnvironmentID, page HookEventPage) ([]HookEvent, error)
	// HookEvent reads one; [ErrNotFound].
	HookEvent(ctx context.Context, env EnvironmentID, id string) (HookEvent, error)
	// DueHookEvents lists the open ones of a hook that are due at an instant, at most
	// limit of them (1 to 1000), longest first. Of a customer's it gives the one with the
	// least id, and that only if it is due: the others wait for it.
	DueHookEvents(ctx context.Context, env EnvironmentID, hook string, at time.Time, limit int) ([]HookEvent, error)
}

// HookEventWriter changes them.
type HookEventWriter interface {
	// PutHookEvent stores e. With Version 0 it is new, [ErrExists] if there is one of its
	// id; else it replaces State, Reason, Attempts, Due, Updated and Keep of the one that
	// has Version, and raises its Version: [ErrConflict] if there is none.
	PutHookEvent(ctx context.Context, e HookEvent) error
}
