package store

// Points that engines tell their Config.Crash, so that a test can end the
// process exactly there.
const (
	CrashBeforeWrite  = "store.write.before-commit"  // a transaction is complete, not yet durable
	CrashAfterWrite   = "store.write.after-commit"   // it is durable, nobody was told yet
	CrashBeforeRecord = "store.record.before-commit" // the same for events recorded alone
	CrashAfterRecord  = "store.record.after-commit"
)

// CrashPoints lists them.
func CrashPoints() []string {
	return []string{CrashBeforeWrite, CrashAfterWrite, CrashBeforeRecord, CrashAfterRecord}
}
