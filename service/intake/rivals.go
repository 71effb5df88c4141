package intake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/store"
)

// mostRivals bounds the records that are settled by one import: the others stay
// held, as if nothing had been decided on them.
const mostRivals = 50_000

// rivals are the records of an export that claim what others claim too, or on which
// somebody decided, and what becomes of them.
type rivals struct {
	decisions []rival.Decision
	byKey     map[string][]int // of decisions, by record
	came      map[string]*migrate.Outcome
	settled   map[string]*migrate.Outcome
	contested map[string][]customer.Identifier // by record, within the export
	known     map[string]store.KnownRecord
	ruled     []ruling // by the migration's rules, in this survey
}

// ruling is a decision that a rule made.
type ruling struct {
	rival.Decision
	contested rival.Contested
}

// newRivals reads what was decided.
func (s *Service) newRivals(ctx context.Context, req Request) (*rivals, error) {
	r := &rivals{
		byKey: map[string][]int{}, came: map[string]*migrate.Outcome{}, settled: map[string]*migrate.Outcome{},
		contested: map[string][]customer.Identifier{}, known: map[string]store.KnownRecord{},
	}
	all, err := s.decisions(ctx, req.Env, req.Plan.Name())
	for _, d := range all {
		for _, key := range d.Claimants {
			r.byKey[key] = append(r.byKey[key], len(r.decisions))
		}
		r.decisions = append(r.decisions, d.Decision)
	}
	return r, err
}

// wants tells whether a record is to be kept in mind.
func (r *rivals) wants(c *migrate.Contest, o migrate.Outcome) bool {
	return len(r.came) < mostRivals && (len(r.byKey[o.Key]) > 0 || c.Suspected(o))
}

// settle does what was decided, once all records were counted.
func (r *rivals) settle(req Request, c *migrate.Contest) {
	groups := map[rival.Contested]bool{}
	for key, o := range r.came {
		r.contested[key] = c.Contested(*o)
		for _, id := range r.contested[key] {
			groups[rival.Contested{Kind: id.Kind, Value: id.Value}] = true
		}
		if len(r.contested[key]) == 0 && len(r.byKey[key]) == 0 || c.Repeats(*o) {
			delete(r.came, key)
			continue
		}
		for _, n := range r.byKey[key] { // what a customer here has nobody else in the export need claim
			if id, one := onlyOf(o, r.decisions[n].Kind); one {
				groups[id] = true
			}
		}
		copied := *o
		r.settled[key] = &copied
	}
	order := slices.SortedFunc(maps.Keys(groups), func(a, b rival.Contested) int {
		return strings.Compare(string(a.Kind)+a.Value, string(b.Kind)+b.Value)
	})
	members := r.members(groups)
	for _, contested := range order {
		r.decide(req, contested, members[contested])
	}
	for key, o := range r.settled {
		c.Recount(*r.came[key], *o)
	}
}

// onlyOf gives a record's identifier of a kind, if it has exactly one.
func onlyOf(o *migrate.Outcome, kind customer.IdentifierKind) (at rival.Contested, one bool) {
	for _, id := range o.Identifiers {
		if id.Kind == kind {
			if one {
				return rival.Contested{}, false
			}
			at, one = rival.Contested{Kind: kind, Value: id.Value}, true
		}
	}
	return at, one
}

func (r *rivals) members(groups map[rival.Contested]bool) map[rival.Contested][]string {
	all := map[rival.Contested][]string{}
	for key, o := range r.settled {
		for _, id := range o.Identifiers {
			if at := (rival.Contested{Kind: id.Kind, Value: id.Value}); groups[at] {
				all[at] = append(all[at], key)
			}
		}
	}
	for _, keys := range all {
		slices.Sort(keys)
	}
	return all
}

// decide settles one group by what somebody decided, or else by the rules.
func (r *rivals) decide(req Request, contested rival.Contested, keys []string) {
	some := map[string]*migrate.Outcome{}
	g := rival.Group{Kind: contested.Kind}
	for _, key := range keys {
		some[key] = r.settled[key]
		at := slices.IndexFunc(some[key].Identifiers, func(id customer.Identifier) bool {
			return id.Kind == contested.Kind && id.Value == contested.Value
		})
		if at >= 0 && some[key].Verdict() != migrate.Leave {
			g.Claimants = append(g.Claimants, rival.ClaimantOf(some[key], some[key].Identifiers[at]))
		}
	}
	if d, found := r.decision(contested.Kind, keys); found {
		rival.Settle(req.Plan.Name(), d, contested, some)
		return
	}
	if d, found := rival.Propose(req.Rules, &g); found && rival.Settle(req.Plan.Name(), d, contested, some) {
		r.ruled = append(r.ruled, ruling{d, contested})
	}
}

// decision finds what was decided on exactly these records, or on these and others.
func (r *rivals) decision(kind customer.IdentifierKind, keys []string) (found rival.Decision, is bool) {
	if len(keys) == 0 {
		return found, false
	}
	for _, n := range r.byKey[keys[0]] {
		d := r.decisions[n]
		if d.Kind != kind || slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(d.Claimants, key) }) {
			continue
		}
		if !is || len(d.Claimants) < len(found.Claimants) {
			found, is = d, true
		}
	}
	return found, is
}

// of gives what a record becomes as it was decided.
func (r *rivals) of(o migrate.Outcome) migrate.Outcome {
	settled, is := r.settled[o.Key]
	if !is {
		return o
	}
	decided := *settled
	decided.Row = o.Row
	return decided
}

// frees tells whether a record that is held was decided on.
func (r *rivals) frees(at store.KnownRecord, o *migrate.Outcome) bool {
	return at.State == store.RecordHeld && migrate.Reason(at.Reason) == migrate.DuplicateIdentifier && r.settled[o.Key] != nil &&
		(o.Verdict() != migrate.Hold || o.Reason() != migrate.DuplicateIdentifier)
}

// open counts the known records for which something is left to do.
func (s *Service) openRivals(ctx context.Context, req Request, v *survey) error {
	for key, known := range v.rivals.known {
		came := v.rivals.came[key]
		if came == nil {
			continue
		}
		o := v.contest.Judge(v.rivals.of(*came))
		outdated, err := s.outdated(ctx, req, known, &o)
		if err != nil {
			return err
		}
		if outdated || v.rivals.frees(known, &o) || s.admits(known, &o) || completes(known, &o) ||
			known.State == store.RecordPending || req.retries(known) && string(o.Reason()) != known.Reason {
			v.open++
		}
	}
	return nil
}

// keepClaims stores who claims what others claim before the run begins, so that one of
// them who signs in meanwhile does not come before the others.
func (j *job) keepClaims(ctx context.Context) error {
	contested := j.survey.rivals.contested
	if len(contested) == 0 {
		return nil
	}
	key, err := j.keyFor(ctx, j.req.Env, j.report.Migration)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(contested)), 100) {
		var claims []store.RivalClaim
		for _, record := range some {
			o := j.survey.rivals.came[record]
			for _, id := range contested[record] {
				if o == nil {
					continue
				}
				more, err := j.claimsOf(ctx, claiming{j.req.Env, j.report.Migration, key, j.cfg.Now()}, o, id, customer.ID{})
				if err != nil {
					return err
				}
				claims = append(claims, more...)
			}
		}
		began := j.cfg.Now()
		if err := j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error { return tx.PutRivalClaims(ctx, claims) }); err != nil {
			return err
		}
		if err := j.cfg.Rest(ctx, Importing, j.cfg.Now().Sub(began)); err != nil {
			return err
		}
	}
	return nil
}

// keepRulings stores what the rules decided, before anybody is moved by it.
func (j *job) keepRulings(ctx context.Context) error {
	for some := range slices.Chunk(j.survey.rivals.ruled, 100) {
		err := j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error {
			kept := 0
			for _, r := range some {
				err := tx.PutRivalDecision(ctx, store.RivalDecision{
					Migration: j.report.Migration, Group: j.rivalKey.group(r.contested), Decision: r.Encode(), Claimants: r.Claimants,
					By: string(audit.System), At: j.cfg.Now(),
				})
				if err != nil && !errors.Is(err, store.ErrExists) {
					return err
				}
				kept++
			}
			return tx.Audit(ctx, j.audit.Event(audit.Entry{
				Type: audit.DuplicatesDecided, Actor: j.req.Actor, Detail: decidedDetail{Migration: j.report.Migration, ByRule: kept},
			}))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// decidedDetail is what audit keeps of decisions.
type decidedDetail struct {
	Migration string       `json:"migration"`
	Group     string       `json:"group,omitempty"`
	Do        rival.Action `json:"do,omitempty"`
	Records   int          `json:"records,omitempty"`
	ByRule    int          `json:"by_rule,omitempty"`  // groups that the migration's rules decided
	Imported  int          `json:"imported,omitempty"` // decisions that came from a file
	Taken     bool         `json:"taken_back,omitempty"`
}
