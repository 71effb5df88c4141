package signin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/store"
)

// Codes sends one-time codes and checks them: code.Service does.
type Codes interface {
	Send(ctx context.Context, live *environment.Live, ask code.Ask) (code.Challenge, error)
	Check(ctx context.Context, live *environment.Live, sealed []byte, typed string, b code.Binding) (code.Verdict, error)
	Went(ctx context.Context, live *environment.Live, sealed []byte, p code.Purpose, address string) (bool, error)
}

// Problems of codes that were sent, besides those of package journey.
const (
	CodeOver       journey.Problem = "code-over"       // it is not good any more; another is sent to whoever asks
	CodeWrong      journey.Problem = "code-wrong"      // it is not the one that was sent
	AddressRefused journey.Problem = "address-refused" // nothing to which a code can be sent here
)

var errNoCodes = errors.New("codes cannot be sent here")

// Sent is what a page tells of a code that was sent.
type Sent struct {
	To      string       // where, if that is known to whoever looks; else the name that was typed
	Certain bool         // whether it was sent, whoever they are; else it was sent if somebody is known by that name
	New     bool         // the address is to be a second factor, and is none yet
	Channel code.Channel // how, as far as what was typed tells
	Other   code.Channel // how else another can be had of the same phone; empty: no other way
	Delayed bool         // an earlier system does not answer now, so it may come late, whoever they are
}

// addressee is where a code goes, and whom it is about.
type addressee struct {
	purpose code.Purpose
	channel code.Channel
	id      customer.Identifier // the address; zero where nobody is known
	subject string
	typed   customer.Identifier // what stands for them while they have proved nothing; zero: nobody is looked up
	known   bool                // whether there is anybody to send it to
	seek    string              // what earlier systems are asked by, if it goes to whoever they know; empty: they are not
	person  *store.Person
}

// addressee finds out where a code goes that proves an address. Who registers names it,
// and nobody looks whether it is known. Who signs in or recovers has it sent to one that
// was verified, be it the one that they typed or another of theirs: what nobody verified
// may be a stranger's.
func (r *run) addressee(ctx context.Context) (addressee, error) {
	switch {
	case r.state.Proven():
		return r.ownAddressee(ctx)
	case r.journey.Purpose() == journey.Registration:
		id, channel, ok := r.registrable(r.state.Identifier())
		if !ok {
			return addressee{}, fmt.Errorf("%w: to what was typed", errNoCodes)
		}
		return addressee{purpose: code.Verify, channel: channel, id: id, subject: subjectOf(id), known: true}, nil
	}
	a := addressee{purpose: code.SignIn, subject: subjectOf(r.reading()), typed: r.reading()}
	if r.journey.Purpose() == journey.Recovery {
		a.purpose = code.Recovery
	}
	a.channel = r.channels()[r.reading().Kind]
	person, err := r.cfg.Directory.Find(ctx, r.live.ID, r.state.Identifier(), r.cfg.Region)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	// Of nobody, as much is looked up.
	all, err := r.cfg.Store.Identifiers(ctx, r.live.ID, person.Customer.ID)
	if err != nil {
		return a, fmt.Errorf("reading identifiers: %w", err)
	}
	lost, err := r.lostSecond(ctx, person.Customer.ID)
	if err != nil {
		return a, err
	}
	if r.journey.Purpose() == journey.Recovery {
		if all, err = r.withoutSeconds(ctx, person.Customer.ID, all); err != nil {
			return a, err
		}
	}
	if person.Customer.ID.IsZero() {
		a.seek = r.sought(ctx)
		return a, nil
	}
	if person.Customer.State != customer.Active {
		return a, nil
	}
	a.person, a.subject = &person, person.Customer.ID.String()
	a.choose(all, person.Identifier, r.channels())
	a.known = a.known && !lost
	return a, nil
}

// lostSecond tells whether an earlier system wanted a second factor of somebody who has
// none here. They set one up behind their password; behind a mailbox alone, whoever
// reads their mail would. The help desk gives them back what they lost.
func (r *run) lostSecond(ctx context.Context, id customer.ID) (bool, error) {
	factors, err := r.cfg.Store.Factors(ctx, r.live.ID, id)
	if err != nil {
		return false, fmt.Errorf("reading second factors: %w", err)
	}
	passkeys, err := r.cfg.Store.Passkeys(ctx, r.live.ID, id)
	if err != nil {
		return false, fmt.Errorf("reading passkeys: %w", err)
	}
	owes := slices.ContainsFunc(factors, func(f store.Factor) bool { return f.Kind == store.FactorOwed })
	has := slices.ContainsFunc(factors, func(f store.Factor) bool {
		return !f.Confirmed.IsZero() && (f.Kind == store.FactorTOTP || f.Kind == store.FactorCard || f.Kind == store.FactorPhone && f.Source == "")
	})
	if !owes || has || len(passkeys) > 0 {
		return false, nil
	}
	return r.withoutCard(ctx, id)
}

// withoutSeconds leaves out the phones that are somebody's second factor. Who recovers gives
// it behind the code that they get first, and whoever took the phone would have both.
func (r *run) withoutSeconds(ctx context.Context, id customer.ID, all []customer.Identifier) ([]customer.Identifier, error) {
	phones, err := r.phonesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, f := range phones {
		number, err := r.numberOf(ctx, f)
		if err != nil { // it may be any of them
			r.cfg.Log.Error("a second factor cannot be read", "environment", r.live.ID, "customer", id, "error", err)
		}
		all = slices.DeleteFunc(all, func(i customer.Identifier) bool { return i.Kind == customer.Phone && (err != nil || i.Value == number) })
	}
	return all, nil
}

// choose takes the address that was typed, if it can be, or another that can.
func (a *addressee) choose(all []customer.Identifier, typed customer.Identifier, by map[customer.IdentifierKind]code.Channel) {
	usable := func(id customer.Identifier) bool { return id.Verified && by[id.Kind] != "" }
	i := slices.IndexFunc(all, func(id customer.Identifier) bool {
		return usable(id) && id.Kind == typed.Kind && id.Value == typed.Value
	})
	if typed.Kind == customer.Username {
		i = slices.IndexFunc(all, func(id customer.Identifier) bool { return usable(id) && id.Kind == customer.Email })
		if i < 0 {
			i = slices.IndexFunc(all, usable)
		}
	}
	if i < 0 {
		return
	}
	a.id, a.channel, a.known = all[i], by[all[i].Kind], true
}

// ownAddressee is an address that whoever proved who they are has not verified.
func (r *run) ownAddressee(ctx context.Context) (addressee, error) {
	a := addressee{purpose: code.Verify, person: r.person, subject: r.person.Customer.ID.String()}
	all, err := r.cfg.Store.Identifiers(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return a, fmt.Errorf("reading identifiers: %w", err)
	}
	by := r.channels()
	i := slices.IndexFunc(all, func(id customer.Identifier) bool { return !id.Verified && by[id.Kind] != "" })
	if i >= 0 {
		a.id, a.channel, a.known = all[i], by[all[i].Kind], true
	}
	return a, nil
}

// channels tells by which channel each kind of address is reached at this step. A phone
// is texted, unless the step or who is there says that it is called.
func (r *run) channels() map[customer.IdentifierKind]code.Channel {
	return r.channelsOf(r.verifying().Channels)
}

// channelsOf is the same of a step of which channels are said; none: all.
func (r *run) channelsOf(said []string) map[customer.IdentifierKind]code.Channel {
	by := map[customer.IdentifierKind]code.Channel{}
	may := func(way string, channel code.Channel) bool {
		return (len(said) == 0 || slices.Contains(said, way)) && r.delivers(channel)
	}
	if may("email", code.Email) {
		by[customer.Email] = code.Email
	}
	text, call := may("text", code.SMS), may("call", code.Voice)
	switch {
	case call && (r.state.Called() || !text):
		by[customer.Phone] = code.Voice
	case text:
		by[customer.Phone] = code.SMS
	}
	return by
}

// otherChannel is how else a code can come to an address: a phone that is sent texts can
// be called, and the other way round, where the step allows both. It goes by what kind of
// address it is, and not by whether anybody has it.
func (r *run) otherChannel(kind customer.IdentifierKind) code.Channel {
	said := r.verifying().Channels
	both := len(said) == 0 || slices.Contains(said, "text") && slices.Contains(said, "call")
	switch {
	case kind != customer.Phone || !both || !r.delivers(code.SMS) || !r.delivers(code.Voice):
		return ""
	case r.state.Called():
		return code.SMS
	}
	return code.Voice
}

// delivers tells whether codes can be sent by a channel here.
func (r *run) delivers(by code.Channel) bool {
	return r.cfg.Codes != nil && (r.cfg.Delivers == nil || r.cfg.Delivers(r.live, by))
}

// possible tells whether anybody can go through a journey: there is one, and its code
// can be sent.
func (r *run) possible(j *journey.Journey) bool {
	return j != nil && len(r.channelsOf(r.set.First(j).Channels)) > 0
}

// reading is the likeliest of what was typed as an address, else as a name. What is known
// of nobody counts by it, as an address of somebody does: however it is spelled.
func (r *run) reading() customer.Identifier {
	all := customer.Classify(r.state.Identifier(), r.cfg.Region)
	i := slices.IndexFunc(all, func(id customer.Identifier) bool { return id.Kind != customer.Username })
	switch {
	case i >= 0:
		return all[i]
	case len(all) > 0:
		return all[0]
	}
	return customer.Identifier{Kind: customer.Email, Value: r.state.Identifier()}
}

func subjectOf(id customer.Identifier) string {
	sum := sha256.Sum256([]byte(string(id.Kind) + "\x00" + id.Value))
	return hex.EncodeToString(sum[:])
}

// send sends a code to the address that is to be verified.
func (r *run) send(ctx context.Context) (journey.Event, error) {
	a, err := r.addressee(ctx)
	if err != nil {
		return nil, err
	}
	return r.sendTo(ctx, a)
}

func (r *run) sendTo(ctx context.Context, a addressee) (journey.Event, error) {
	r.ticks = true
	if r.cfg.Codes == nil {
		return nil, errNoCodes
	}
	source, err := r.sourceFor(ctx, a)
	if err != nil {
		return nil, err
	}
	if wait, err := r.earlierFull(ctx, source); wait > 0 || err != nil {
		return journey.Sent{RetryAfter: wait}, err
	}
	ask := code.Ask{
		Seek: a.seek, Purpose: a.purpose, Channel: cmp.Or(a.channel, code.Email), Address: cmp.Or(a.id.Value, r.reading().Value), Subject: a.subject, Typed: a.typed, Flow: r.flow(),
		Known: a.known, Source: source, Again: r.challenge, Application: r.ticket.Application, Language: r.language(),
		Brand: r.snapshot.BrandOf(r.snapshot.Applications[r.ticket.Application]).Name,
	}
	if a.person != nil {
		ask.Customer = a.person.Customer.ID
	}
	if ask.Channel == code.Email && a.purpose != code.Factor && len(r.visit.Ticket) <= maxLinked {
		ask.Link = r.snapshot.URL.String() + ticketPath + r.visit.Ticket
	}
	challenge, err := r.cfg.Codes.Send(ctx, r.live, ask)
	var limited *code.LimitedError
	switch {
	case errors.As(err, &limited):
		return journey.Sent{RetryAfter: max(limited.RetryAfter, time.Second)}, nil
	case errors.Is(err, code.ErrNumber): // of an earlier system, or the configuration changed
		return journey.Sent{Problem: AddressRefused}, nil
	case err != nil:
		return nil, fmt.Errorf("sending a code: %w", err)
	}
	r.challenge, r.sent = challenge.Sealed, true
	return journey.Sent{}, nil
}

// maxLinked is how long a ticket may be to stand in a message as a link.
const maxLinked = 1200

func (r *run) flow() string { return hex.EncodeToString(r.ticket.Flow) }

// sourceFor is where the visitor is: their device, if the person signed in on it before.
func (r *run) sourceFor(ctx context.Context, a addressee) (code.Source, error) {
	source := code.Source{Address: r.visit.Address}
	before := r.person
	r.person = a.person
	err := r.count(ctx, journey.ByAddress)
	r.person = before
	if err == nil && r.keys.device {
		source.Device = hex.EncodeToString(r.device.id[:])
	}
	return source, err
}

// verify checks the code that was sent to an address.
func (r *run) verify(ctx context.Context) (journey.Event, error) {
	a, err := r.addressee(ctx)
	if err != nil {
		return nil, err
	}
	if r.state.Proven() && !a.known { // the address is gone since the page was made
		return journey.Performed{Verdict: journey.Match, Idle: true}, nil
	}
	performed := journey.Performed{Verdict: journey.Match, By: proofOf(a.channel)}
	before := r.person
	then, err := r.proved(ctx, a, performed)
	if err != nil {
		return nil, err
	}
	verdict, err := r.check(ctx, a, then)
	if event := r.undecided(err); event != nil {
		r.person = before
		return event, nil
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return nil, errMoved
	case err != nil:
		return nil, err
	case verdict.Outcome != code.Match:
		r.person = cmp.Or(before, a.person)
		return r.unproved(verdict), nil
	}
	r.challenge = nil
	return then.done(ctx, performed)
}

// proofOf is what a code proves that came by a channel.
func proofOf(c code.Channel) journey.Proof {
	switch c {
	case code.SMS:
		return journey.ByText
	case code.Voice:
		return journey.ByCall
	}
	return journey.ByAddress
}

// check asks whether what was typed is the code that was sent.
func (r *run) check(ctx context.Context, a addressee, then proved) (code.Verdict, error) {
	if r.cfg.Codes == nil {
		return code.Verdict{}, errNoCodes
	}
	source, err := r.sourceFor(ctx, a)
	if err != nil {
		return code.Verdict{}, err
	}
	verdict, err := r.cfg.Codes.Check(ctx, r.live, r.challenge, r.code, code.Binding{
		Purpose: a.purpose, Subject: a.subject, Typed: a.typed, Address: cmp.Or(a.id.Value, r.reading().Value), Flow: r.flow(), Source: source, Right: then.right, Then: then.write,
	})
	if err == nil && verdict.Outcome != code.Match {
		if r.reason = string(verdict.Outcome); verdict.Unseen {
			r.reason = tooManyNames
		}
	}
	return verdict, err
}

// unproved answers what was not the code. One that is not good any more is replaced when
// they ask for it: guesses and old pages cause no messages.
func (r *run) unproved(verdict code.Verdict) journey.Performed {
	switch verdict.Outcome {
	case code.Limited:
		return journey.Performed{Problem: journey.TooManyAttempts, RetryAfter: verdict.RetryAfter}
	case code.Wrong, code.Malformed:
		return journey.Performed{Verdict: journey.NoMatch, Problem: CodeWrong}
	case code.Spent: // and so is whatever would be sent in its place
		r.challenge, r.sent = nil, true
	}
	return journey.Performed{Verdict: journey.NoMatch, Problem: CodeOver}
}

// lookVerified tells whether an address is left to be verified.
func (r *run) lookVerified(ctx context.Context) (journey.Event, error) {
	a, err := r.ownAddressee(ctx)
	return journey.Found{Needed: a.known}, err
}

// furnishSent tells where the code went, and no more than whoever looks knows already.
func (r *run) furnishSent(ctx context.Context) error {
	r.answer.Sent = &Sent{To: r.state.Identifier(), Channel: cmp.Or(r.channels()[r.reading().Kind], code.Email), Other: r.otherChannel(r.reading().Kind), Delayed: r.delayed(ctx)}
	switch {
	case r.state.Proven():
		a, err := r.ownAddressee(ctx)
		if err != nil {
			return err
		}
		*r.answer.Sent = Sent{To: a.id.Display, Certain: true, Channel: a.channel, Other: r.otherChannel(a.id.Kind)}
	case r.journey.Purpose() == journey.Registration:
		r.answer.Sent.Certain = true
	}
	return nil
}
