package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sallyport/store"
)

const (
	verifyPage     = 1000
	maxCheckpoints = 1000 // the newest; each vouches for all events before it
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
	Checkpoints int       `json:"checkpoints"`        // that were held to, at most 1000
	SignedAt    time.Time `json:"signed_at,omitzero"` // of the newest checkpoint that holds
	Unsigned    int64     `json:"unsigned"`           // events behind the newest checkpoint
	Erased      int64     `json:"erased"`             // events whose personal part was erased
	Findings    []Finding `json:"findings"`           // at most 100
}

// OK tells whether nothing was found.
func (v *Verdict) OK() bool { return len(v.Findings) == 0 }

func (v *Verdict) find(writer int, seq int64, format string, args ...any) {
	if len(v.Findings) < maxFindings {
		v.Findings = append(v.Findings, Finding{writer, seq, fmt.Sprintf(format, args...)})
	}
}

// Verify walks every chain of env link by link, compares personal parts with
// their commitments, holds the chains to the signed checkpoints, and looks for
// events that belong to no chain. Events may be appended meanwhile; what comes
// after it began is left to the next time.
func (p *Prover) Verify(ctx context.Context, env store.EnvironmentID) (*Verdict, error) {
	v := &Verdict{Version: 1, Findings: []Finding{}}
	vouched, err := p.vouched(ctx, env, v)
	if err != nil {
		return nil, err
	}
	heads, err := p.heads(ctx, env)
	if err != nil {
		return nil, err
	}
	for _, writer := range slices.Sorted(maps.Keys(heads)) {
		if err := p.walk(ctx, heads[writer], vouched[writer], v); err != nil {
			return nil, err
		}
		delete(vouched, writer)
	}
	for _, writer := range slices.Sorted(maps.Keys(vouched)) {
		v.find(writer, 0, "a signed checkpoint knows this chain, but it is gone")
	}
	v.Chains = len(heads)
	return v, p.strays(ctx, env, v)
}

func (p *Prover) heads(ctx context.Context, env store.EnvironmentID) (map[int]store.Head, error) {
	list, err := p.Store.AuditHeads(ctx, env)
	if err != nil {
		return nil, fmt.Errorf("reading audit heads: %w", err)
	}
	heads := map[int]store.Head{}
	for _, head := range list {
		heads[head.Writer] = head
	}
	return heads, nil
}

// vouched collects, for each chain, the hash that signed checkpoints vouch for
// at a sequence number.
func (p *Prover) vouched(ctx context.Context, env store.EnvironmentID, v *Verdict) (map[int]map[int64]string, error) {
	checkpoints, err := p.Store.Checkpoints(ctx, env, maxCheckpoints)
	if err != nil {
		return nil, fmt.Errorf("reading checkpoints: %w", err)
	}
	v.Checkpoints = len(checkpoints)
	marks := map[int]map[int64]string{}
	for i := range checkpoints {
		s, wrong, err := p.signed(ctx, env, &checkpoints[i])
		if err != nil {
			return nil, err
		}
		if s == nil {
			v.find(0, 0, "the checkpoint of %s %s", checkpoints[i].At.Format(time.DateTime), wrong)
			continue
		}
		if s.At.After(v.SignedAt) {
			v.SignedAt = s.At
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
func (p *Prover) walk(ctx context.Context, head store.Head, marks map[int64]string, v *Verdict) error {
	chain := chainWalk{verdict: v, head: head, marks: marks}
	for next := int64(1); next <= head.Seq; {
		limit := min(verifyPage, head.Seq-next+1)
		events, err := p.Store.AuditChain(ctx, head.Env, head.Writer, next, int(limit))
		if err != nil {
			return fmt.Errorf("reading chain %d: %w", head.Writer, err)
		}
		for i := range events {
			if events[i].Seq <= head.Seq { // behind a gap a page reaches further
				chain.step(&events[i])
			}
		}
		if len(events) == 0 {
			break
		}
		next = events[len(events)-1].Seq + 1
	}
	chain.end()
	return p.beyond(ctx, head, v)
}

// beyond looks behind the head for an event that no head ever reached.
func (p *Prover) beyond(ctx context.Context, head store.Head, v *Verdict) error {
	events, err := p.Store.AuditChain(ctx, head.Env, head.Writer, head.Seq+1, 1)
	if err != nil || len(events) == 0 {
		return err
	}
	// Read after the event: a head moves in the same commit as its chain.
	heads, err := p.heads(ctx, head.Env)
	if err == nil && heads[head.Writer].Seq < events[0].Seq {
		v.find(head.Writer, events[0].Seq, "an event stands behind the head of its chain")
	}
	return err
}

// strays looks for events that no walk meets, but queries show: of chains
// without head, or numbered before the first.
func (p *Prover) strays(ctx context.Context, env store.EnvironmentID, v *Verdict) error {
	heads, told := map[int]store.Head{}, map[int]bool{}
	for q := (store.AuditQuery{Limit: verifyPage}); ; {
		events, next, err := p.Store.AuditEvents(ctx, env, q)
		if err != nil {
			return fmt.Errorf("listing audit events: %w", err)
		}
		for i := range events {
			e := &events[i]
			if _, known := heads[e.Writer]; !known && !told[e.Writer] {
				if heads, err = p.heads(ctx, env); err != nil { // a writer may have begun meanwhile
					return err
				}
			}
			if _, known := heads[e.Writer]; !known && !told[e.Writer] {
				told[e.Writer] = true
				v.find(e.Writer, e.Seq, "an event belongs to a chain that has no head")
			}
			if e.Seq < 1 {
				v.find(e.Writer, e.Seq, "an event stands before the first of its chain")
			}
		}
		if next == "" {
			return nil
		}
		q.Before = next
	}
}
