package access

import (
	"math"
	"time"
)

// MaxSignInAge is the most that a rule's MaxAge can be.
const MaxSignInAge = 5 * 365 * day

// unknownAge is too old for every rule that asks.
const unknownAge time.Duration = math.MaxInt64

// age is how long ago the customer proved who they are. A sign-in that is not
// known, or compared with an instant that is not, is of unknown age; one that a
// clock ahead of ours saw has just been made.
func (r *Request) age() time.Duration {
	if r.Authenticated.IsZero() || r.At.IsZero() {
		return unknownAge
	}
	return max(0, r.At.Sub(r.Authenticated))
}
