package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/unicode/norm"

	"sallyport/pure/journey"
	"sallyport/pure/password"
	"sallyport/service/audit"
	"sallyport/store"
)

// How long ago counts, for risks.
const (
	recoveryLately = 30 * 24 * time.Hour
	dormantFor     = 365 * 24 * time.Hour
)

// policy is what was found about a sign-in, and what the rules of a journey made of it.
// It is kept with the state, so that nothing flips between two pages; another journey
// rules anew on what was found.
type policy struct {
	Journey []byte         `json:"journey"`
	Risks   []journey.Risk `json:"risks,omitempty"`
	Ruling  journey.Ruling `json:"ruling"`
}

// Asked is why a page asks for a second factor.
type Asked struct {
	Risks   []journey.Risk // that made a rule ask
	Segment bool           // a rule asks it of their groups, or of their tags
	Left    bool           // they put it off when they registered, or stopped there
}

// ruling is what the journey asks of the customer as a second factor. Nobody is ruled
// about before they proved their first.
func (r *run) ruling(ctx context.Context) (journey.Ruling, error) {
	step := r.set.Second(r.journey)
	registration, leaves := r.set.Leaves(r.journey)
	if len(step.Rules) == 0 && !leaves || r.person == nil {
		return journey.Rule(step, journey.Circumstances{}), nil
	}
	digest := r.journey.Digest()
	kept := r.saved.Policy
	if kept != nil && slices.Equal(kept.Journey, digest[:]) {
		return kept.Ruling, nil
	}
	var c journey.Circumstances
	var err error
	if len(step.Rules) > 0 {
		if c, err = r.circumstances(ctx); err != nil {
			return journey.Ruling{}, err
		}
	}
	ruling := journey.Rule(step, c)
	if leaves {
		left, err := r.left(ctx)
		if err != nil {
			return journey.Ruling{}, err
		}
		if left {
			ruling = journey.Left(ruling, registration)
		}
	}
	r.saved.Policy = &policy{Journey: digest[:], Risks: c.Risks, Ruling: ruling}
	if ruling.Rule > 0 {
		event := r.told(audit.FactorRuled, ruledDetail{r.journey.Name(), step.Name, ruling})
		r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error { return tx.Audit(ctx, event) })
	}
	return ruling, nil
}

type ruledDetail struct {
	Journey string `json:"journey"`
	Step    string `json:"step"`
	journey.Ruling
}

func (r *run) circumstances(ctx context.Context) (c journey.Circumstances, err error) {
	c.Groups = r.person.Customer.Groups
	if c.Tags, err = r.cfg.Store.TagsOf(ctx, r.live.ID, r.person.Customer.ID); err != nil {
		return c, fmt.Errorf("reading tags: %w", err)
	}
	if kept := r.saved.Policy; kept != nil && len(kept.Risks) > 0 { // else no rule wanted to know
		c.Risks = kept.Risks
		return c, nil
	}
	c.Risks, err = r.risks(ctx)
	return c, err
}

// risks are what is known of this sign-in. What cannot be known for the moment fails
// it, rather than let it pass for harmless.
func (r *run) risks(ctx context.Context) (found []journey.Risk, err error) {
	cookie := r.visit.Cookies[deviceCookieName(r.live.ID, r.secure)]
	if r.device, err = r.openDevice(ctx, r.live.ID, cookie); err != nil {
		return nil, err
	}
	known := journey.NewDevice
	if r.device.knows(r.person.Customer) {
		known = journey.KnownDevice
	}
	found = append(found, known)
	for _, look := range []struct {
		risk journey.Risk
		is   func(context.Context) (bool, error)
	}{
		{journey.AfterRecovery, func(ctx context.Context) (bool, error) {
			return r.happened(ctx, audit.PasswordRecovered, r.cfg.Now().Add(-recoveryLately))
		}},
		{journey.Guessed, r.guessed},
		{journey.BreachedPassword, r.breached},
		{journey.Dormant, r.dormant},
	} {
		is, err := look.is(ctx)
		if err != nil {
			return nil, fmt.Errorf("finding out about %s: %w", look.risk, err)
		}
		if is {
			found = append(found, look.risk)
		}
	}
	return found, nil
}

// happened tells whether the ledger has an event of the customer since.
func (r *run) happened(ctx context.Context, kind audit.Type, since time.Time) (bool, error) {
	q := store.AuditQuery{Type: string(kind), Customer: r.person.Customer.ID.String(), From: since, Limit: 1}
	for {
		events, next, err := r.cfg.Store.AuditEvents(ctx, r.live.ID, q)
		if err != nil || len(events) > 0 || next == "" {
			return len(events) > 0, err
		}
		q.Before = next
	}
}

// dormant tells whether nobody signed in as them for long, nor were they made here since.
func (r *run) dormant(ctx context.Context) (bool, error) {
	since := r.cfg.Now().Add(-dormantFor)
	if r.person.Customer.Created.After(since) {
		return false, nil
	}
	awake, err := r.happened(ctx, audit.SignedIn, since)
	return !awake, err
}

// guessed tells whether half of what may be guessed at their password, or at their second
// factor, from devices that are not theirs is used up. The counters are what is asked, and
// stay as they were.
func (r *run) guessed(ctx context.Context) (many bool, err error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, "attempt")
	if err != nil {
		return false, err
	}
	stranger := *r
	stranger.device = device{}
	for _, of := range []struct {
		proof journey.Proof
		limit Limit
	}{{journey.ByPassword, r.cfg.Limits.Account}, {journey.ByCode, r.cfg.Limits.Code}} {
		var attempts []store.Attempt
		keys := stranger.keysOf(secret, of.proof)
		for _, key := range keys.account {
			attempts = append(attempts, store.Attempt{Key: key, Burst: max(1, of.limit.Burst/2), Interval: of.limit.Interval})
		}
		if keys.unseen != (store.AttemptKey{}) { // at their other names
			attempts = append(attempts, store.Attempt{Key: keys.unseen, Burst: max(1, of.limit.Burst/2), Interval: of.limit.Interval / names})
		}
		err := r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
			wait, err := tx.ReserveAttempts(ctx, attempts, r.cfg.Now())
			if wait > 0 {
				many = true
			}
			if wait > 0 || err != nil {
				return err
			}
			return tx.ReturnAttempts(ctx, attempts)
		})
		if many || err != nil {
			return many, err
		}
	}
	return false, nil
}

// breached tells whether the password that was typed just now is known to be stolen, or
// one of the most common. Where no filter can be asked, nothing is known of it.
func (r *run) breached(context.Context) (bool, error) {
	if r.password == "" {
		return false, nil
	}
	stolen, err := r.cfg.Passwords.Stolen(r.snapshot, norm.NFKC.String(r.password))
	if errors.Is(err, password.ErrUnavailable) { // the log has it
		return false, nil
	}
	return stolen, err
}

// byRule leaves of what a customer has what counts for them. Where nothing does, they
// give what they have, so that no rule asks for less than there would be without it.
func byRule(found journey.FactorsFound, ruling journey.Ruling) journey.FactorsFound {
	found.When = ruling.When
	if len(ruling.Factors) == 0 {
		return found
	}
	strong, has := found, map[journey.Proof]*bool{}
	for by, kept := range map[journey.Proof]*bool{
		journey.ByCode: &strong.Enrolled, journey.ByPasskey: &strong.Passkey, journey.ByText: &strong.Text, journey.ByCall: &strong.Call, journey.ByCard: &strong.Card,
	} {
		if *kept {
			has[by] = kept
			*kept = ruling.Counts(by)
		}
	}
	switch {
	case len(has) == 0:
	case strong.Enrolled || strong.Text || strong.Call || strong.Card || strong.Passkey:
		// A passkey in whose favour another factor is not asked for is.
		strong.Second = strong.Second || strong.Passkey && (found.Enrolled || found.Text || found.Call || found.Card)
		return strong
	default:
		found.Lacks = true
	}
	return found
}

// furnishAsked tells why a page asks for a second factor, where a rule does.
func (r *run) furnishAsked(page journey.Page) {
	kept := r.saved.Policy
	if kept == nil || kept.Ruling.Rule == 0 && !kept.Ruling.Left || kept.Ruling.When != journey.Always {
		return
	}
	if kept.Ruling.Left {
		if page == journey.EnrolPage || page == journey.PhonePage {
			r.answer.Asked = &Asked{Left: true}
		}
		return
	}
	switch page {
	case journey.CodePage, journey.PasskeyPage, journey.TextPage, journey.CallPage, journey.CardPage, journey.EnrolPage, journey.PhonePage:
		r.answer.Asked = &Asked{Risks: kept.Ruling.Risks, Segment: len(kept.Ruling.Groups)+len(kept.Ruling.Tags) > 0}
	}
}

// standing is what the journey asks of the customer in any case.
func (r *run) standing(ctx context.Context) (journey.Ruling, error) {
	tags, err := r.cfg.Store.TagsOf(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return journey.Ruling{}, fmt.Errorf("reading tags: %w", err)
	}
	return journey.Standing(r.set.Second(r.journey), journey.Circumstances{Groups: r.person.Customer.Groups, Tags: tags}), nil
}
