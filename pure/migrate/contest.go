package migrate

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"sallyport/pure/customer"
)

// ErrTooContested says that more than a million values occur several times in
// an export: it is not one list of people, or the wrong column is mapped.
var ErrTooContested = errors.New("too many values occur more than once")

// claim is the 64-bit hash of a value that only one record may have. Should two
// values share a hash, which among 10⁷ records has a chance of one in 10⁵, both
// records are held for somebody to look at: never is anybody given anything.
type claim uint64

func claimOf(sort, value string) claim {
	var buffer [512]byte
	text := append(append(append(buffer[:0], sort...), 0), value...)
	sum := sha256.Sum256(text)
	return claim(binary.BigEndian.Uint64(sum[:8]))
}

func keyClaim(key string) claim { return claimOf("key", key) }

func identifierClaim(id customer.Identifier) claim { return claimOf(string(id.Kind), id.Value) }

// Suspects finds values that may occur more than once in an export, in bounded
// memory: 32 MiB (more beyond 2 GiB of export) for a filter that forgets nothing
// and now and then suspects the innocent, and the hashes of the suspects.
type Suspects struct {
	filter []uint64
	shift  uint // leaves as many bits of a hash as the filter has positions
	again  map[claim]tally
}

// filterProbes is how many bits stand for one value.
const filterProbes = 4

// NewSuspects gives an empty filter for an export of that many bytes.
func NewSuspects(sourceBytes int64) *Suspects {
	// Four bits and more for each byte of the export, so that a row of 100 bytes
	// with three values has over a hundred for each and an export without
	// repetitions is not read again for a false suspicion. From 64 MiB of export
	// on the filter stays at 32 MiB, which serves some ten million rows; beyond
	// 2 GiB it grows again, to at most 1/64 of the export.
	length := bits.Len64(uint64(max(sourceBytes, 0)))
	size := max(min(length+2, max(length-3, 28)), 16)
	return &Suspects{
		filter: make([]uint64, 1<<(size-6)),
		shift:  uint(64 - size),
		again:  make(map[claim]tally),
	}
}

// Suspects gives an empty filter for a source of that many bytes. Objects repeat
// the names of their values, so that a record is four times as long as a row of
// CSV or more; and of joined rows, which claim one key, few are records.
func (p *Plan) Suspects(records, joined int64) *Suspects {
	if p.objects != nil {
		records = records/4 + joined/8
	}
	return NewSuspects(records)
}

// Add notes what a record claims. It returns [ErrTooContested] when there are
// too many suspects.
func (s *Suspects) Add(o Outcome) error {
	if err := s.note(keyClaim(o.Key)); err != nil || o.Verdict() == Leave {
		return err
	}
	for _, id := range o.Identifiers {
		if err := s.note(identifierClaim(id)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Suspects) note(c claim) error {
	if !s.seen(c) {
		return nil
	}
	s.again[c] = tally{}
	if len(s.again) > maxContested {
		return ErrTooContested
	}
	return nil
}

// seen sets the bits of c and tells whether all of them were set before.
func (s *Suspects) seen(c claim) bool {
	all := true
	at, step := uint64(c), bits.RotateLeft64(uint64(c), 32)*0x9e3779b97f4a7c15|1
	for range filterProbes {
		position := at >> s.shift
		word, bit := position>>6, uint64(1)<<(position&63)
		all = all && s.filter[word]&bit != 0
		s.filter[word] |= bit
		at += step
	}
	return all
}

// Contest ends the search and gives an empty contest among the suspects. The
// filter's memory is let go.
func (s *Suspects) Contest() *Contest {
	s.filter = nil
	return &Contest{tallies: s.again}
}

// Contest counts who claims the values that several records may have. Count
// every record of the export once, then Judge as often as is needed. A nil
// Contest knows of no rivals.
type Contest struct {
	tallies map[claim]tally
}

type tally struct{ claimants, verified uint32 }

// Empty tells whether there is nothing to count.
func (c *Contest) Empty() bool { return c == nil || len(c.tallies) == 0 }

// Count adds one record's claims and tells whether its key was met before.
func (c *Contest) Count(o Outcome) (repeated bool) {
	repeated = c.add(keyClaim(o.Key), false) > 1
	if o.Verdict() == Leave {
		return repeated
	}
	for _, id := range o.Identifiers {
		c.add(identifierClaim(id), id.Verified)
	}
	return repeated
}

// add gives the number of claimants so far, 0 for what is no suspect.
func (c *Contest) add(claim claim, verified bool) uint32 {
	t, suspect := c.tallies[claim]
	if !suspect {
		return 0
	}
	t.claimants++
	if verified {
		t.verified++
	}
	c.tallies[claim] = t
	return t.claimants
}

// Repeats tells whether several rows have the key of an outcome. They are one
// record, and one line of the ledger.
func (c *Contest) Repeats(o Outcome) bool {
	return !c.Empty() && c.tallies[keyClaim(o.Key)].claimants > 1
}

// Judge holds an outcome whose key or identifiers others have too, unless it is
// the only claimant that is verified. A record that is held or dropped already
// keeps its reason.
func (c *Contest) Judge(o Outcome) Outcome {
	if c.Empty() || o.Rejection != nil {
		return o
	}
	if c.Repeats(o) {
		o.Dropped = ""
		o.hold(DuplicateKey, fmt.Sprintf("%d rows have this key", c.tallies[keyClaim(o.Key)].claimants))
		return o
	}
	if o.Verdict() == Leave {
		return o
	}
	for _, id := range o.Identifiers {
		t := c.tallies[identifierClaim(id)]
		if t.claimants <= 1 || id.Verified && t.verified == 1 {
			continue
		}
		o.hold(DuplicateIdentifier, fmt.Sprintf("%d records claim the same %s, %d of them verified", t.claimants, id.Kind, t.verified))
		return o
	}
	return o
}

// Taken holds an outcome because a customer has one of its identifiers already:
// whoever is in the directory keeps what is theirs, verified or not.
func Taken(o Outcome, kind customer.IdentifierKind) Outcome {
	o.hold(DuplicateIdentifier, fmt.Sprintf("the %s belongs to a customer already", kind))
	return o
}

// WithoutID holds an outcome because the id that it would keep is a customer's here.
func WithoutID(o Outcome) Outcome {
	o.hold(TakenID, "a customer here has the id that the record would keep")
	return o
}
