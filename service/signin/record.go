package signin

import (
	"context"
	"encoding/hex"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/store"
)

// visitor is the actor of what nobody has proved to be theirs.
const visitor audit.Actor = "visitor"

// personal is what audit keeps beside the chain and can erase.
type personal struct {
	Address string `json:"address"`
	Agent   string `json:"agent,omitempty"`
}

func (r *run) personal() personal {
	return personal{r.visit.Address.Unmap().String(), shortened(r.visit.Agent)}
}

type refusalDetail struct {
	Journey string `json:"journey"`
	// Counter tells guesses at one name from guesses at another. What was typed
	// is not kept: people type passwords there.
	Counter     string `json:"counter"`
	KnownDevice bool   `json:"known_device"`
	Proof       string `json:"proof,omitempty"`     // what was tried, if not the password
	Migration   string `json:"migration,omitempty"` // whose earlier system was asked
	Silent      int    `json:"silent,omitempty"`    // like events since the last one, that were not written
}

// costless tells whether what became of a code cost no guess.
func costless(o code.Outcome) bool {
	switch o {
	case code.Malformed, code.Expired, code.Exhausted, code.Foreign:
		return true
	}
	return false
}

// record tells the ledger of what did not succeed; success is recorded with the
// session it starts.
func (r *run) record(ctx context.Context, effect journey.Record) error {
	outcome := effect.Outcome
	r.answer.Reference = r.cfg.Audit.NewTrace()
	entry := audit.Entry{
		Type: audit.SignInRefused, Actor: visitor, Application: r.ticket.Application, Result: r.reason,
		Trace: r.answer.Reference, Personal: r.personal(),
	}
	if r.person != nil {
		entry.Customer = r.person.Customer.ID.String()
	}
	detail := refusalDetail{Journey: r.journey.Name(), Counter: hex.EncodeToString(r.keys.account[0][:8]), KnownDevice: r.keys.device, Migration: r.migration}
	if effect.Of != journey.ByPassword {
		entry.Type, detail.Proof = audit.FactorRefused, string(effect.Of)
	}
	if outcome == journey.Limited {
		entry.Type, entry.Result = audit.SignInLimited, "too-many-attempts"
	}
	if outcome != journey.Refused || costless(code.Outcome(r.reason)) { // nothing was tried, so there is no limit on how often
		var ok bool
		keys := append([]store.AttemptKey{r.keys.source}, r.keys.account...)
		if r.answer.Reference, detail.Silent, ok = r.damper.pass(r.cfg.Now(), r.answer.Reference, keys...); !ok {
			return nil
		}
	}
	entry.Detail = detail
	return r.cfg.Audit.Record(ctx, r.live.ID, entry)
}
