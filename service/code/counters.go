package code

import (
	"net/netip"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/keyring"
	"sallyport/store"
)

// Source is where somebody asks or answers from.
type Source struct {
	Address netip.Addr
	// Device names the device, if the person signed in on it before. It must have been
	// proved to be that, by the device cookie. Empty: a device like any other.
	Device string
}

// name is what counts as one source: an IPv4 address, or the /64 that an IPv6
// subscriber has to choose addresses from; the known device in its stead.
func (s Source) name() string {
	if s.Device != "" {
		return "device " + s.Device
	}
	address := s.Address.Unmap().WithZone("")
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}

// wide is the network around a source: 256 IPv4 addresses, or the /48 that one who rents
// servers has; empty for a known device, which is one wherever it is.
func (s Source) wide() string {
	address, bits := s.Address.Unmap().WithZone(""), 24
	if address.Is6() {
		bits = 48
	}
	prefix, err := address.Prefix(bits)
	if s.Device != "" || err != nil {
		return ""
	}
	return prefix.String()
}

// around bounds a network as often as a source in it, ten times over.
func (c counted) around(l Limit, name string) []store.Attempt {
	if c.source.wide() == "" {
		return nil
	}
	return []store.Attempt{c.limit(l.times(sources), name, c.source.wide())}
}

// counted names the counters of one call. They are keyed digests: the store does not
// tell who was asked about.
type counted struct {
	secret *keyring.Secret
	source Source
}

func (c counted) key(name string, parts ...string) store.AttemptKey {
	return digest(c.secret, "counter "+name, parts...)
}

func (c counted) limit(l Limit, name string, parts ...string) store.Attempt {
	return store.Attempt{Key: c.key(name, parts...), Burst: l.Burst, Interval: l.Interval}
}

// once is a counter with one try: who spends it is the only one, on all nodes.
func (c counted) once(name string, id [16]byte) store.Attempt {
	return c.limit(Limit{Burst: 1, Interval: spentFor}, name, string(id[:]))
}

// line counts the guesses at a challenge and all that took its place.
func (c counted) line(l Limits, id [16]byte) store.Attempt {
	return c.limit(Limit{Burst: l.Guesses, Interval: spentFor}, "line", string(id[:]))
}

// The counters that a visitor sees depend on what they typed, and on where they are, and
// on nothing else; those that depend on whom that names are never seen (design record
// 0063). So no two names tell whether they are one person's.

// hides tells whether somebody is asked about whom the visitor has named and no more: on
// a device of theirs, and behind a proof, there is nobody to hide.
func (c counted) hides(typed customer.Identifier) bool {
	return typed.Value != "" && c.source.Device == ""
}

func nameOf(typed customer.Identifier) string { return string(typed.Kind) + "\x00" + typed.Value }

// guesses are spent by each guess, besides those of the line: by what was typed, or by the
// person; whoever reads somebody's mail clears the count of what is sent there, and must
// not clear that of what is not, so each purpose counts apart.
func (c counted) guesses(l Limits, b Binding) []store.Attempt {
	return append(c.around(l.Source, "wide source"), c.about(l, b), c.limit(l.Source, "source", c.source.name()))
}

func (c counted) about(l Limits, b Binding) store.Attempt {
	if c.hides(b.Typed) {
		return c.limit(l.Subject, "name", string(b.Purpose), nameOf(b.Typed))
	}
	return c.limit(l.Subject, "subject", string(b.Purpose), b.Subject, c.source.Device)
}

// unseenGuesses bound guesses at a person by all of their names together.
func (c counted) unseenGuesses(l Limits, b Binding) []store.Attempt {
	if !c.hides(b.Typed) {
		return nil
	}
	return []store.Attempt{c.limit(l.Subject.times(names), "person", string(b.Purpose), b.Subject)}
}

// sends are spent by each message. Those of second factors, which go out behind a first
// one, count apart: anybody can have the rest sent, to somebody's number or to those next
// to it, and must not use up what lets its owner in. Nor must whoever knows the password:
// each source has some of its own.
func (c counted) sends(l Limits, ask Ask) []store.Attempt {
	behind, to := "", strings.ToLower(ask.Address)
	all := append(c.around(l.SourceSends, "wide sends"), c.limit(l.SourceSends, "source sends", c.source.name()))
	switch {
	case ask.Purpose == Factor:
		behind = "factor"
		all = append(all,
			c.limit(l.FactorSends, "factor sends", to, c.source.name()),
			c.limit(l.FactorSends.times(names), "factor address", to, c.source.Device))
	case c.hides(ask.Typed):
		all = append(all, c.limit(l.Sends, "typed sends", nameOf(ask.Typed)))
	default:
		all = append(all, c.limit(l.Sends, "sends", to, c.source.Device))
	}
	if ask.Channel == Email || c.hides(ask.Typed) && ask.Typed.Kind != customer.Phone {
		return all
	}
	all = append(all, c.around(l.SourceCalls, "wide calls")...)
	return append(all,
		c.limit(l.SourceCalls, "source calls", c.source.name()),
		c.limit(l.Range, "range", rangeOf(ask.Address), behind),
		c.limit(l.Calls, "calls", behind),
	)
}

// unseenSends bound what is sent to an address by all names of its owner together. A name
// that is no address may be answered by a text, and costs what one does.
func (c counted) unseenSends(l Limits, ask Ask) []store.Attempt {
	if !c.hides(ask.Typed) {
		return nil
	}
	all := []store.Attempt{c.limit(l.Sends.times(names), "address", strings.ToLower(ask.Address))}
	if ask.Typed.Kind == customer.Username {
		of := nameOf(ask.Typed) // who is sent no text has a counter of the same size
		if ask.Known && ask.Channel != Email {
			of = ""
		}
		all = append(all,
			c.limit(l.SourceCalls, "unseen calls", c.source.name()), c.limit(l.Range, "unseen range", rangeOf(ask.Address)),
			c.limit(l.Calls, "unseen all calls", of))
	}
	return all
}

// rangeOf is a number without its last four digits.
func rangeOf(number string) string { return number[:max(0, len(number)-4)] }
