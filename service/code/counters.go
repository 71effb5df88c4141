package code

import (
	"net/netip"
	"strings"

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

// subject counts guesses at codes of one purpose: whoever reads somebody's mail clears
// the count of what is sent there, and must not clear that of what is not.
func (c counted) subject(l Limits, p Purpose, subject string) store.Attempt {
	return c.limit(l.Subject, "subject", string(p), subject, c.source.Device)
}

// guesses are spent by each guess, besides those of the line.
func (c counted) guesses(l Limits, p Purpose, subject string) []store.Attempt {
	return []store.Attempt{c.subject(l, p, subject), c.limit(l.Source, "source", c.source.name())}
}

// sends are spent by each message. Those of second factors, which go out behind a first
// one, count apart: anybody can have the rest sent, to somebody's number or to those next
// to it, and must not use up what lets its owner in.
func (c counted) sends(l Limits, ask Ask) []store.Attempt {
	behind := ""
	if ask.Purpose == Factor {
		behind = "factor"
	}
	all := []store.Attempt{
		c.limit(l.Sends, "sends", strings.ToLower(ask.Address), c.source.Device, behind),
		c.limit(l.SourceSends, "source sends", c.source.name()),
	}
	if ask.Channel == Email {
		return all
	}
	return append(all,
		c.limit(l.SourceCalls, "source calls", c.source.name()),
		c.limit(l.Range, "range", ask.Address[:max(0, len(ask.Address)-4)], behind),
	)
}
