package store

import (
	"context"
	"time"
)

// RivalClaim says that a record claims an identifier that others claim too, or that
// a customer who is here has it.
type RivalClaim struct {
	Migration string
	Group     string // keyed digest of kind and value, in hexadecimal: never the value
	Kind      string // of the identifier
	Key       string // of the record; empty: Customer has it
	Customer  string // text form of the id; empty: a record claims it
	Sealed    []byte // what people decide by, sealed; at most 16 KiB; empty of a customer
	At        time.Time
}

// RivalDecision is what somebody, or a rule, decided on a group.
type RivalDecision struct {
	Migration string
	Group     string
	Decision  []byte // in the form of pure/rival, without values of records; at most 64 KiB
	// Claimants are the keys of the records that it names, for [RivalWriter.RivalsOf]:
	// stored with the decision, and not given back.
	Claimants []string
	By        string // an audit actor
	At        time.Time
	Version   int64 // compare-and-set
}

// RivalStand is what stands in the way of a record, or is decided about it.
type RivalStand struct {
	Claims    []RivalClaim    // in the groups that were asked for, by group, key and customer
	Decisions []RivalDecision // that name the record, by group
}

// RivalPage asks for a page by group.
type RivalPage struct {
	Migration string
	After     string // the last group seen; empty for the first page
	Limit     int    // 1 to 1000; claims of at most so many groups
}

// Rivals reads who claims what others claim.
type Rivals interface {
	// RivalClaims lists the claims of the groups behind a page's After, by group, key
	// and customer.
	RivalClaims(ctx context.Context, env EnvironmentID, page RivalPage) ([]RivalClaim, error)
	// RivalGroup lists the claims of one group, by key and customer, at most 10 000.
	RivalGroup(ctx context.Context, env EnvironmentID, migration, group string) ([]RivalClaim, error)
	// RivalDecisions lists decisions by group.
	RivalDecisions(ctx context.Context, env EnvironmentID, page RivalPage) ([]RivalDecision, error)
	// RivalDecision reads one; [ErrNotFound].
	RivalDecision(ctx context.Context, env EnvironmentID, migration, group string) (RivalDecision, error)
	// RivalKey reads what the digests of a migration's groups are keyed with, sealed;
	// [ErrNotFound].
	RivalKey(ctx context.Context, env EnvironmentID, migration string) ([]byte, error)
}

// RivalWriter changes it.
type RivalWriter interface {
	// PutRivalClaims stores claims, and replaces Sealed and At of those that are there.
	PutRivalClaims(ctx context.Context, claims []RivalClaim) error
	// PutRivalDecision stores d. With Version 0 it is new, [ErrExists] if there is one
	// of the group; else it replaces Decision, By and At of the one that has Version,
	// and raises it: [ErrConflict].
	PutRivalDecision(ctx context.Context, d RivalDecision) error
	// DeleteRivalDecision removes the one that has Version of d; [ErrConflict].
	DeleteRivalDecision(ctx context.Context, d RivalDecision) error
	// RivalsOf reads the claims in groups, of each at most 10 000, and the decisions that
	// name the record key, at most 1000.
	RivalsOf(ctx context.Context, migration, key string, groups []string) (RivalStand, error)
	// PutRivalKey stores a migration's; [ErrExists] if it has one.
	PutRivalKey(ctx context.Context, migration string, sealed []byte) error
}
