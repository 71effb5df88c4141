package issue

import (
	"context"
	"maps"
	"slices"

	"sallyport/pure/claim"
	"sallyport/service/audit"
)

// claimFailed is the body of the event. It says nothing of the customer, whose token
// is as good without the claim.
type claimFailed struct {
	Server   string       `json:"server"`
	Revision int64        `json:"revision"`
	Claim    string       `json:"claim"`
	Place    claim.Place  `json:"in"`
	Reason   claim.Reason `json:"reason"`
	Times    int64        `json:"times"` // since the event before
}

// tellFailures records the claims that could not be computed. Alike ones of an
// application share an event for ten seconds, and the next one says how many there
// were: a broken expression costs a line each ten seconds, however many sign in. That
// such an event cannot be written keeps nobody from their token by itself: the token's
// own event needs the same ledger, and is not done without.
func (s *Service) tellFailures(ctx context.Context, i *issuance) {
	for _, place := range slices.Sorted(maps.Keys(i.told)) {
		for _, failure := range i.told[place].Failures {
			key := floodKey{
				env: i.view.Env, server: i.server.Name, endpoint: string(place), application: i.application.Name,
				limit: failure.Claim + " " + string(failure.Reason),
			}
			reference, times := s.failed.count(key, s.cfg.Now(), s.cfg.Audit.NewTrace)
			if times == 0 {
				continue
			}
			_ = s.cfg.Audit.Record(ctx, i.view.Env, audit.Entry{
				Type: audit.ClaimFailed, Actor: audit.System, Application: i.application.Name, Result: string(failure.Reason), Trace: reference,
				Detail: claimFailed{i.server.Name, i.view.Snapshot.Revision, failure.Claim, place, failure.Reason, times},
			})
		}
	}
}
