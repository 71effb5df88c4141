package main

import (
	"sallyport/service/audit"
	"sallyport/service/debug"
)

// debugger tells developers what their applications get, and why.
func (n *node) debugger() *debug.Service {
	return debug.New(debug.Config{Issue: n.issue, Verify: n.verify, Ledger: &audit.Reader{Store: n.store, Now: now}, Now: now})
}
