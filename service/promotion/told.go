package promotion

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"sallyport/pure/review"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// told is a change as the ledger keeps it: numbers find the content, digests prove it.
type told struct {
	Change  int64             `json:"change,omitempty"`
	Title   string            `json:"title"`
	Author  string            `json:"author"`
	Source  string            `json:"source,omitempty"`
	Undoes  int64             `json:"undoes,omitempty"`
	Follows int64             `json:"follows,omitempty"`
	State   store.ChangeState `json:"state"`
	Before  end               `json:"before"`
	After   end               `json:"after"`
	Delta   string            `json:"delta"`
	Means   string            `json:"means"`            // how many lines of each section
	Widens  []string          `json:"widens,omitempty"` // the first of them
	Needed  int               `json:"approvals_needed"`
	Signed  []string          `json:"approved_by,omitempty"`
	Failed  []string          `json:"failed,omitempty"` // gates
	More    any               `json:"more,omitempty"`
}

// end is one side of a change.
type end struct {
	Revision int64  `json:"revision,omitempty"`
	Digest   string `json:"digest"`
}

// An event holds 64 KiB: more widenings than these are in the change itself.
const (
	maxWidens   = 40
	maxSentence = 200 // bytes
)

// event tells of something that happened to a change.
func (s *Service) event(as audit.Type, by By, m *matter, c Change, more any) store.Event {
	return s.cfg.Audit.Event(s.entry(as, by, m, c, more))
}

func (s *Service) entry(as audit.Type, by By, m *matter, c Change, more any) audit.Entry {
	t := told{
		Change: c.Number, Title: c.Title, Author: c.AuthorName, Source: c.Source, Undoes: c.Undoes, Follows: c.Follows, State: c.State,
		Before: end{c.Base, hex.EncodeToString(c.BaseDigest[:])}, After: end{c.Revision, hex.EncodeToString(c.Digest[:])},
		Delta: hex.EncodeToString(c.Delta[:]), Means: m.shown.Review.Summary(), Needed: m.shown.Needed, More: more,
	}
	for _, l := range m.shown.Review.Lines {
		if l.Widens && len(t.Widens) < maxWidens {
			t.Widens = append(t.Widens, clip(l.Sentence))
		}
	}
	for _, a := range m.shown.Approvals {
		if a.Counts {
			t.Signed = append(t.Signed, a.Name)
		}
	}
	return audit.Entry{Type: as, Actor: by.actor(), Detail: t}
}

func clip(sentence string) string {
	if len(sentence) <= maxSentence {
		return sentence
	}
	return strings.ToValidUTF8(sentence[:maxSentence], "") + "…"
}

// refused records that something was refused to by, and returns why.
func (s *Service) refused(ctx context.Context, m *matter, by By, why error) error {
	result := resultOf(why)
	if result == "" {
		return why
	}
	entry := s.entry(audit.ChangeRefused, by, m, m.shown.Change, nil)
	entry.Result = result
	detail := entry.Detail.(told)
	for _, g := range gateError(why) {
		detail.Failed = append(detail.Failed, g.Name)
	}
	entry.Detail = detail
	return errors.Join(why, s.cfg.Audit.Record(ctx, m.live.ID, entry))
}

// resultOf is the machine-readable reason of a refusal; empty for what is none.
func resultOf(err error) string {
	var gates *GateError
	switch {
	case errors.Is(err, environment.ErrDrift):
		return "drift"
	case errors.Is(err, ErrAuthor):
		return "author"
	case errors.Is(err, ErrNoApprover):
		return "no-approver"
	case errors.Is(err, ErrApproved):
		return "approved-already"
	case errors.Is(err, ErrSeen):
		return "not-as-seen"
	case errors.As(err, &gates):
		return gateResult(gates.Failed)
	}
	return ""
}

func gateResult(failed []review.Gate) string {
	if len(failed) == 1 && failed[0].Name == GateApprovals {
		return "approvals"
	}
	return "gates"
}
