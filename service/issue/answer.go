package issue

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/store"
)

// A question travels with the page that asks it, sealed: nothing is stored for
// one that is never answered, and nothing in it can be changed. It is answered
// once, and only in the session that was asked.
const (
	questionLabel = "consent"
	questionLife  = 30 * time.Minute
	maxQuestion   = 16 << 10
)

// Errors of an answer.
var (
	// ErrAnswered: the question was answered before.
	ErrAnswered = errors.New("question was answered")
	// ErrOtherQuestion: what would be granted now is not what was asked, was
	// consented to elsewhere meanwhile, or needs another sign-in by now. The customer
	// must be asked again.
	ErrOtherQuestion = errors.New("another question must be asked")
)

// sealedQuestion is what a question seals.
type sealedQuestion struct {
	Nonce   [16]byte        `json:"n"`
	Made    time.Time       `json:"t"`
	Session store.SessionID `json:"s"`
	Scopes  []access.Scope  `json:"o"` // what the page shows
	Request []byte          `json:"r"` // the pending request
}

// Answered is a question that comes back, with the request that it belongs to.
type Answered struct {
	Pending  Pending
	question sealedQuestion
}

// Of tells whether p was asked.
func (a Answered) Of(p *Person) bool { return p != nil && a.question.Session == p.Session.ID }

// sealQuestion seals what a page is to show; [ErrPendingSize].
func (s *Service) sealQuestion(ctx context.Context, v View, a Authorization, scopes []access.Scope) (string, error) {
	q := sealedQuestion{Made: s.cfg.Now(), Session: a.Person.Session.ID, Scopes: scopes, Request: a.Pending.encode()}
	if err := s.random(q.Nonce[:]); err != nil {
		return "", err
	}
	plain, err := json.Marshal(q)
	if err != nil {
		return "", fmt.Errorf("sealing a question: %w", err)
	}
	if len(plain) > maxQuestion {
		return "", ErrPendingSize
	}
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, questionLabel)
	if err != nil {
		return "", err
	}
	return spell(secret.Seal(questionLabel+"/"+a.Server.Name, plain)), nil
}

// OpenAnswer opens the question of a page of the server named; [ErrPending] if it
// is none, or older than half an hour.
func (s *Service) OpenAnswer(ctx context.Context, v View, server, sealed string) (Answered, error) {
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, questionLabel)
	if err != nil {
		return Answered{}, err
	}
	raw, err := unspell(sealed)
	if err != nil {
		return Answered{}, ErrPending
	}
	plain, err := secret.Open(questionLabel+"/"+server, raw)
	var a Answered
	if err != nil || json.Unmarshal(plain, &a.question) != nil || s.cfg.Now().Sub(a.question.Made) > questionLife {
		return Answered{}, ErrPending
	}
	a.Pending, err = decodePending(a.question.Request)
	return a, err
}

// attempt is what a question can be answered by: once.
func (q sealedQuestion) attempt() store.Attempt {
	key := sha256.Sum256(append([]byte(questionLabel+"/"), q.Nonce[:]...))
	return store.Attempt{Key: key, Burst: 1, Interval: questionLife + clockSkew}
}

// consentDetail is the body of the events.
type consentDetail struct {
	Server   string         `json:"server"`
	Revision int64          `json:"revision,omitempty"`
	Scopes   []access.Scope `json:"scopes"`
	Grants   int            `json:"grants,omitempty"` // that ended with a withdrawal
}

// Agree takes a yes. The request is decided again under the live revision, and
// what it would grant must be among what the customer was shown. Errors:
// [ErrAnswered], [ErrOtherQuestion], a [Refusal] as from [Service.Authorize],
// which makes the code afterwards.
func (s *Service) Agree(ctx context.Context, v View, a Authorization, with Answered) error {
	if err := s.fresh(); err != nil {
		return err
	}
	q, err := s.asked(v, a)
	if err != nil {
		return err
	}
	decision := q.decide()
	switch {
	case decision.Allowed:
	case q.helps(decision, a.Pending.Stepped): // the page was open for too long
		return ErrOtherQuestion
	default:
		return s.refuseDecided(ctx, q, decision, audit.AuthRefused)
	}
	for _, scope := range a.shown(decision.Granted) {
		if !slices.Contains(with.question.Scopes, scope) {
			return ErrOtherQuestion
		}
	}
	consent, err := s.consentOf(ctx, v, a.Person.Customer.ID, a.Application.Name, a.Server.Name)
	if err != nil {
		return err
	}
	needs := needsConsent(a.Server, a.Application, decision.Granted, wantedBy(a.Request.Claims))
	consent = s.grown(consent, needs, v)
	event := s.consentEvent(v, a, audit.ConsentGiven, audit.OK, a.shown(decision.Granted))
	return s.settle(ctx, v, a, with, event, func(tx store.Tx) error {
		if len(needs) == 0 { // it asked by prompt=consent, and needs none
			return nil
		}
		return tx.PutConsent(ctx, consent)
	})
}

// grown is a consent with more scopes.
func (s *Service) grown(c store.Consent, wants []access.Scope, v View) store.Consent {
	c.Updated, c.Revision = s.cfg.Now(), v.Snapshot.Revision
	if c.Version == 0 {
		c.Given = c.Updated
	}
	c.Scopes = append(slices.Clone(c.Scopes), textsOf(beyond(wants, c))...)
	slices.Sort(c.Scopes)
	return c
}

// Deny takes a no. It gives the [ConsentDenied] that the application is told;
// other errors: [ErrAnswered].
func (s *Service) Deny(ctx context.Context, v View, a Authorization, with Answered) error {
	refusal := &Refusal{Reason: ConsentDenied, Reference: s.cfg.Audit.NewTrace()}
	entry := s.consentEvent(v, a, audit.ConsentDenied, string(ConsentDenied), with.question.Scopes)
	entry.Trace = refusal.Reference
	if err := s.settle(ctx, v, a, with, entry, func(store.Tx) error { return nil }); err != nil {
		return err
	}
	return refusal
}

// settle takes an answer, once, with what it does. Another answer in between, such
// as in another tab, means another question.
func (s *Service) settle(ctx context.Context, v View, a Authorization, with Answered, entry audit.Entry, do func(store.Tx) error) error {
	if !with.Of(&a.Person) {
		return ErrPending
	}
	event, now, again := s.cfg.Audit.Event(entry), s.cfg.Now(), false
	err := s.cfg.Store.Write(ctx, v.Env, func(tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{with.question.attempt()}, now)
		if again = wait > 0; again || err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	switch {
	case errors.Is(err, store.ErrConflict):
		return ErrOtherQuestion
	case err != nil:
		return fmt.Errorf("taking an answer: %w", err)
	case again:
		return ErrAnswered
	}
	return nil
}

func (s *Service) consentEvent(v View, a Authorization, as audit.Type, result string, scopes []access.Scope) audit.Entry {
	id := a.Person.Customer.ID.String()
	return audit.Entry{
		Type: as, Actor: audit.Customer(id), Application: a.Application.Name, Customer: id, Result: result,
		Detail: consentDetail{Server: a.Server.Name, Revision: v.Snapshot.Revision, Scopes: scopes}, Personal: personalOf(a.Address),
	}
}

// Restarted is a request as it begins anew for somebody else: whoever signs in is
// asked for their name.
func (p Pending) Restarted(r oauth.AuthorizationRequest, now time.Time) (Pending, error) {
	values := p.Parameters.Values()
	prompt := string(oauth.PromptSelectAccount)
	if r.Asks(oauth.PromptConsent) {
		prompt += " " + string(oauth.PromptConsent)
	}
	values.Set("prompt", prompt)
	values.Del("login_hint")
	parameters, err := oauth.ParseParameters(values.Encode())
	return Pending{Parameters: parameters, Began: now}, err
}
