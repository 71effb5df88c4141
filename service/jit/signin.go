package jit

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/journey"
	"sallyport/pure/migrate"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/keyring"
	"sallyport/service/signin"
	"sallyport/service/source"
	"sallyport/store"
)

// purpose of the key under which wrong passwords are remembered.
const purpose = "jit"

// maxPassword is the longest password that is sent to an earlier system, in bytes.
const maxPassword = 1024

// Reasons besides those of sources, for the ledger.
const (
	reasonNobody = "unknown-identifier" // nobody can be called like that
	reasonSame   = "wrong-before"       // the same password was wrong a moment ago
	reasonBusy   = "busy"
	reasonRecord = "no-record"    // the system does not tell who it is
	reasonHeld   = "held"         // the record cannot become a customer now
	reasonErased = "erased"       // its customer was erased here
	reasonElse   = "already-here" // the record's customer is here by another name
	reasonIll    = "unreadable"   // something here is out of order
)

// question is one sign-in on its way through the systems.
type question struct {
	live   *environment.Live
	login  signin.LegacyLogin
	secret *keyring.Secret
	name   string // the identifier, by all its readings
}

// SignIn implements signin.Legacy.
func (s *Service) SignIn(ctx context.Context, live *environment.Live, login signin.LegacyLogin) signin.LegacyAnswer {
	known := !login.Customer.IsZero()
	q := &question{live: live, login: login, name: nameOf(login.Identifier, login.Region)}
	if q.name == "" || len(login.Password) == 0 || len(login.Password) > maxPassword {
		return signin.LegacyAnswer{Verdict: journey.NoMatch, Reason: reasonNobody}
	}
	var err error
	if q.secret, err = s.cfg.Keys.Secret(ctx, live.ID, purpose); err != nil {
		return s.ill(ctx, q, "", err)
	}
	answer := signin.LegacyAnswer{Verdict: journey.NoMatch, Reason: reasonNobody}
	var unable *signin.LegacyAnswer
	for _, m := range s.asked(live, known) {
		answer = s.ask(ctx, q, m)
		answer.Migration = m.Name
		switch {
		case answer.Verdict == journey.Match, answer.Limited:
			return answer
		case answer.Verdict == journey.NoMatch:
			continue
		case unable == nil:
			first := answer
			unable = &first
		}
		if m.JIT.OnOutage == config.OutageTell {
			break
		}
	}
	if unable != nil {
		return *unable // the one that cannot tell may have said yes
	}
	return answer
}

// ask asks one system.
func (s *Service) ask(ctx context.Context, q *question, m *config.LiveMigration) signin.LegacyAnswer {
	wrong := mac(q.secret, "wrong", m.Name, q.name, string(q.login.Password))
	if s.wrong.has(wrong, s.cfg.Now()) {
		return no(reasonSame)
	}
	line, err := s.connect(ctx, q.live, m)
	if err != nil {
		return s.ill(ctx, q, m.Name, err)
	}
	if !line.line.Verifies() {
		return unable(source.NotConfigured, 0)
	}
	reserved, refused := s.guard(q, m)
	switch {
	case refused != nil && refused.limited:
		return signin.LegacyAnswer{Limited: true, RetryAfter: refused.wait, Reason: string(source.RateLimited)}
	case refused != nil:
		return unable(source.RateLimited, refused.wait)
	}
	said := line.line.Verify(ctx, source.Login{Identifier: q.login.Identifier, Password: q.login.Password})
	switch said.Verdict {
	case source.NoMatch:
		now := s.cfg.Now()
		s.wrong.keep(wrong, now.Add(m.JIT.Remember.Std()), now)
		s.vain(q, m)
		return no(string(said.Reason))
	case source.Match:
		reserved.giveBack()
		return s.arrive(ctx, q, m, line.plan, said)
	}
	if said.Reason == source.BadClient || said.Reason == source.NotConfigured {
		s.misfit(line)
	}
	if !ofPerson(said.Reason) { // a system that is away tells nothing, so nothing was tried
		reserved.giveBack()
	}
	return unable(said.Reason, said.After)
}

// ofPerson tells which reasons are about whoever was asked about: whoever provokes
// them is counted.
func ofPerson(r source.Reason) bool {
	switch r {
	case source.LockedThere, source.MustReset, source.Unconfirmed, source.OtherPerson, source.Unexpected, source.Malformed, source.TooLarge:
		return true
	}
	return false
}

func no(why string) signin.LegacyAnswer {
	return signin.LegacyAnswer{Verdict: journey.NoMatch, Reason: why}
}

func unable(why source.Reason, after time.Duration) signin.LegacyAnswer {
	return signin.LegacyAnswer{Reason: string(why), RetryAfter: after}
}

// ill tells that something here is out of order.
func (s *Service) ill(ctx context.Context, q *question, name string, err error) signin.LegacyAnswer {
	if ctx.Err() == nil {
		s.cfg.Log.ErrorContext(ctx, "an earlier system cannot be asked", "environment", q.live.Name, "migration", name, "error", err)
	}
	var f *source.Fault
	if errors.As(err, &f) {
		return unable(f.Reason, f.After)
	}
	return signin.LegacyAnswer{Reason: reasonIll}
}

// arrive takes whoever proved their password along.
func (s *Service) arrive(ctx context.Context, q *question, m *config.LiveMigration, plan *migrate.Plan, said source.Answer) signin.LegacyAnswer {
	if said.Element == nil {
		return signin.LegacyAnswer{Reason: reasonRecord}
	}
	record := plan.Element(*said.Element)
	outcome := migrate.Map(plan, record)
	if len(outcome.Identifiers) > 0 && !owns(outcome, q.login.Identifier, q.login.Region) {
		s.cfg.Log.WarnContext(ctx, "an earlier system answered about somebody else", "environment", q.live.Name, "migration", m.Name)
		return unable(source.OtherPerson, 0)
	}
	if stop := s.consult(ctx, q, m, outcome.Key); stop != nil {
		return *stop
	}
	encoded, err := q.login.Hash(ctx)
	switch {
	case errors.Is(err, signin.ErrBusy):
		return signin.LegacyAnswer{Reason: reasonBusy, RetryAfter: 5 * time.Second}
	case err != nil:
		return s.ill(ctx, q, m.Name, err)
	}
	admission, err := s.cfg.Intake.Admit(ctx, intake.Arrival{
		Env: q.live.ID, Plan: plan, Record: record, Encoded: encoded, Way: store.WayJIT, SecondFactor: said.SecondFactor,
		Enrol: m.JIT.SecondFactor == config.FactorEnrol,
	})
	if err != nil {
		return s.held(ctx, q, m, err)
	}
	answer := signin.LegacyAnswer{Verdict: journey.Match, SecondFactor: said.SecondFactor}
	if !admission.Known {
		answer.Encoded = encoded
	}
	return answer
}

// consult asks the ledger before anything is hashed or written; nil to go on.
func (s *Service) consult(ctx context.Context, q *question, m *config.LiveMigration, key string) *signin.LegacyAnswer {
	is, err := s.cfg.Intake.Record(ctx, q.live.ID, m.Name, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if !q.login.Customer.IsZero() { // whose password is nobody's to bring
			return &signin.LegacyAnswer{Verdict: journey.NoMatch, Reason: reasonElse}
		}
		return nil
	case err != nil:
		ill := s.ill(ctx, q, m.Name, err)
		return &ill
	}
	switch store.RecordState(is.State) {
	case store.RecordImported, store.RecordStaged:
		if q.login.Customer.IsZero() && s.cameMeanwhile(ctx, q, is.Customer) {
			if store.RecordState(is.State) == store.RecordStaged {
				return nil // nothing is stored that could decide: an import brought them, and the password was proved here
			}
			return &signin.LegacyAnswer{Verdict: journey.Match} // and what is stored decides
		}
		if is.Customer != q.login.Customer.String() || q.login.Customer.IsZero() {
			return &signin.LegacyAnswer{Verdict: journey.NoMatch, Reason: reasonElse}
		}
	default:
		if !q.login.Customer.IsZero() {
			return &signin.LegacyAnswer{Verdict: journey.NoMatch, Reason: reasonElse}
		}
	}
	return nil
}

// cameMeanwhile tells whether whoever signs in, and was nobody when they began, is by
// now the customer of a record: they sign in twice at once.
func (s *Service) cameMeanwhile(ctx context.Context, q *question, owner string) bool {
	now, err := s.cfg.Directory.Find(ctx, q.live.ID, q.login.Identifier, q.login.Region)
	return err == nil && now.Customer.ID.String() == owner
}

// held tells what it means that somebody cannot come in.
func (s *Service) held(ctx context.Context, q *question, m *config.LiveMigration, err error) signin.LegacyAnswer {
	var held *intake.HeldError
	switch {
	case errors.As(err, &held) && held.Reason == intake.Erased:
		return no(reasonErased)
	case errors.As(err, &held):
		return signin.LegacyAnswer{Reason: reasonHeld + "-" + string(held.Reason)}
	}
	return s.ill(ctx, q, m.Name, err)
}

func hexOf(d digest) string { return hex.EncodeToString(d[:16]) }
