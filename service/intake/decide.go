package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/store"
)

// ErrApplied says that people were moved by a decision already.
var ErrApplied = errors.New("the decision was carried out already")

// ErrDecidedMeanwhile says that somebody else decided since the group was read.
var ErrDecidedMeanwhile = errors.New("somebody else decided meanwhile")

// RivalGroup are those who claim one identifier, and what is decided about it.
type RivalGroup struct {
	ID        string // keyed digest of what they claim
	Kind      customer.IdentifierKind
	Claimants []RivalClaimant
	Decision  *rival.Decision // nil: none
	By        string          // who decided, as an audit actor
	At        time.Time
	Version   int64          // of the decision; 0: there is none
	Suggested rival.Decision // what one might decide
	Why       string         // the reason of that

	stored string // group under which the decision is kept, if there is one
}

// RivalClaimant is one of them and where the ledger has the record.
type RivalClaimant struct {
	rival.Claimant
	State  string // of the record; empty: a customer who is here
	Reason string
	Made   string // customer whom the record became
}

func (g *RivalGroup) group() *rival.Group {
	made := rival.Group{Kind: g.Kind}
	for _, c := range g.Claimants {
		made.Claimants = append(made.Claimants, c.Claimant)
	}
	return &made
}

// Open tells whether somebody must decide.
func (g *RivalGroup) Open() bool {
	return g.Decision == nil && slices.ContainsFunc(g.Claimants, func(c RivalClaimant) bool { return c.State == string(store.RecordHeld) })
}

// Class says in a few words what sort of group it is, for deciding on many at once.
func (g *RivalGroup) Class() string {
	verified, here := 0, false
	for _, c := range g.Claimants {
		here = here || c.Here()
		if c.Verified {
			verified++
		}
	}
	proof := "none-verified"
	switch {
	case here:
		proof = "customer-here"
	case verified == len(g.Claimants):
		proof = "all-verified"
	case verified == 1:
		proof = "one-verified"
	case verified > 1:
		proof = "some-verified"
	}
	return string(g.Kind) + "-" + proof
}

// decisions reads all of a migration.
func (s *Service) decisions(ctx context.Context, env store.EnvironmentID, migration string) (all []decided, err error) {
	for after := ""; ; {
		page, err := s.cfg.Store.RivalDecisions(ctx, env, store.RivalPage{Migration: migration, After: after, Limit: 1000})
		if err != nil {
			return nil, fmt.Errorf("reading the decisions of %s: %w", migration, err)
		}
		for _, d := range page {
			made, err := rival.Decode(d.Decision)
			if err != nil {
				return nil, fmt.Errorf("decision on %s: %w", d.Group, err)
			}
			all = append(all, decided{made, d})
			after = d.Group
		}
		if len(page) < 1000 {
			return all, nil
		}
	}
}

type decided struct {
	rival.Decision
	stored store.RivalDecision
}

// Rivals gives a page of at most limit groups of a migration, and the cursor of the
// next (empty at the end). It shows values of records: tell the audit ledger who
// looked.
func (s *Service) Rivals(ctx context.Context, env store.EnvironmentID, migration, after string, limit int) (groups []RivalGroup, next string, err error) {
	claims, err := s.cfg.Store.RivalClaims(ctx, env, store.RivalPage{Migration: migration, After: after, Limit: limit})
	if err != nil {
		return nil, "", fmt.Errorf("listing the duplicates of %s: %w", migration, err)
	}
	for len(claims) > 0 {
		n := slices.IndexFunc(claims, func(c store.RivalClaim) bool { return c.Group != claims[0].Group })
		if n < 0 {
			n = len(claims)
		}
		g, err := s.groupOf(ctx, env, migration, claims[:n])
		if err != nil {
			return nil, "", err
		}
		groups, claims = append(groups, g), claims[n:]
	}
	if len(groups) == limit {
		next = groups[limit-1].ID
	}
	return groups, next, nil
}

// Rival gives one group. store.ErrNotFound.
func (s *Service) Rival(ctx context.Context, env store.EnvironmentID, migration, group string) (RivalGroup, error) {
	claims, err := s.cfg.Store.RivalGroup(ctx, env, migration, group)
	if err == nil && len(claims) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return RivalGroup{}, fmt.Errorf("reading a group of %s: %w", migration, err)
	}
	return s.groupOf(ctx, env, migration, claims)
}

func (s *Service) groupOf(ctx context.Context, env store.EnvironmentID, migration string, claims []store.RivalClaim) (RivalGroup, error) {
	g := RivalGroup{ID: claims[0].Group, Kind: customer.IdentifierKind(claims[0].Kind)}
	for _, c := range claims {
		claimant, err := s.claimant(ctx, env, c)
		if err != nil {
			return g, fmt.Errorf("who claims what in %s: %w", migration, err)
		}
		g.Claimants = append(g.Claimants, claimant)
	}
	all := slices.Clone(g.Claimants)
	g.Claimants = slices.DeleteFunc(g.Claimants, func(c RivalClaimant) bool { // whom a record of the group became is that record
		return c.Here() && slices.ContainsFunc(all, func(o RivalClaimant) bool { return o.Made == c.Customer })
	})
	sorted := g.group()
	g.Suggested, g.Why = rival.Suggest(sorted)
	slices.SortStableFunc(g.Claimants, func(a, b RivalClaimant) int {
		at := func(c RivalClaimant) int {
			return slices.IndexFunc(sorted.Claimants, func(o rival.Claimant) bool { return o.Key == c.Key && o.Customer == c.Customer })
		}
		return at(a) - at(b)
	})
	stored, err := s.cfg.Store.RivalDecision(ctx, env, migration, g.ID)
	if errors.Is(err, store.ErrNotFound) { // it may have been brought before the records were
		var key rivalKey
		if key, err = s.keyFor(ctx, env, migration); err != nil {
			return g, err
		}
		stored, err = s.cfg.Store.RivalDecision(ctx, env, migration, key.brought(rival.Decision{Kind: g.Kind, Claimants: sorted.Keys()}))
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return g, nil
	case err != nil:
		return g, err
	}
	d, err := rival.Decode(stored.Decision)
	g.Decision, g.By, g.At, g.Version, g.stored = &d, stored.By, stored.At, stored.Version, stored.Group
	return g, err
}

func (s *Service) claimant(ctx context.Context, env store.EnvironmentID, c store.RivalClaim) (RivalClaimant, error) {
	if c.Customer != "" {
		return s.claimantHere(ctx, env, c)
	}
	var out RivalClaimant
	plain, err := s.cfg.Sealer.Open(ctx, env, rivalRow(c.Migration, c.Group, c.Key), c.Sealed)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(plain, &out.Claimant); err != nil {
		return out, err
	}
	out.Key = c.Key
	line, err := s.cfg.Store.LedgerRecord(ctx, env, c.Migration, c.Key)
	if errors.Is(err, store.ErrNotFound) {
		out.State = string(store.RecordPending)
		return out, nil
	}
	out.State, out.Reason, out.Made = string(line.State), line.Reason, line.Customer
	return out, err
}

// claimantHere shows a customer by what is theirs now.
func (s *Service) claimantHere(ctx context.Context, env store.EnvironmentID, c store.RivalClaim) (RivalClaimant, error) {
	out := RivalClaimant{Claimant: rival.Claimant{Customer: c.Customer}}
	id, err := customer.ParseID(c.Customer)
	if err != nil {
		return out, err
	}
	h, err := s.look(ctx, env, id)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil // gone since
	}
	key, err2 := s.keyFor(ctx, env, c.Migration)
	if err = errors.Join(err, err2); err != nil {
		return out, err
	}
	out.Claimant = rival.ClaimantOf(&migrate.Outcome{Customer: h.customer, Identifiers: h.identifiers}, customer.Identifier{})
	out.Customer, out.Password, out.Factors, out.Passkeys, out.Links = c.Customer, h.credential != nil, len(h.factors), len(h.passkeys), len(h.links)
	for _, i := range h.identifiers {
		if key.group(rival.Contested{Kind: i.Kind, Value: i.Value}) == c.Group {
			out.Spelled, out.Verified = i.Display, i.Verified
		}
	}
	return out, nil
}

// RivalChange decides on a group, or takes a decision back.
type RivalChange struct {
	Env       store.EnvironmentID
	Migration string
	Group     string
	Version   int64           // of the decision that was seen; 0: none
	Decision  *rival.Decision // without Kind and Claimants, which are the group's; nil: take it back
	Actor     audit.Actor
}

// Decide keeps a decision; the next import of the migration carries it out. Errors:
// rival.ErrDecision, [ErrApplied], [ErrDecidedMeanwhile], [ErrUnfinished] while a run
// is, and store.ErrNotFound.
func (s *Service) Decide(ctx context.Context, c RivalChange) (RivalGroup, error) {
	g, err := s.Rival(ctx, c.Env, c.Migration, c.Group)
	if err != nil {
		return g, err
	}
	if g.Version != c.Version {
		return g, ErrDecidedMeanwhile
	}
	if err := s.mayDecide(&g, c.Decision); err != nil {
		return g, err
	}
	detail := decidedDetail{Migration: c.Migration, Group: g.ID, Taken: c.Decision == nil, Records: len(g.group().Keys())}
	if c.Decision != nil {
		detail.Do = c.Decision.Do
	}
	err = s.cfg.Store.Write(ctx, c.Env, func(tx store.Tx) error {
		// First: no run may begin, or be under way, while what it carries out changes.
		if run, err := tx.HoldRun(ctx, c.Migration); err == nil {
			return &UnfinishedError{Run: run.ID, Source: run.Source, Done: run.Done, Total: run.Total}
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		stored := store.RivalDecision{Migration: c.Migration, Group: cmp.Or(g.stored, g.ID), By: string(c.Actor), At: s.cfg.Now(), Version: g.Version}
		var err error
		if c.Decision == nil {
			err = tx.DeleteRivalDecision(ctx, stored)
		} else {
			stored.Decision, stored.Claimants = c.Decision.Encode(), c.Decision.Claimants
			err = tx.PutRivalDecision(ctx, stored)
		}
		if err != nil {
			return err
		}
		return tx.Audit(ctx, s.audit.Event(audit.Entry{Type: audit.DuplicatesDecided, Actor: c.Actor, Detail: detail}))
	})
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
		return g, ErrDecidedMeanwhile
	}
	if err != nil {
		return g, err
	}
	return s.Rival(ctx, c.Env, c.Migration, c.Group)
}

// mayDecide fills the decision in, and refuses one that comes too late.
func (s *Service) mayDecide(g *RivalGroup, d *rival.Decision) error {
	came := "" // the record that became a customer already
	for _, c := range g.Claimants {
		switch store.RecordState(c.State) {
		case store.RecordImported, store.RecordStaged:
			came = c.Key
		}
		if g.Decision != nil && carriedOut(c, g.Decision) {
			return ErrApplied
		}
	}
	if d == nil {
		return nil
	}
	made := g.group()
	d.Kind, d.Claimants, d.Rule = g.Kind, made.Keys(), 0
	if err := d.Check(made); err != nil {
		return err
	}
	if came != "" && d.Into+d.Keeps != came {
		return fmt.Errorf("%w: one of them is a customer already, and keeps what is theirs: name that record", rival.ErrDecision)
	}
	return nil
}

// carriedOut tells whether a record stands where the decision put it.
func carriedOut(c RivalClaimant, d *rival.Decision) bool {
	switch migrate.Reason(c.Reason) {
	case rival.MergedInto, rival.SplitOff, rival.Suffixed, rival.Asked:
		return true
	}
	return d.Do == rival.Drop && c.State == string(store.RecordDropped) && c.Reason == string(d.Reason)
}

// ExportDecisions gives all decisions of a migration, by group. They name records by
// their keys and hold no values.
func (s *Service) ExportDecisions(ctx context.Context, env store.EnvironmentID, migration string) ([]rival.Decision, error) {
	all, err := s.decisions(ctx, env, migration)
	out := make([]rival.Decision, 0, len(all))
	for _, d := range all {
		out = append(out, d.Decision)
	}
	slices.SortFunc(out, func(a, b rival.Decision) int {
		return slices.Compare(append([]string{string(a.Kind)}, a.Claimants...), append([]string{string(b.Kind)}, b.Claimants...))
	})
	return out, err
}

// MostDecisions bounds what is brought at once.
const MostDecisions = 10_000

// ImportDecisions brings decisions that were made elsewhere, as before a first run.
// What is decided here stays as it is. It tells how many are new. Errors:
// rival.ErrDecision before anything is written, [ErrUnfinished], and those of the store.
func (s *Service) ImportDecisions(ctx context.Context, env store.EnvironmentID, migration string, all []rival.Decision, by audit.Actor) (fresh int, err error) {
	if len(all) > MostDecisions {
		return 0, fmt.Errorf("%w: more than %d at once", rival.ErrDecision, MostDecisions)
	}
	for _, d := range all {
		if err := d.Form(); err != nil {
			return 0, err
		}
	}
	known, err := s.decisions(ctx, env, migration)
	if err != nil {
		return 0, err
	}
	has := map[string]bool{}
	for _, d := range known {
		has[portable(d.Decision)] = true
	}
	key, err := s.keyFor(ctx, env, migration)
	if err != nil {
		return 0, err
	}
	groups, err := s.groupsByClaimants(ctx, env, migration)
	if err != nil {
		return 0, err
	}
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		fresh = 0
		if run, err := tx.HoldRun(ctx, migration); err == nil {
			return &UnfinishedError{Run: run.ID, Source: run.Source, Done: run.Done, Total: run.Total}
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		for _, d := range all {
			name := portable(d)
			if has[name] {
				continue
			}
			group := groups[name]
			if group == "" { // of records that are still to come
				group = key.brought(d)
			}
			err := tx.PutRivalDecision(ctx, store.RivalDecision{Migration: migration, Group: group, Decision: d.Encode(), Claimants: d.Claimants, By: string(by), At: s.cfg.Now()})
			if errors.Is(err, store.ErrExists) {
				continue
			}
			if err != nil {
				return err
			}
			fresh++
		}
		return tx.Audit(ctx, s.audit.Event(audit.Entry{
			Type: audit.DuplicatesDecided, Actor: by, Detail: decidedDetail{Migration: migration, Imported: fresh},
		}))
	})
	return fresh, err
}

// portable names a decision's group without its value: by kind and records.
func portable(d rival.Decision) string {
	raw, _ := json.Marshal(append([]string{string(d.Kind)}, d.Claimants...)) // texts always marshal
	return string(raw)
}

// brought names the group of a decision that came before its records.
func (k rivalKey) brought(d rival.Decision) string {
	return k.group(rival.Contested{Kind: "claimants", Value: portable(d)})
}

// groupsByClaimants finds the groups here by who is in them.
func (s *Service) groupsByClaimants(ctx context.Context, env store.EnvironmentID, migration string) (map[string]string, error) {
	groups := map[string]rival.Decision{}
	for after := ""; ; {
		claims, err := s.cfg.Store.RivalClaims(ctx, env, store.RivalPage{Migration: migration, After: after, Limit: 1000})
		if err != nil {
			return nil, err
		}
		for _, c := range claims {
			g := groups[c.Group]
			g.Kind = customer.IdentifierKind(c.Kind)
			if c.Key != "" {
				g.Claimants = append(g.Claimants, c.Key)
			}
			groups[c.Group], after = g, c.Group
		}
		if len(claims) == 0 {
			break
		}
	}
	out := map[string]string{}
	for group, d := range groups {
		slices.Sort(d.Claimants)
		out[portable(d)] = group
	}
	return out, nil
}
