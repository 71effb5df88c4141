package intake

import (
	"context"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// keptSaid is what a person of another Sallyport said, and was called by its operators.
type keptSaid struct {
	agreements []store.Agreement // the newest first
	tags       []string
}

// saidOf are those of a kept person. Documents and purposes are known by name: what is
// not asked here is kept as what was said there, and decides nothing.
func saidOf(id customer.ID, o *migrate.Outcome) keptSaid {
	if o.Kept == nil {
		return keptSaid{}
	}
	said := keptSaid{tags: o.Kept.Tags}
	for _, a := range o.Kept.Agreements {
		said.agreements = append(said.agreements, store.Agreement{
			Customer: id, Kind: store.AgreementKind(a.Kind), Document: a.Document, Version: a.Version, Refused: a.Refused,
			Given: a.Given, Withdrawn: a.Withdrawn, Replaced: a.Replaced, Evidence: a.Evidence,
		})
	}
	slices.SortStableFunc(said.agreements, func(a, b store.Agreement) int { return b.Given.Compare(a.Given) })
	endOlder(said.agreements)
	return said
}

// endOlder lets no more than one answer to the same stand, the newest, since two would
// be a yes and a no at once.
func endOlder(newestFirst []store.Agreement) {
	type subject struct {
		kind     store.AgreementKind
		document string
	}
	stands := map[subject]time.Time{}
	for i := range newestFirst {
		a := &newestFirst[i]
		about := subject{a.Kind, a.Document}
		newer, is := stands[about]
		switch {
		case !a.Withdrawn.IsZero():
		case is:
			a.Withdrawn, a.Replaced = newer, true
		default:
			stands[about] = a.Given
		}
	}
}

// dated holds times to the present. Of answers that would be of the same instant by
// that, the newest alone is stored.
func (k keptSaid) dated(at time.Time) keptSaid {
	k.agreements = slices.Clone(k.agreements)
	for i := range k.agreements {
		a := &k.agreements[i]
		a.Given = notAhead(a.Given, at)
		if a.Withdrawn.After(at) {
			a.Withdrawn = at
		}
	}
	return k
}

// storeSaid stores what people said and how they are tagged, who are here already.
func storeSaid(ctx context.Context, tx store.Tx, people []newcomer) error {
	var agreements []store.Agreement
	for i := range people {
		said := &people[i].said
		agreements = append(agreements, said.agreements...)
		if len(said.tags) > 0 {
			if err := tx.PutTags(ctx, people[i].Customer.ID, said.tags); err != nil {
				return err
			}
		}
	}
	return tx.KeepAgreements(ctx, agreements)
}
