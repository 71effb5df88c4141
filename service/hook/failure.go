package hook

// Failure is why an answer does not count, for programs. Nothing that a hook
// sent is ever part of it.
type Failure string

// The failures of what is in between.
const (
	Slow       Failure = "timeout"          // no whole answer in time
	Away       Failure = "unreachable"      // no connection, or it broke
	Guarded    Failure = "address-refused"  // the egress guard does not connect there
	Redirected Failure = "redirect"         // it answered with one, which is not followed
	Busy       Failure = "busy"             // too many calls of this node are waiting for it
	Suspended  Failure = "suspended"        // it was slow or away too often, and is left alone for some seconds
	Abandoned  Failure = "request-canceled" // who asked for the token hung up
	Unasked    Failure = "unasked"          // this node could not put the question
)

// The failures of an answer. From Stranger on the hook lies: it says what it may not.
const (
	BadStatus    Failure = "status"           // other than 200
	BadMedia     Failure = "content-type"     // other than application/json, or packed
	TooLarge     Failure = "too-large"        // more than 16 KiB
	Malformed    Failure = "malformed"        // not the JSON of an answer: see Outcome.Detail
	Stranger     Failure = "other-question"   // the id is not that of the question
	ForeignScope Failure = "unlisted-scope"   // it takes what was not granted, or is not its to judge
	ForeignClaim Failure = "undeclared-claim" // it fills what was not declared for it
	WrongType    Failure = "claim-type"       // of another type than declared
)

// hangs tells of failures by which a hook holds those who wait for it.
func (f Failure) hangs() bool { return f == Slow || f == Away }

// silent tells of failures that say nothing about how the hook is.
func (f Failure) silent() bool {
	return f == Busy || f == Suspended || f == Abandoned || f == Unasked || f == Guarded
}

// fault is a failure with what is told of it.
type fault struct {
	Failure
	detail string
}
