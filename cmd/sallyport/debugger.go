package main

import (
	"sallyport/service/audit"
	"sallyport/service/debug"
)

// debugger tells developers what their applications get, and why.
func (i *installation) debugger() *debug.Service {
	return debug.New(debug.Config{Issue: i.issue, Verify: i.verify, Ledger: &audit.Reader{Store: i.store, Now: now}, Now: now})
}
