package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// RecordState is where a source record of a migration stands. Each is in
// exactly one state.
type RecordState string

// The states of a source record.
const (
	RecordPending  RecordState = "pending"  // counted, not yet looked at, or put back by an undo
	RecordStaged   RecordState = "staged"   // a customer, whose password the earlier system still checks
	RecordImported RecordState = "imported" // became a customer
	RecordHeld     RecordState = "held"     // waits for somebody, with a reason
	RecordDropped  RecordState = "dropped"  // deliberately not taken, with a reason
	RecordErased   RecordState = "erased"   // its customer was erased here; nobody brings it back
)

// RecordStates lists them in the order in which people read them.
func RecordStates() []RecordState {
	return []RecordState{RecordPending, RecordStaged, RecordImported, RecordHeld, RecordDropped, RecordErased}
}

// RecordWay is how a record came.
type RecordWay string

// The ways. The empty one is that of records which are pending; of others it
// means [WayBulk].
const (
	WayBulk     RecordWay = "bulk"     // from an export
	WayJIT      RecordWay = "jit"      // just in time, when its person signed in
	WayClaim    RecordWay = "claim"    // its person claimed it
	WayRegister RecordWay = "register" // its person registered anew
)

// RecordWays lists them in the order in which people read them.
func RecordWays() []RecordWay { return []RecordWay{WayBulk, WayJIT, WayClaim, WayRegister} }

// StateWay is where records are and how they came.
type StateWay struct {
	State RecordState
	Way   RecordWay // empty of what is pending
}

// RecordHash is how the keys of a run's records are remembered while it is not
// finished. Among a million keys two share one with a chance of one in thirty million.
func RecordHash(key string) uint64 {
	sum := sha256.Sum256([]byte(key))
	return binary.BigEndian.Uint64(sum[:])
}

// ErasedKey is the key under which the ledger keeps a record whose customer was
// erased: a digest, so that the record is known when it comes again and tells
// nothing of anybody. It differs from environment to environment.
func ErasedKey(env EnvironmentID, migration, key string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "sallyport erased record\x00%d\x00%s\x00%s", env, migration, key))
	return "erased:" + hex.EncodeToString(sum[:])
}

// KeysAtOnce is how many hashes one [RunKeys] holds at most.
const KeysAtOnce = 4096

// RunKeys is a page of the [RecordHash]es of the records that a run counts as
// pending, so that whoever brings one of them another way knows that it does.
type RunKeys struct {
	Migration string
	Run       string
	Hashes    []uint64 // rising, 1 to [KeysAtOnce]; every one above those of the page before
}

// RecordTarget is what a number in [RecordMove.Marks] stands for.
type RecordTarget struct {
	Number int    // from 0, without gaps in a migration
	Target string // "email", "attribute.tariff", "password"
	From   string // the source's column
}

// MaxRecordTargets bounds the targets of one migration.
const MaxRecordTargets = 4096
