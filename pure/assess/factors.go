package assess

import (
	"cmp"
	"slices"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// maxParties bounds the relying parties and providers that are told apart.
const maxParties = 256

// factors counts second factors and passkeys.
type factors struct {
	hosts   []string
	people  map[string]int64
	count   map[string]int64
	parties map[string]*Party
	report  Factors
}

// served are the kinds of factor by which people sign in here.
func served(kind legacy.FactorKind) bool { return kind == legacy.TOTP }

// holding is what a person's factors come to.
type holding struct {
	any, keeps, waits bool
	passkeys, usable  bool
}

// add counts what one person has.
func (f *factors) add(e *Entry) (h holding) {
	met := map[string]int64{}
	for _, one := range e.Outcome.Factors {
		h.any = true
		met[string(one.Kind)]++
		h.keeps = h.keeps || served(one.Kind)
		h.waits = h.waits || !served(one.Kind) && one.Kind != legacy.Recovery
	}
	for _, left := range e.left() {
		met["left:"+left.What]++
		h.any = h.any || isFactor(left.What)
	}
	f.passkeysOf(e, &h)
	for kind, n := range met {
		if _, known := f.people[kind]; !known && len(f.people) == maxParties {
			continue
		}
		f.people[kind]++
		f.count[kind] += n
	}
	f.judge(&h)
	return h
}

// isFactor tells what is a second factor of what was left behind.
func isFactor(what string) bool { return legacy.Left{What: what}.Factor() }

func (f *factors) judge(h *holding) {
	if h.usable {
		h.keeps = true
	}
	h.any = h.any || h.passkeys
	if !h.any {
		return
	}
	f.report.People++
	switch {
	case h.keeps:
		f.report.Keep++
	case h.waits:
		f.report.Waiting++
	default:
		f.report.Lose++
	}
}

// passkeysOf counts a person's passkeys by who asked for them.
func (f *factors) passkeysOf(e *Entry, h *holding) {
	once := map[string]bool{}
	for _, p := range e.Outcome.Passkeys {
		h.passkeys = true
		id := strings.ToLower(p.RPID)
		party := f.parties[id]
		if party == nil {
			if len(f.parties) == maxParties {
				continue
			}
			party = &Party{ID: id, Reach: reach(id, f.hosts)}
			f.parties[id] = party
		}
		party.Passkeys++
		h.usable = h.usable || party.Reach == AtOnce
		if once[id] {
			continue
		}
		once[id] = true
		party.People++
		if e.Outcome.Hash == nil && len(e.Outcome.Links) == 0 {
			party.Only++
		}
	}
}

// reach says whether passkeys made for a relying party can be used on the hosts
// where people will sign in: the id must be the host or a suffix of it (WebAuthn
// Level 3 §5.1.3), or its own host must name ours among its related origins
// (§5.11). One that is the vendor's can do neither for anybody else.
func reach(id string, hosts []string) Reach {
	switch {
	case id == "":
		return Unsaid
	case vendorHost(id):
		return Impossible
	case len(hosts) == 0:
		return Unsaid
	}
	for _, host := range hosts {
		if host != id && !strings.HasSuffix(host, "."+id) {
			return Related
		}
	}
	return AtOnce
}

// told sums up.
func (f *factors) told() (Factors, []Party) {
	all, parties := f.report, []Party{}
	all.Kinds = []Factor{}
	for kind, people := range f.people {
		one := Factor{Kind: kind, Fate: Kept, People: people, Count: f.count[kind]}
		if what, left := strings.CutPrefix(kind, "left:"); left {
			one.Kind, one.Fate = what, Left
		} else if served(legacy.FactorKind(kind)) || kind == string(legacy.Recovery) {
			one.Fate = Works
		}
		all.Kinds = append(all.Kinds, one)
	}
	slices.SortFunc(all.Kinds, func(a, b Factor) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Fate, b.Fate))
	})
	for _, p := range f.parties {
		parties = append(parties, *p)
	}
	slices.SortFunc(parties, func(a, b Party) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.ID, b.ID))
	})
	return all, parties
}

// links counts other providers.
type links struct{ providers map[string]*Provider }

func (l *links) add(o *migrate.Outcome) {
	once := map[string]bool{}
	for _, link := range o.Links {
		p := l.providers[link.Provider]
		if p == nil && len(l.providers) < maxParties {
			p = &Provider{Name: link.Provider}
			l.providers[link.Provider] = p
		}
		if p == nil || once[link.Provider] {
			continue
		}
		once[link.Provider] = true
		p.People++
		if o.Hash == nil {
			p.Only++
		}
	}
}

func (l *links) told() []Provider {
	all := []Provider{}
	for _, p := range l.providers {
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b Provider) int { return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Name, b.Name)) })
	return all
}
