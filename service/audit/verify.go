package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"sallyport/store"
)

const (
	verifyPage     = 1000
	maxCheckpoints = 10_000
	maxFindings    = 100
)

// Finding is one place where the ledger is not what it should be.
type Finding struct {
	Writer int    `json:"writer"`
	Seq    int64  `json:"seq"` // 0 where it is about no single event
	What   string `json:"what"`
}

// Verdict is the outcome of a verification. Without findings the ledger is
// what was written, up to the newest checkpoint; events behind it are linked
// but not yet signed for.
type Verdict struct {
	Version     int       `json:"version"`
	Events      int64     `json:"events"`
	Chains      int       `json:"chains"`
	Checkpoints int       `json:"checkpoints"`
	Unsigned    int64     `json:"unsigned"` // events behind the newest checkpoint
	Erased      int64     `json:"erased"`   // events whose personal part was erased
	Findings    []Finding `json:"findings"` // at most 100
}

// OK tells whether nothing was found.
func (v *Verdict) OK() bool { return len(v.Findings) == 0 }

func (v *Verdict) find(writer int, seq int64, format string, args ...any) {
	if len(v.Findings) < maxFindings {
		v.Findings = append(v.Findings, Finding{writer, seq, fmt.Sprintf(format, args...)})
	}
}

// Verify walks every chain of env link by link, compares personal parts with
// their commitments, and holds the chains to every signed checkpoint.
func (p *Prover) Verify(ctx context.Context, env store.EnvironmentID) (*Verdict, error) {
	v := &Verdict{Version: 1, Findings: []Finding{}}
	marks, err := p.marks(ctx, env, v)
	if err != nil {
		return nil, err
	}
	heads, err := p.Store.AuditHeads(ctx, env)
	if err != nil {
		return nil, fmt.Errorf("reading audit heads: %w", err)
	}
	for _, head := range heads {
		if err := p.walk(ctx, env, head, marks, v); err != nil {
			return nil, err
		}
		delete(marks, head.Writer)
	}
	for writer := range marks {
		v.find(writer, 0, "a signed checkpoint knows this chain, but it is gone")
	}
	v.Chains = len(heads)
	return v, nil
}

// marks collects, for each chain, the hash that signed checkpoints vouch for
// at a sequence number.
func (p *Prover) marks(ctx context.Context, env store.EnvironmentID, v *Verdict) (map[int]map[int64]string, error) {
	checkpoints, err := p.Store.Checkpoints(ctx, env, maxCheckpoints)
	if err != nil {
		return nil, fmt.Errorf("reading checkpoints: %w", err)
	}
	v.Checkpoints = len(checkpoints)
	marks := map[int]map[int64]string{}
	for _, checkpoint := range checkpoints {
		signed, err := p.Signer.VerifyCheckpoint(ctx, env, checkpoint.Signature)
		var s statement
		switch {
		case err != nil:
			v.find(0, 0, "the checkpoint of %s has a signature that does not hold", checkpoint.At.Format("2006-01-02 15:04:05"))
			continue
		case json.Unmarshal(signed, &s) != nil || s.Environment != env:
			v.find(0, 0, "the checkpoint of %s is not one of this environment", checkpoint.At.Format("2006-01-02 15:04:05"))
			continue
		}
		for _, head := range s.Heads {
			if marks[head.Writer] == nil {
				marks[head.Writer] = map[int64]string{}
			}
			if other, known := marks[head.Writer][head.Seq]; known && other != head.Hash {
				v.find(head.Writer, head.Seq, "two signed checkpoints disagree")
			}
			marks[head.Writer][head.Seq] = head.Hash
		}
	}
	return marks, nil
}

// walk verifies one chain from its first event to its head.
func (p *Prover) walk(ctx context.Context, env store.EnvironmentID, head store.Head, marks map[int]map[int64]string, v *Verdict) error {
	chain := chainWalk{verdict: v, env: env, writer: head.Writer, marks: marks[head.Writer]}
	for next := int64(1); next <= head.Seq; {
		events, err := p.Store.AuditChain(ctx, env, head.Writer, next, verifyPage)
		if err != nil {
			return fmt.Errorf("reading chain %d: %w", head.Writer, err)
		}
		if len(events) == 0 {
			break
		}
		for i := range events {
			chain.step(&events[i])
		}
		next = events[len(events)-1].Seq + 1
	}
	chain.end(head)
	return nil
}

// chainWalk is where a walk stands.
type chainWalk struct {
	verdict *Verdict
	env     store.EnvironmentID
	writer  int
	marks   map[int64]string

	seq    int64
	hash   [32]byte
	marked int64 // the highest checkpoint passed
}

func (c *chainWalk) step(e *store.ChainedEvent) {
	v := c.verdict
	v.Events++
	if e.Seq != c.seq+1 {
		v.find(c.writer, e.Seq, "events %d to %d are missing", c.seq+1, e.Seq-1)
		c.hash = [32]byte{}
	}
	link := store.Link(c.hash, c.env, c.writer, e.Seq, &e.Event)
	if link != e.Hash && e.Seq == c.seq+1 {
		v.find(c.writer, e.Seq, "the event or its predecessor was changed: its link does not hold")
	}
	c.seq, c.hash = e.Seq, e.Hash
	c.personal(e)
	if want, vouched := c.marks[e.Seq]; vouched {
		c.marked = e.Seq
		if want != hex.EncodeToString(e.Hash[:]) {
			v.find(c.writer, e.Seq, "a signed checkpoint vouches for another event here: the chain was rebuilt")
		}
	}
}

// personal compares the part that lies beside the chain with its commitment.
func (c *chainWalk) personal(e *store.ChainedEvent) {
	var b struct {
		Personal string `json:"personal_sha256"`
	}
	_ = json.Unmarshal(e.Body, &b)
	switch {
	case e.Erased:
		c.verdict.Erased++
	case b.Personal == "" && e.Personal != nil:
		c.verdict.find(c.writer, e.Seq, "a personal part was added that the chain does not know")
	case b.Personal != "":
		sum := store.CommitPersonal(e.Salt, e.Personal)
		if hex.EncodeToString(sum[:]) != b.Personal {
			c.verdict.find(c.writer, e.Seq, "the personal part was changed")
		}
	}
}

// end holds the last event to the head and to the checkpoints beyond it.
func (c *chainWalk) end(head store.Head) {
	if c.seq != head.Seq || c.hash != head.Hash {
		c.verdict.find(c.writer, head.Seq, "the chain ends at event %d, but its head is event %d", c.seq, head.Seq)
	}
	for seq := range c.marks {
		if seq > c.seq {
			c.verdict.find(c.writer, seq, "a signed checkpoint reaches to event %d: the tail was cut at %d", seq, c.seq)
		}
	}
	if c.seq > c.marked {
		c.verdict.Unsigned += c.seq - c.marked
	}
}
