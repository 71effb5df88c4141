// Package flush writes what is counted in memory each second, and once more at the end.
package flush

import (
	"context"
	"log/slog"
	"time"
)

// Every is how often counts are written: what a node that dies loses at most.
const Every = time.Second

// lastWithin bounds the last writing, which a server that ends waits for.
const lastWithin = 5 * time.Second

// Run calls write each second until ctx ends, and once more then. Errors are logged:
// the first of a row, and the last one of all, behind which nothing is tried again.
// what names the counts, such as "uses of scopes".
func Run(ctx context.Context, log *slog.Logger, what string, write func(context.Context) error) {
	ticker := time.NewTicker(Every)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWithin)
			defer cancel()
			if err := write(last); err != nil {
				log.Error(what+" of the last second are lost", "error", err)
			}
			return
		case <-ticker.C:
		}
		err := write(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			log.Error(what+" cannot be written", "error", err)
		}
		failing = err != nil
	}
}
