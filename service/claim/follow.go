package claim

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/pure/ownership"
	"sallyport/service/environment"
)

// maxFollowed is how many of a customer's e-mail addresses are looked for.
const maxFollowed = 3

// Follow links the accounts that are a customer's by what they proved: an e-mail address
// and a phone number that are both those of a record. It tells which; waits tells that
// there is one that a person decides. What cannot be looked up is [ErrUnavailable], beside
// those that could.
func (s *Service) Follow(ctx context.Context, live *environment.Live, who Claimant) (linked []customer.Account, waits bool, err error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return nil, false, ErrNoRevision
	}
	theirs, err := s.cfg.Store.Identifiers(ctx, live.ID, who.Customer)
	if err != nil {
		return nil, false, fmt.Errorf("reading identifiers: %w", err)
	}
	emails := verified(theirs, customer.Email)
	if len(emails) == 0 || len(verified(theirs, customer.Phone)) == 0 {
		return nil, false, nil
	}
	var failed error
	for _, at := range placesOf(snapshot, who.Brand) {
		if at.Automatic == nil {
			continue
		}
		rules := at.Rules
		rules.Region = s.cfg.Region
		for _, email := range emails[:min(len(emails), maxFollowed)] {
			record, err := s.byEmail(ctx, live, at, email)
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			if !ownership.Follows(rules, record, theirs) {
				continue
			}
			t := &try{Service: s, live: live, who: who, number: record.Number, at: at, record: record}
			answer, err := t.link(ctx, Evidence{By: byAddresses, Place: at.Name})
			if err != nil {
				return linked, waits, err
			}
			if answer.Outcome == Linked {
				linked = append(linked, answer.Account)
			}
			waits = waits || answer.Outcome == Waits
		}
	}
	return linked, waits, failed
}

func verified(all []customer.Identifier, kind customer.IdentifierKind) (some []customer.Identifier) {
	for _, i := range all {
		if i.Kind == kind && i.Verified {
			some = append(some, i)
		}
	}
	return some
}
