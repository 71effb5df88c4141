package store

import (
	"context"
	"time"
)

// Environment is one isolated world of a tenant: its own directory, keys,
// issuers, ledgers and running revision.
type Environment struct {
	ID        EnvironmentID
	Tenant    string // unique with Name
	Name      string
	Protected bool  // takes revisions only through approval or break-glass
	Revision  int64 // newest revision, 0 for none
	Created   time.Time
}

// Environments reads the installation's environments.
type Environments interface {
	// Environments lists all, by tenant and name, the system environment first.
	Environments(ctx context.Context) ([]Environment, error)
	// EnvironmentByName finds one; [ErrNotFound].
	EnvironmentByName(ctx context.Context, tenant, name string) (Environment, error)
}

// EnvironmentWriter creates environments. It is used within Write on [System].
type EnvironmentWriter interface {
	// CreateEnvironment stores e with a fresh id, which it returns; [ErrExists].
	CreateEnvironment(ctx context.Context, e Environment) (EnvironmentID, error)
}

// Revision is one immutable numbered configuration of an environment.
type Revision struct {
	Number     int64 // from 1, without gaps
	Base       int64 // what the author had seen; 0 for the first
	Digest     [32]byte
	Content    []byte // the encoded tree, at most 64 MiB
	Author     string
	Message    string
	BreakGlass string // the reason, if a protection was overridden
	Created    time.Time
}

// Revisions reads configurations.
type Revisions interface {
	// Revision reads one; number 0 means the newest. [ErrNotFound].
	Revision(ctx context.Context, env EnvironmentID, number int64) (Revision, error)
	// RevisionList lists at most limit revisions without Content, newest
	// first, with a number below before (0: from the newest).
	RevisionList(ctx context.Context, env EnvironmentID, before int64, limit int) ([]Revision, error)
}

// RevisionWriter appends configurations.
type RevisionWriter interface {
	// AppendRevision stores r as number r.Base+1. [ErrConflict] if the newest
	// revision is not r.Base.
	AppendRevision(ctx context.Context, r Revision) (number int64, err error)
}

// FeedKind is the sort of change that other nodes must learn of.
type FeedKind string

// The changes that travel by the feed.
const (
	RevisionApplied     FeedKind = "revision"     // Subject: the number
	KeysChanged         FeedKind = "keys"         // Subject: the authorization server, or another key owner
	GrantRevoked        FeedKind = "grant"        // Subject: the grant id, in hexadecimal
	TokenRevoked        FeedKind = "token"        // Subject: the application, a slash, and the jti of an access token
	SessionEnded        FeedKind = "session"      // Subject: the session id, in hexadecimal
	CustomerRevoked     FeedKind = "customer"     // Subject: the customer id: nothing issued before At is honoured
	AccessWithdrawn     FeedKind = "access"       // Subject: the customer id, a slash, and the application: nothing issued to it for them before At is honoured
	ApplicationChanged  FeedKind = "application"  // Subject: the application: its secrets changed
	SubscriptionChanged FeedKind = "subscription" // Subject: the subscription id
	EnvironmentCreated  FeedKind = "environment"  // Subject: tenant/name; written in System
	// CellsRecalled ends what was issued while something was widened: [RecallOf].
	CellsRecalled FeedKind = "cells-recalled"
)

// FeedEntry is one change, in the order of commits.
type FeedEntry struct {
	Position int64 // strictly rising in commit order over all environments
	Env      EnvironmentID
	Kind     FeedKind
	Subject  string
	At       time.Time
	Until    time.Time // when the entry stops to matter and may be swept
}

// Feed reads the change feed, which spans environments: a node follows all.
type Feed interface {
	// FeedAfter gives at most limit entries behind position, oldest first. No
	// entry ever appears later with a position at or below one already given.
	FeedAfter(ctx context.Context, position int64, limit int) ([]FeedEntry, error)
}

// FeedWriter publishes changes.
type FeedWriter interface {
	// Publish appends e to the feed when the transaction commits; the engine
	// sets Position and Env.
	Publish(ctx context.Context, e FeedEntry) error
}
