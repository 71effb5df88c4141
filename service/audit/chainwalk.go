package audit

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"sallyport/store"
)

// chainWalk is where the walk along one chain stands.
type chainWalk struct {
	verdict *Verdict
	head    store.Head
	marks   map[int64]string

	seq    int64
	hash   [32]byte
	marked int64 // the highest checkpoint passed
}

func (c *chainWalk) find(seq int64, format string, args ...any) {
	c.verdict.find(c.head.Writer, seq, format, args...)
}

func (c *chainWalk) step(e *store.ChainedEvent) {
	c.verdict.Events++
	switch {
	case e.Seq != c.seq+1:
		c.find(e.Seq, "events %d to %d are missing", c.seq+1, e.Seq-1)
	case e.Hash != store.Link(c.hash, c.head.Env, c.head.Writer, e.Seq, &e.Event):
		c.find(e.Seq, "the event or its predecessor was changed: its link does not hold")
	}
	c.seq, c.hash = e.Seq, e.Hash
	c.personal(e)
	if want, vouched := c.marks[e.Seq]; vouched {
		c.marked = e.Seq
		if want != hex.EncodeToString(e.Hash[:]) {
			c.find(e.Seq, "a signed checkpoint vouches for another event here: the chain was rebuilt")
		}
	}
}

// personal compares the part that lies beside the chain with its commitment.
// Whether it was erased lies there too, so it excuses nothing but absence.
func (c *chainWalk) personal(e *store.ChainedEvent) {
	var b struct {
		Commitment string `json:"personal_sha256"`
	}
	_ = json.Unmarshal(e.Body, &b) // a body of another form commits to nothing
	present := len(e.Personal) > 0 || len(e.Salt) > 0
	switch {
	case e.Erased && !present && b.Commitment != "":
		c.verdict.Erased++
	case e.Erased:
		c.find(e.Seq, "it is marked as erased, but its personal part is there or never was")
	case b.Commitment == "" && present:
		c.find(e.Seq, "a personal part was added that the chain does not know")
	case b.Commitment != "":
		sum := store.CommitPersonal(e.Salt, e.Personal)
		if hex.EncodeToString(sum[:]) != b.Commitment {
			c.find(e.Seq, "the personal part was changed")
		}
	}
}

// end holds the last event to the head and to the checkpoints beyond it.
func (c *chainWalk) end() {
	if c.seq != c.head.Seq || c.hash != c.head.Hash {
		c.find(c.head.Seq, "the chain ends at event %d, but its head is event %d or another one", c.seq, c.head.Seq)
	}
	for _, seq := range slices.Sorted(maps.Keys(c.marks)) {
		if seq > c.seq {
			c.find(seq, "a signed checkpoint reaches to event %d: the tail was cut at %d", seq, c.seq)
		}
	}
	c.verdict.Unsigned += c.seq - c.marked
}
