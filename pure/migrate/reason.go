package migrate

// Reason says in a stable word why a record is held or dropped, or what a
// warning is about. Reasons of drops are the plan's own.
type Reason string

// Why a record is held.
const (
	MalformedRow        Reason = "malformed-row"        // not readable as a row of the export
	BadEncoding         Reason = "bad-encoding"         // bytes that the declared encoding does not have
	MissingKey          Reason = "missing-key"          // the key column is empty
	BadKey              Reason = "bad-key"              // too long, or with control characters
	DuplicateKey        Reason = "duplicate-key"        // several rows have this key
	MissingField        Reason = "missing-field"        // a required column is empty
	BadField            Reason = "bad-field"            // a required column does not make sense
	UnknownState        Reason = "unknown-state"        // whether the person may sign in is not understood
	NoIdentifier        Reason = "no-identifier"        // nothing to sign in by
	DuplicateIdentifier Reason = "duplicate-identifier" // somebody else claims the same
	BrokenHash          Reason = "broken-hash"          // the password hash does not follow its format
	UnknownHash         Reason = "unknown-hash"         // no known format of password hash
	CostlyHash          Reason = "costly-hash"          // verifying it would cost more than is allowed
	DuplicateHash       Reason = "duplicate-hash"       // several password hashes that differ
	HashWithoutUser     Reason = "hash-without-user"    // a password hash of somebody who is not in the export
	DuplicateFactors    Reason = "duplicate-factors"    // several rows of second factors that differ
	FactorsWithoutUser  Reason = "factors-without-user" // second factors of somebody who is not in the export
	WrongRegion         Reason = "region"               // the person's data is not to be kept here; also of drops
	TakenID             Reason = "taken-id"             // another customer has the id by which this one was known
	SecretMissing       Reason = "secret-missing"       // a secret that the format needs was not given
)

// Why a record is dropped, besides the plan's own reasons.
const (
	DeletedThere Reason = "deleted" // the source keeps it as a trace only
	StateLeft    Reason = "state"   // the migration leaves people in this state out
)

// What an imported record was warned about.
const (
	NoPassword      Reason = "no-password"      // the source has no hash for this person
	LeftOut         Reason = "left-out"         // an optional value did not make sense and was not taken
	UnknownGroup    Reason = "unknown-group"    // the tenant has no such group; not taken
	UnclearVerified Reason = "unclear-verified" // neither yes nor no; taken as unverified
	AddressAsName   Reason = "address-as-name"  // a username that is an e-mail address, taken as that
	OtherProvider   Reason = "other-provider"   // the person signs in elsewhere and has no password; the link is kept
	SecondPassword  Reason = "second-password"  // a linked user had a password of its own, which ends
	FactorLeft      Reason = "factor-left"      // a second factor that cannot be taken along
	LockedThere     Reason = "locked"           // the source had locked the person out; disabled here
	MustReset       Reason = "must-reset"       // the password counts no longer at the source; not taken
)
