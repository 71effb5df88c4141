package store

import (
	"context"
	"time"
)

// FunnelCell is how often something happened at one step of a journey within an hour. It
// says nothing of anybody.
type FunnelCell struct {
	Hour        time.Time // UTC
	Journey     string
	Step        string
	Outcome     string
	Brand       string
	Application string
	Known       bool // on a device on which somebody had signed in
	Took        int  // the bucket of the time that the step took; 0: not measured
	Count       int64
}

// FunnelPage asks for counts; what is zero asks for all.
type FunnelPage struct {
	Journey      string
	Brand        string
	Application  string
	From, Before time.Time
}

// Funnels reads counts of journeys.
type Funnels interface {
	// FunnelCounts sums up counts by journey, step, outcome, device and bucket; Hour,
	// Brand and Application of what it gives are zero. At most 100 000.
	FunnelCounts(ctx context.Context, env EnvironmentID, page FunnelPage) ([]FunnelCell, error)
}

// FunnelWriter adds to them.
type FunnelWriter interface {
	// AddFunnel adds counts to those that are there, and lets [Store.Sweep] delete them
	// at keep. Counts below 1 are [ErrInvalid].
	AddFunnel(ctx context.Context, cells []FunnelCell, keep time.Time) error
}
