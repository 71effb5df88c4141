package migrate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

func TestASummaryCountsWhatPeopleBringWhoAreAccepted(t *testing.T) {
	person := migrate.Outcome{
		Key: "1", Factors: []legacy.Factor{{Kind: legacy.TOTP}, {Kind: legacy.Recovery}}, Passkeys: make([]legacy.Passkey, 2), Links: make([]customer.Link, 3),
	}
	held := person
	held.Rejection = &migrate.Rejection{Reason: "duplicate-key"}
	var s migrate.Summary
	for _, o := range []migrate.Outcome{person, held, {Key: "2", Factors: []legacy.Factor{{Kind: legacy.TOTP}}}} {
		s.Add(o)
	}
	want := map[legacy.FactorKind]int64{legacy.TOTP: 2, legacy.Recovery: 1}
	if diff := cmp.Diff(want, s.Factors); diff != "" || s.Passkeys != 2 || s.Links != 3 {
		t.Errorf("%d passkeys, %d links, %s", s.Passkeys, s.Links, diff)
	}
}
