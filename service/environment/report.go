package environment

import (
	"sync"

	"sallyport/pure/config"
	"sallyport/pure/govern"
)

// reported is what governance says of a snapshot, once somebody asked.
type reported struct {
	snapshot *config.Snapshot
	report   func() *govern.Report
}

// Report gives the snapshot to serve by with what governance says of it, both nil
// if there is none. It is computed when it is first asked for, once for each
// revision; proving many rules can take a while.
func (l *Live) Report() (*config.Snapshot, *govern.Report) {
	for {
		snapshot := l.Snapshot()
		if snapshot == nil {
			return nil, nil
		}
		is := l.reported.Load()
		if is != nil && is.snapshot == snapshot {
			return snapshot, is.report()
		}
		fresh := &reported{snapshot, sync.OnceValue(func() *govern.Report { return govern.Of(snapshot) })}
		if l.reported.CompareAndSwap(is, fresh) {
			return snapshot, fresh.report()
		}
	}
}
