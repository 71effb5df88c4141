package access

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxRate is the most calls that a [Rate] can name, at a time or in a burst.
const MaxRate = 1_000_000

// Rate limits the calls that can be made with what a rule grants. The zero rate is
// no limit of the rule's own. Its JSON form has Per in whole seconds.
type Rate struct {
	Calls int           // 1 to MaxRate in each Per
	Per   time.Duration // whole seconds, at most a day
	Burst int           // at once; Compile fills in Calls for 0
}

// String is the rate as a token carries it, calls/seconds/burst, such as
// "100/60/20"; empty for no limit.
func (r Rate) String() string {
	if r == (Rate{}) {
		return ""
	}
	return fmt.Sprintf("%d/%d/%d", r.Calls, r.Per/time.Second, r.Burst)
}

// ParseRate reads what [Rate.String] writes, and nothing else.
func ParseRate(text string) (Rate, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return Rate{}, fmt.Errorf("access: %.40q is no rate", text)
	}
	var n [3]int
	for i, part := range parts {
		n[i], _ = strconv.Atoi(part)
	}
	r := Rate{Calls: n[0], Per: time.Duration(min(n[1], secondsOfDay+1)) * time.Second, Burst: n[2]}
	if r.wrong() != "" || r.String() != text {
		return Rate{}, fmt.Errorf("access: %.40q is no rate", text)
	}
	return r, nil
}

// wrong says what is wrong with a limit, if anything is.
func (r Rate) wrong() string {
	switch {
	case r.Calls < 1 || r.Calls > MaxRate:
		return fmt.Sprintf("allows not between 1 and %d calls", MaxRate)
	case r.Per < time.Second || r.Per > day || r.Per%time.Second != 0:
		return "is not of whole seconds up to a day"
	case r.Burst < 1 || r.Burst > MaxRate:
		return fmt.Sprintf("has a burst not between 1 and %d", MaxRate)
	}
	return ""
}

// pace orders rates by how many calls they allow in the long run; no limit is the
// highest. Different paces stay different: of two fractions of at most twenty and
// seventeen bits, the difference is more than what is rounded away.
func (r Rate) pace() int64 {
	if r == (Rate{}) {
		return math.MaxInt64
	}
	return int64(r.Calls) << 40 / int64(r.Per/time.Second)
}

// burst orders rates by how many calls they allow at once.
func (r Rate) burst() int64 {
	if r == (Rate{}) {
		return math.MaxInt64
	}
	return int64(r.Burst)
}

// rateJSON is the JSON form of [Rate].
type rateJSON struct {
	Calls int   `json:"calls"`
	Per   int64 `json:"per"`
	Burst int   `json:"burst"`
}

// MarshalJSON gives calls, per in seconds, and burst.
func (r Rate) MarshalJSON() ([]byte, error) {
	return json.Marshal(rateJSON{r.Calls, int64(r.Per / time.Second), r.Burst})
}

// UnmarshalJSON reads what [Rate.MarshalJSON] writes.
func (r *Rate) UnmarshalJSON(data []byte) error {
	var raw rateJSON
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*r = Rate{Calls: raw.Calls, Per: time.Duration(raw.Per) * time.Second, Burst: raw.Burst}
	return nil
}
