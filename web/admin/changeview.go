package admin

import (
	"encoding/hex"
	"time"

	"sallyport/pure/board"
	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/service/promotion"
)

// Proposal asks for a tree to become a change, or to be reviewed as one.
type Proposal struct {
	Files  Files  `json:"files"`
	Base   int64  `json:"base" minimum:"0" doc:"The revision that the author saw; 0 for none"`
	Title  string `json:"title" minLength:"1" maxLength:"200" doc:"One line"`
	Reason string `json:"reason,omitempty" maxLength:"4096"`
	Source string `json:"source,omitempty" maxLength:"200" doc:"Where the tree comes from, such as acme/preview revision 12"`
}

// Proposed is a change without what it proposes.
type Proposed struct {
	Number    int64     `json:"change" doc:"0 of one that was only reviewed"`
	State     string    `json:"state" enum:"open,approved,rejected,withdrawn,applied,superseded"`
	Title     string    `json:"title"`
	Reason    string    `json:"reason,omitempty"`
	Author    string    `json:"author"`
	Source    string    `json:"source,omitempty"`
	Base      int64     `json:"base" doc:"The revision that it was made on; 0 for none"`
	Digest    string    `json:"digest" doc:"Of the tree that it proposes"`
	Delta     string    `json:"delta" doc:"Of what the difference means"`
	Created   time.Time `json:"created"`
	Ended     time.Time `json:"ended,omitzero"`
	EndedBy   string    `json:"ended_by,omitempty"`
	Note      string    `json:"note,omitempty"`
	Revision  int64     `json:"revision,omitempty" doc:"The one that it became"`
	Undoes    int64     `json:"undoes,omitempty" doc:"The change that this one takes back"`
	UndoneBy  int64     `json:"undone_by,omitempty"`
	Follows   int64     `json:"follows,omitempty" doc:"The change that this one stands in the place of"`
	FollowUp  int64     `json:"follow_up,omitempty"`
	Approvals int       `json:"approvals" doc:"How many there are, whether they count or not"`
}

// Approval is one operator's consent to a change.
type Approval struct {
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Carried int64     `json:"carried,omitempty" doc:"The change that it was given to, which meant the same"`
	Counts  bool      `json:"counts"`
	Why     string    `json:"why,omitempty" doc:"It does not count"`
}

// ChangeShown is everything that is known of a change.
type ChangeShown struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Proposed
	Needed      int            `json:"approvals_needed"`
	Given       []Approval     `json:"given"`
	Binding     string         `json:"binding" doc:"What an approval signs: base, target and what their difference means"`
	Ready       bool           `json:"ready" doc:"Whether apply would be let through"`
	Drifted     bool           `json:"drifted,omitempty"`
	Head        int64          `json:"head" doc:"The environment's newest revision"`
	Review      *review.Review `json:"review"`
	CountedAt   time.Time      `json:"customers_counted_at,omitzero"`
	CountedPart bool           `json:"customers_counted_in_part,omitempty"`
	Board       *board.Board   `json:"board,omitempty" doc:"What it means for scopes, as a board must see it; none if it concerns none"`
	Edits       []Change       `json:"edits"`
	Recalled    []Recalled     `json:"recalled,omitempty" doc:"What an undo took back"`
}

// Recalled names tokens and refresh families that count no more.
type Recalled struct {
	Server      string   `json:"server"`
	Application string   `json:"application"`
	Scopes      []string `json:"scopes,omitempty" doc:"None: whatever they hold"`
	From        int64    `json:"from_revision"`
	To          int64    `json:"to_revision"`
}

// ProposedChanges lists changes, newest first.
type ProposedChanges struct {
	Version int        `json:"version"`
	Place   string     `json:"environment"`
	Changes []Proposed `json:"changes"`
}

// Ended tells what became of a change.
type Ended struct {
	Version  int        `json:"version"`
	Place    string     `json:"environment"`
	Number   int64      `json:"change"`
	State    string     `json:"state"`
	Revision int64      `json:"revision,omitempty" doc:"0 of an undo that widens something and waits for approval"`
	Recalled []Recalled `json:"recalled,omitempty"`
}

func ended(live *environment.Live, applied *promotion.Applied) Ended {
	return Ended{1, name(live), applied.Change.Number, string(applied.Change.State), applied.Revision, recalledOf(applied.Recalls)}
}

func proposedOf(c promotion.Change) Proposed {
	return Proposed{
		Number: c.Number, State: string(c.State), Title: c.Title, Reason: c.Reason, Author: c.AuthorName, Source: c.Source, Base: c.Base,
		Digest: hex.EncodeToString(c.Digest[:]), Delta: hex.EncodeToString(c.Delta[:]), Created: c.Created.UTC(), Ended: c.Ended.UTC(),
		EndedBy: c.EndedBy, Note: c.Note, Revision: c.Revision, Undoes: c.Undoes, UndoneBy: c.UndoneBy, Follows: c.Follows,
		FollowUp: c.FollowUp, Approvals: c.Approvals,
	}
}

func changeShown(live *environment.Live, s *promotion.Shown) ChangeShown {
	given := []Approval{}
	for _, g := range s.Approvals {
		given = append(given, Approval{g.Name, g.At.UTC(), g.Carried, g.Counts, g.Why})
	}
	return ChangeShown{
		Version: 1, Place: name(live), Proposed: proposedOf(s.Change), Needed: s.Needed, Given: given, Binding: hex.EncodeToString(s.Binding[:]),
		Ready: s.Ready(), Drifted: s.Drifted, Head: s.Head, Review: s.Review, CountedAt: s.Counts.At.UTC(), CountedPart: s.Counts.Partial,
		Board: s.Board, Edits: Changes(s.Edits), Recalled: recalledOf(s.Recalls),
	}
}

func recalledOf(recalls []promotion.Recall) []Recalled {
	var all []Recalled
	for _, r := range recalls {
		all = append(all, Recalled{r.Server, r.Application, r.Scopes, r.From, r.To})
	}
	return all
}
