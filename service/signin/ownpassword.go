package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/text/unicode/norm"

	"sallyport/protocol/passhash"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/store"
)

// ErrSamePassword: the new password is the old one.
var ErrSamePassword = errors.New("the new password is the old one")

// PasswordChange is what the form for a new password brought.
type PasswordChange struct{ Old, New string }

// LeastPassword is how many characters a customer's new password has at least:
// fewer where no password lets anybody in without a code.
func LeastPassword(live *environment.Live) (int, error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return 0, ErrNoRevision
	}
	set, err := journey.CompileSet(snapshot.Journeys)
	if err != nil {
		return 0, err
	}
	return snapshot.Tenant.Passwords.Characters(set.SignIn.AlwaysTwoFactors()), nil
}

// Changed is how the browser goes on in which a password was changed.
type Changed struct {
	Cookies []Cookie
	Over    bool // nobody is signed in in it any more
}

// ChangePassword gives whoever is signed in a new password, once they gave the
// old one. Everything that they had before ends with the old one, on every
// device: sessions, refresh tokens, access tokens. This browser alone stays
// signed in, by a session of its own that the cookies name; unless two factors
// had been proved in it. Of these only one was proved just now, and no session may
// say otherwise, so they sign in again.
//
// Guesses at the old password count as those at signing in do, before it is
// looked at. [ErrNotFresh], [ErrNoSession], [ErrSamePassword], a [*Refusal], and
// those of [Passwords] about the new one.
func (s *Service) ChangePassword(ctx context.Context, live *environment.Live, current *Current, v Visit, c PasswordChange) (Changed, error) {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return Changed{}, err
	}
	if err := r.recent(ctx, FreshFor); err != nil {
		return Changed{}, err
	}
	fresh := norm.NFKC.String(c.New)
	if err := r.acceptable(ctx, fresh); err != nil {
		return Changed{}, err
	}
	r.password = c.Old
	if err := r.checkOld(ctx); err != nil {
		return Changed{}, err
	}
	if fresh == norm.NFKC.String(c.Old) {
		return Changed{}, ErrSamePassword
	}
	credential, err := r.newCredential(ctx, fresh)
	if err != nil {
		return Changed{}, err
	}
	return r.changePassword(ctx, credential)
}

// acceptable holds a new password to the rules, with the person's own names.
func (r *run) acceptable(ctx context.Context, text string) error {
	identifiers, err := r.cfg.Store.Identifiers(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return fmt.Errorf("reading identifiers: %w", err)
	}
	names := []string{r.person.Customer.Name}
	for _, id := range identifiers {
		names = append(names, id.Value)
	}
	return r.cfg.Passwords.Customer(ctx, r.snapshot, r.set.SignIn.AlwaysTwoFactors(), text, names...)
}

// checkOld verifies the present password behind a reserved attempt.
func (r *run) checkOld(ctx context.Context) error {
	if err := r.try(ctx, journey.ByPassword); err != nil {
		return err
	}
	credential, err := r.cfg.Store.Credential(ctx, r.live.ID, r.person.Customer.ID)
	switch {
	case err == nil:
		r.person.Credential = &credential
	case !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("reading a credential: %w", err)
	}
	event, err := r.checkPassword(ctx)
	if err != nil {
		return err
	}
	checked, _ := event.(journey.PasswordChecked)
	switch checked.Verdict {
	case journey.Match:
		return nil
	case journey.Unavailable:
		return r.deny(ctx, audit.PasswordRefused, journey.ByPassword, &Refusal{Why: journey.CheckUnavailable, RetryAfter: checked.RetryAfter})
	}
	return r.deny(ctx, audit.PasswordRefused, journey.ByPassword, &Refusal{Why: journey.NotRecognised})
}

// newCredential hashes a password as signing in does: in turn, and no more at
// once than cores are left for.
func (r *run) newCredential(ctx context.Context, text string) (*store.Credential, error) {
	var encoded string
	var failed error
	err := r.workers.do(ctx, false, func() { encoded, failed = passhash.New(r.cfg.Rand, []byte(text), r.cfg.Cost) })
	switch {
	case errors.Is(err, errBusy):
		return nil, &Refusal{Why: journey.CheckUnavailable, RetryAfter: busyRetry}
	case err != nil:
		return nil, err
	case failed != nil:
		return nil, fmt.Errorf("hashing a password: %w", failed)
	}
	id := r.person.Customer.ID
	sealed, err := r.cfg.Sealer.Seal(ctx, r.live.ID, credentialRow(id), []byte(encoded))
	if err != nil {
		return nil, fmt.Errorf("sealing a password: %w", err)
	}
	return &store.Credential{
		Customer: id, Sealed: sealed, Scheme: "argon2id", Updated: r.cfg.Now(), Version: r.person.Credential.Version,
	}, nil
}

// changePassword stores a credential, ends everything of before, and starts the
// session in which this browser goes on, if it does.
func (r *run) changePassword(ctx context.Context, credential *store.Credential) (Changed, error) {
	before, over := r.current.Session, r.current.TwoFactors()
	cut, news := directory.Cut(r.current.Customer, r.cfg.Now())
	session, secret, err := r.successor(before, cut.NotBefore)
	if err != nil {
		return Changed{}, err
	}
	spent, err := r.spent(ctx)
	if err != nil {
		return Changed{}, err
	}
	id, detail := cut.ID.String(), successorDetail{sessionName(session.ID), sessionName(before.ID)}
	if over {
		detail.Session = ""
	}
	event := r.cfg.Audit.Event(audit.Entry{
		At: r.cfg.Now(), Type: audit.PasswordChanged, Actor: audit.Customer(id), Customer: id, Detail: detail, Personal: r.personal(),
	})
	err = r.writeTold(ctx, message.PasswordChanged, func(tx store.Tx) error {
		return firstError(
			func() error { return tx.PutCredential(ctx, *credential) },
			func() error { return tx.UpdateCustomer(ctx, cut) },
			func() error { return tx.EndSession(ctx, before.ID, session.Created) },
			func() error { return tx.Publish(ctx, news) },
			func() error {
				if over {
					return nil
				}
				return tx.CreateSession(ctx, session)
			},
			func() error { return tx.ForgetAttempts(ctx, spent) },
			func() error { return tx.Audit(ctx, event) },
		)
	})
	if err != nil {
		return Changed{}, fmt.Errorf("changing a password: %w", err)
	}
	r.cfg.Feed.Wake()
	kept, err := r.keepsDevice(ctx, cut.NotBefore)
	if err != nil {
		return Changed{}, err
	}
	cookie := Cookie{Name: CookieName(r.live.ID, r.secure)}
	if !over {
		cookie.Value, cookie.Life = sessionCookie(session.ID, secret), session.Expires.Sub(r.cfg.Now())
	}
	return Changed{append([]Cookie{cookie}, kept...), over}, nil
}

type successorDetail struct {
	Session string `json:"session,omitempty"` // that goes on
	Before  string `json:"before"`
}

// successor is a session like before, begun at the instant at, with a name and
// a secret of its own. It ends when before would have ended.
func (r *run) successor(before store.Session, at time.Time) (store.Session, []byte, error) {
	session, secret := before, make([]byte, secretBytes)
	if _, err := io.ReadFull(r.cfg.Rand, secret); err != nil {
		return session, nil, fmt.Errorf("starting a session: %w", err)
	}
	if _, err := io.ReadFull(r.cfg.Rand, session.ID[:]); err != nil {
		return session, nil, fmt.Errorf("starting a session: %w", err)
	}
	session.SecretHash = sessionProof(r.snapshot, secret)
	session.Created, session.SignedIn, session.Used = at, at, at
	session.Address, session.Agent = r.visit.address(), shortened(r.visit.Agent)
	return session, secret, nil
}

// firstError does one thing after the other until one fails.
func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
