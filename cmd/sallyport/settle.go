package main

import (
	"context"
	"runtime/debug"
	"time"
)

// settleAfter is how long after its start a server gives back what only the start
// needed. What is put off until somebody asks for it, such as templates, does not
// count: it is not there yet.
const settleAfter = time.Second

// settle gives the system back what the start needed and nothing needs any more: memory
// that the collector has freed, and those pages of the program itself that were mapped
// for code which runs once. Whatever is wanted again is mapped again, from the file.
func settle(ctx context.Context) {
	timer := time.NewTimer(settleAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		debug.FreeOSMemory()
		unmapProgram()
	}
}
