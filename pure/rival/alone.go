package rival

import (
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
)

// Alone settles a record that comes without the others on whom was decided, as its
// person signs in. Then nothing can be checked on those, so this only takes away: who
// loses the identifier comes without it, and what is more than that, the record waits
// for. unseen says that the decision was made on records that nobody has seen here.
func Alone(migration string, d Decision, contested Contested, unseen bool, o *migrate.Outcome) {
	id, claims := claimOf(o, contested)
	n := slices.Index(d.Claimants, o.Key)
	if o.Verdict() != migrate.Accept || !claims || n < 0 {
		return
	}
	switch keeps := o.Key == d.Keeps || o.Key == d.Into; {
	case keeps && unseen && !id.Verified:
		wait(o, "who keeps the %s is known when the export is read", d.Kind)
	case keeps:
	case d.Do == Merge, d.Do == Drop:
		wait(o, "it was decided that the record of the %s becomes nobody", d.Kind)
	default:
		d.settle(settling{migration: migration, contested: contested}, o.Key, n, map[string]*migrate.Outcome{o.Key: o})
	}
}

// Unnamed holds a record of whose identifiers of a kind nobody can tell which one was
// decided on.
func Unnamed(kind customer.IdentifierKind, o *migrate.Outcome) {
	if o.Verdict() == migrate.Accept {
		wait(o, "it was decided on one %s of several", kind)
	}
}

// Meet judges a record that comes alone beside others that claim an identifier of it
// and became nobody yet, as migrate.Contest judges those of one export: the only one
// that proved it may come.
func Meet(id customer.Identifier, others []Claimant, o *migrate.Outcome) {
	if o.Verdict() != migrate.Accept || len(others) == 0 {
		return
	}
	g := Group{Kind: id.Kind, Claimants: others}
	if !id.Verified || g.verified() > 0 {
		wait(o, "%d more records claim the same %s", len(others), id.Kind)
	}
}

func wait(o *migrate.Outcome, why string, args ...any) {
	o.Rejection = &migrate.Rejection{Reason: migrate.DuplicateIdentifier, Detail: fmt.Sprintf(why, args...)}
}
