package code

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
)

// ErrAsk: a call that no visitor can cause: an unknown purpose or channel, nobody it
// is about, or a text beyond its bounds.
var ErrAsk = errors.New("nothing that a code can be sent for")

// Ask is a wish for a code.
type Ask struct {
	Purpose Purpose
	Channel Channel
	// Address is where it goes, in its normalised form, as customer.Classify gives it;
	// where nobody is known, what was typed. At most 254 bytes.
	Address string
	// Subject names whom the code is about, and whose guesses count together: the text
	// form of a customer's id, or a digest of what was typed. At most 128 bytes.
	Subject string
	// Typed is what a visitor typed who has proved nothing, in its likeliest reading: what
	// they can see of limits depends on it and not on whom it names. Zero: they have
	// proved who they are, or name the very address.
	Typed customer.Identifier
	// Flow names the journey, session or form that asks: the code is good there alone.
	// At most 128 bytes.
	Flow string
	// Known false means that nobody gets anything, and that no guess can be right.
	Known bool
	// Seek is what was typed by somebody who is not known here and may be elsewhere: who
	// that is, and where the code goes, is found out once it was answered. At most 254
	// bytes; empty: nobody is asked.
	Seek   string
	Source Source
	// Again is the challenge in whose place this one is sent; nil for the first. It is
	// not good any more then, and guesses at it count for the new one.
	Again []byte

	Customer    customer.ID // for the message and the ledger; zero: nobody known
	Application string
	Language    string
	Brand       string
	// Link is the address of the page that takes the link form, of a configured
	// origin; empty: there is none. The token is added to its query as [LinkKey].
	Link string
}

func (a Ask) check() error {
	switch {
	case !a.Purpose.known() || !a.Channel.known():
		return fmt.Errorf("%w: purpose %q by %q", ErrAsk, a.Purpose, a.Channel)
	case a.Subject == "" || len(a.Subject) > 128 || len(a.Flow) > 128:
		return fmt.Errorf("%w: about nobody", ErrAsk)
	case len(a.Address) > 254 || len(a.Typed.Value) > 254 || len(a.Seek) > 254 || a.Known && (a.Address == "" || a.Seek != ""):
		return fmt.Errorf("%w: no address", ErrAsk)
	}
	return nil
}

// Send sends a code, in one transaction with counting it, and gives the challenge that
// [Service.Check] wants. For somebody who is not known it does and costs the same.
// [*LimitedError], which says nothing of whether there is anybody; [ErrAsk]; [ErrNumber]; and the
// errors of [Messages].
func (s *Service) Send(ctx context.Context, live *environment.Live, ask Ask) (Challenge, error) {
	if err := ask.check(); err != nil {
		return Challenge{}, err
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, secretPurpose)
	if err != nil {
		return Challenge{}, fmt.Errorf("sending a code: %w", err)
	}
	sending := sending{Service: s, live: live, ask: ask, counted: counted{secret, ask.Source}, now: s.cfg.Now()}
	if err := sending.reach(); err != nil {
		return Challenge{}, fmt.Errorf("sending a code: %w", err)
	}
	if err := sending.make(); err != nil {
		return Challenge{}, err
	}
	if !ask.Known {
		many, ok := s.quiet.pass(ask.Source.wide(), sending.now)
		sending.unwritten, sending.others = !ok, many
	}
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error { return sending.write(ctx, tx) })
	sending.tellFull(ctx)
	if err != nil {
		return Challenge{}, fmt.Errorf("sending a code: %w", err)
	}
	return Challenge{Sealed: sending.fresh.seal(secret, ask.Purpose), Until: sending.fresh.until()}, nil
}

// sending is one call of Send.
type sending struct {
	*Service
	counted
	live      *environment.Live
	ask       Ask
	now       time.Time
	before    *challenge // in whose place the fresh one is; nil: none
	fresh     challenge
	token     string // of the link
	message   Message
	unwritten bool    // the ledger has enough lines of the kind
	others    int     // that it has none of
	full      *capped // the bound of a day that is reached; nil: none
	silent    bool    // nothing goes out, since too much did to the address by other names
}

// make draws the code and the link, and what is kept of them.
func (s *sending) make() error {
	c := challenge{
		Begun: s.now.Unix(), Made: s.now.Unix(),
		Who: who(s.secret, s.ask.Purpose, s.ask.Subject, s.ask.Flow), Where: digest(s.secret, "where", s.ask.Address),
	}
	if _, err := io.ReadFull(s.cfg.Rand, c.ID[:]); err != nil {
		return fmt.Errorf("naming a challenge: %w", err)
	}
	c.Line = c.ID
	if before, ok := open(s.secret, s.ask.Purpose, s.ask.Again); ok && before.Who == c.Who && s.now.Sub(time.Unix(before.Begun, 0)) < lineLife {
		s.before, c.Line, c.Begun = &before, before.Line, before.Begun
	}
	digits, err := draw(s.cfg.Rand)
	if err != nil {
		return err
	}
	token, err := drawLink(s.cfg.Rand)
	if err != nil {
		return err
	}
	link, err := linkTo(s.ask.Link, token)
	if err != nil {
		return err
	}
	s.fresh, s.token = c, token
	s.message = Message{
		Purpose: s.ask.Purpose, Channel: s.ask.Channel, Address: s.ask.Address, Customer: s.ask.Customer, Language: s.ask.Language,
		Brand: s.ask.Brand, Application: s.ask.Application, Code: digits, Link: link, Until: c.until(), Once: onceOf(c.ID),
	}
	if s.message.Seek = s.ask.Seek; s.ask.Seek != "" {
		s.message.Source = s.ask.Source.Address
	}
	return nil
}

// goes tells whether anybody gets the message, or may.
func (s *sending) goes() bool { return (s.ask.Known || s.ask.Seek != "") && !s.silent }

// digest keeps of the code and the link what is to be compared. What goes to nobody
// cannot be guessed by luck either: its digests are of texts that nobody can type.
func (s *sending) digest() {
	mark := "-"
	if s.goes() {
		mark = "+"
	}
	s.fresh.Code, s.fresh.Link = s.fresh.codeDigest(s.secret, mark+s.message.Code), s.fresh.linkDigest(s.secret, mark+s.token)
}

func who(secret *keyring.Secret, p Purpose, subject, flow string) [32]byte {
	return digest(secret, "who", string(p), subject, flow)
}

// write counts, sends and tells the ledger, or does nothing of it.
func (s *sending) write(ctx context.Context, tx store.Tx) error {
	if err := s.replace(ctx, tx); err != nil {
		return err
	}
	s.full = nil
	if wait, err := tx.ReserveAttempts(ctx, s.sends(s.cfg.Limits, s.ask), s.now); wait > 0 || err != nil {
		return limited(wait, err)
	}
	if wait, err := s.spend(ctx, tx, s.seenDaily()); wait > 0 || err != nil {
		return limited(wait, err)
	}
	if err := s.spendUnseen(ctx, tx); err != nil {
		return err
	}
	s.digest()
	deliver, result := s.cfg.Messages.Queue, audit.OK
	switch {
	case s.ask.Seek != "" && !s.silent:
		result = "sought"
	case !s.ask.Known:
		deliver, result = s.cfg.Messages.Decoy, "unknown"
	case s.silent:
		deliver, result = s.cfg.Messages.Decoy, "too-many-messages"
	}
	if err := deliver(ctx, tx, s.live, s.message); err != nil {
		return err
	}
	if s.unwritten {
		return nil
	}
	return tx.Audit(ctx, s.event(result))
}

// spendUnseen counts what nobody sees, and sends nothing where a bound is reached.
func (s *sending) spendUnseen(ctx context.Context, tx store.Tx) error {
	s.silent = false
	if unseen := s.unseenSends(s.cfg.Limits, s.ask); len(unseen) > 0 {
		wait, err := tx.ReserveAttempts(ctx, unseen, s.now)
		if err != nil {
			return err
		}
		s.silent = wait > 0
	}
	wait, err := s.spend(ctx, tx, s.unseenDaily())
	s.silent = s.silent || wait > 0
	return err
}

// replace ends the challenge in whose place the fresh one is, unless nothing may be
// guessed there any more.
func (s *sending) replace(ctx context.Context, tx store.Tx) error {
	if s.before == nil {
		return nil
	}
	line := []store.Attempt{s.line(s.cfg.Limits, s.fresh.Line)}
	if wait, err := tx.ReserveAttempts(ctx, line, s.now); wait > 0 || err != nil {
		begins := time.Unix(s.before.Begun, 0).Add(lineLife).Sub(s.now) // another line, in which five may be guessed
		return limited(min(wait, begins), err)
	}
	if err := tx.ReturnAttempts(ctx, line); err != nil { // it was only asked whether one is left
		return err
	}
	_, err := tx.ReserveAttempts(ctx, []store.Attempt{s.once("challenge", s.before.ID)}, s.now)
	return err
}

func limited(wait time.Duration, err error) error {
	if err != nil {
		return err
	}
	return &LimitedError{RetryAfter: wait}
}

type sentDetail struct {
	Purpose Purpose `json:"purpose"`
	Channel Channel `json:"channel"`
	Again   bool    `json:"again,omitempty"`
	Silent  int     `json:"silent,omitempty"` // like events, about nobody, that were not written
}

func (s *sending) event(result string) store.Event {
	entry := audit.Entry{
		At: s.now, Type: audit.ChallengeSent, Actor: audit.System, Application: s.ask.Application, Result: result,
		Detail: sentDetail{s.ask.Purpose, s.ask.Channel, s.before != nil, s.others},
	}
	if s.ask.Customer != (customer.ID{}) {
		entry.Customer = s.ask.Customer.String()
	}
	if s.ask.Source.Address.IsValid() {
		entry.Personal = personal{s.ask.Source.Address.Unmap().String()}
	}
	return s.cfg.Audit.Event(entry)
}

type personal struct {
	Address string `json:"address"`
}
