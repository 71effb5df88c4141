package signin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/journey"
	"sallyport/store"
)

// recentFor is how far back somebody who recovered is told what was added: whoever was in
// their account may have left a way in.
const recentFor = 30 * 24 * time.Hour

// RecentPage lists it, behind a recovery.
const RecentPage journey.Page = "recent"

// Recent is a way in that was added to somebody's account.
type Recent struct {
	What Added
	Name string // what they call it, the end of a number, or the address; may be empty
	At   time.Time
}

// Added is what kind of way it is.
type Added string

// The kinds.
const (
	AddedApp     Added = "app"
	AddedPasskey Added = "passkey"
	AddedPhone   Added = "phone"
	AddedCard    Added = "card"
	AddedCodes   Added = "codes"
	AddedAddress Added = "address"
)

// lately lists what was added to the customer's ways in, the newest first. What an earlier
// system brought nobody added here.
func (r *run) lately(ctx context.Context) ([]Recent, error) {
	id, since := r.person.Customer.ID, r.cfg.Now().Add(-recentFor)
	factors, err := r.cfg.Store.Factors(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading second factors: %w", err)
	}
	passkeys, err := r.cfg.Store.Passkeys(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading passkeys: %w", err)
	}
	addresses, err := r.cfg.Store.Identifiers(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	var all []Recent
	add := func(what Added, name string, at time.Time) {
		if what != "" && at.After(since) {
			all = append(all, Recent{what, name, at})
		}
	}
	for _, f := range factors {
		if f.Source == "" && !f.Confirmed.IsZero() {
			add(addedAs(f.Kind), r.nameOfFactor(ctx, f), f.Created)
		}
	}
	for _, p := range passkeys {
		if p.Source == "" {
			add(AddedPasskey, p.Label, p.Created)
		}
	}
	for _, a := range addresses {
		add(AddedAddress, a.Display, a.Proof.At)
	}
	slices.SortStableFunc(all, func(a, b Recent) int { return b.At.Compare(a.At) })
	return all, nil
}

func addedAs(kind store.FactorKind) Added {
	switch kind {
	case store.FactorTOTP:
		return AddedApp
	case store.FactorPhone:
		return AddedPhone
	case store.FactorCard:
		return AddedCard
	case store.FactorRecovery:
		return AddedCodes
	}
	return ""
}

// nameOfFactor is what its owner knows it by.
func (r *run) nameOfFactor(ctx context.Context, f store.Factor) string {
	if f.Kind != store.FactorPhone {
		return f.Label
	}
	number, err := r.numberOf(ctx, f)
	if err != nil {
		return f.Label
	}
	return ending(number)
}

// ending is as much of a number as its owner needs.
func ending(number string) string { return "…" + number[max(0, len(number)-4):] }

// toldRecent are the values of the notice: in no language, since each kind has words of its own
// there.
func toldRecent(all []Recent) map[string]string {
	counts, names := map[Added]int{}, map[Added][]string{}
	for _, one := range all {
		counts[one.What]++
		if one.Name != "" {
			names[one.What] = append(names[one.What], one.Name)
		}
	}
	values := map[string]string{}
	for what, value := range map[Added]string{AddedApp: "apps", AddedPasskey: "passkeys", AddedCard: "cards", AddedCodes: "codes", AddedAddress: "addresses"} {
		if counts[what] > 0 {
			values[value] = strconv.Itoa(counts[what])
		}
	}
	if len(names[AddedPhone]) > 0 {
		values["phones"] = strings.Join(names[AddedPhone], ", ")
	}
	return values
}

// showRecent shows whoever recovered what was added, before they go on.
func (r *run) showRecent(ctx context.Context) error {
	all, err := r.lately(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	r.answer.Page, r.answer.Recent = &journey.ShowPage{Page: RecentPage}, all
	return nil
}
