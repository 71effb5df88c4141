package store

import (
	"context"
	"time"
)

// ScopeUse is the last day on which an application was issued a scope.
type ScopeUse struct {
	Server      string
	Application string
	Scope       string
	Day         time.Time // at midnight, UTC
}

// Uses tells when scopes were last issued.
type Uses interface {
	// ScopeUses lists what is known of a server by scope and application, at most
	// 100 000 of it, and since which day uses of the environment are recorded; zero
	// if none ever was.
	ScopeUses(ctx context.Context, env EnvironmentID, server string) (uses []ScopeUse, since time.Time, err error)
}

// UseWriter notes uses.
type UseWriter interface {
	// PutScopeUses keeps the later day of each use. The first one of an environment
	// begins its record.
	PutScopeUses(ctx context.Context, uses []ScopeUse) error
}
