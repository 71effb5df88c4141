package promotion

import (
	"context"
	"errors"
	"fmt"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Applied is a change that became a revision, or an undo that waits for approval.
type Applied struct {
	Change   Change // as it stands now
	Revision int64  // 0 while it waits
	Recalls  []store.Recall
	Shown    *Shown // what was judged
}

// Waits tells that nothing has happened yet: the undo widens something, and needs
// approval as any other change does.
func (a *Applied) Waits() bool { return a.Revision == 0 }

// Apply makes a change the environment's newest revision, live on this node before
// it returns, if it passes every gate. Of several who try one wins. Errors:
// environment.ErrDrift, [GateError], [StateError].
func (s *Service) Apply(ctx context.Context, live *environment.Live, number int64, by By) (*Applied, error) {
	_, m, err := s.waiting(ctx, live, number)
	if err != nil {
		return nil, err
	}
	if err := m.refusal(); err != nil {
		return nil, s.refused(ctx, m, by, err)
	}
	a := application{matter: m, by: by, as: audit.ChangeApplied, points: [3]string{BeforeApply, WithinApply, AfterApply}}
	if undoes := m.shown.Change.Undoes; undoes > 0 {
		if err := s.retract(ctx, &a, undoes); err != nil {
			return nil, err
		}
	}
	applied, err := s.apply(ctx, a)
	if err != nil {
		return nil, s.refused(ctx, m, by, err)
	}
	return applied, nil
}

// application is everything that one transaction applies.
type application struct {
	*matter
	by      By
	as      audit.Type
	undone  *Change // moves on with it; nil: none
	recalls []store.Recall
	points  [3]string // of Config.Crash: before, within and after the transaction
}

// apply makes the revision with all that belongs to it. A change that is not stored
// yet is stored with it.
func (s *Service) apply(ctx context.Context, a application) (*Applied, error) {
	c := a.shown.Change
	s.cfg.Crash(a.points[0])
	number, err := s.cfg.Environments.Promote(ctx, a.live.ID, environment.Change{
		Tree: a.tree, Base: c.Base, Author: a.by.Name, Message: c.Title, Number: c.Number, Again: a.undone != nil,
	}, func(ctx context.Context, tx store.Tx, number int64) (err error) {
		c, err = s.conclude(ctx, tx, a, number)
		return err
	})
	if err != nil {
		return nil, applyError(err)
	}
	s.cfg.Crash(a.points[2])
	return &Applied{Change: c, Revision: number, Recalls: a.recalls, Shown: a.shown}, nil
}

// applyError gives errors of the environment their meaning here.
func applyError(err error) error {
	switch {
	case errors.Is(err, environment.ErrUnchanged):
		return ErrNothing
	case errors.Is(err, store.ErrConflict): // somebody moved the change since it was read
		return fmt.Errorf("applying a change: %w", err)
	}
	return err
}

// conclude writes what ends with a revision: the change, what it undoes, what it
// recalls, and what the ledger says of it.
func (s *Service) conclude(ctx context.Context, tx store.Tx, a application, number int64) (Change, error) {
	c := a.shown.Change
	c.State, c.Revision, c.Ended, c.EndedBy = store.ChangeApplied, number, s.now(), a.by.Name
	var err error
	if c.Number == 0 {
		stored := c
		stored.Target = a.tree.Encode()
		c.Number, err = tx.OpenChange(ctx, stored)
	} else {
		err = tx.MoveChange(ctx, c)
	}
	if err == nil && a.undone != nil {
		err = s.takeBack(ctx, tx, a, c.Number)
	}
	s.cfg.Crash(a.points[1])
	if err != nil {
		return Change{}, err
	}
	return c, tx.Audit(ctx, s.event(a.as, a.by, a.matter, c, a.more()))
}

// more is what the ledger says of an undo besides.
func (a application) more() any {
	if a.undone == nil {
		return nil
	}
	cells := make([]recalledCell, 0, min(len(a.recalls), maxWidens))
	for _, r := range a.recalls[:min(len(a.recalls), maxWidens)] {
		cells = append(cells, recalledCell{r.Server, r.Application, len(r.Scopes)})
	}
	undone := map[string]any{
		"undone": a.undone.Number, "recalled": len(a.recalls), "cells": cells,
	}
	if len(a.recalls) > 0 {
		undone["from_revision"], undone["to_revision"] = a.recalls[0].From, a.recalls[0].To
	}
	return undone
}

// recalledCell is a recall as the ledger tells it; the whole of it is a row.
type recalledCell struct {
	Server      string `json:"server"`
	Application string `json:"application"`
	Scopes      int    `json:"scopes,omitempty"` // how many; none: everything it was issued
}

// takeBack marks what is undone and recalls what was issued under it.
func (s *Service) takeBack(ctx context.Context, tx store.Tx, a application, undo int64) error {
	undone := *a.undone
	undone.UndoneBy = undo
	if err := tx.MoveChange(ctx, undone); err != nil {
		return err
	}
	for i := range a.recalls {
		a.recalls[i].Change = undo
		entry := a.recalls[i].Entry()
		entry.Until = entry.At.Add(longestToken) // families ask for the rows
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
	}
	return tx.PutRecalls(ctx, a.recalls)
}
