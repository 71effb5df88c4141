package issue

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// inquiry is one decision to take: what is asked, where, and for whom.
type inquiry struct {
	view        View
	server      *config.LiveServer
	application *config.Application
	request     access.Request
	person      *person // nil for a machine
	hooked      *Hooked // nil: no hook was asked
}

// decide is the only place that asks pure/access.
func (q *inquiry) decide() access.Decision { return access.Decide(q.server.Access, q.request) }

// Record is a decision as its audit event keeps it: the whole input and what
// came of it. The address and the attributes lie in the event's personal part.
type Record struct {
	Server   string          `json:"server"`
	Revision int64           `json:"revision"`
	Request  access.Request  `json:"request"`
	Outcome  access.Decision `json:"outcome"`
	Hooks    *Hooked         `json:"hooks,omitempty"`  // what hooks left of the outcome; nil: none was asked
	Reason   Reason          `json:"reason,omitempty"` // why nothing was issued although it was allowed
	Token    string          `json:"token,omitempty"`  // jti of the access token
	Grant    string          `json:"grant,omitempty"`  // id in hexadecimal
}

// personal is the erasable part of a decision's event.
type personal struct {
	Address    netip.Addr                  `json:"address,omitzero"`
	Attributes map[access.Attribute]string `json:"attributes,omitempty"` // that rules name
}

func personalOf(address netip.Addr) any {
	if !address.IsValid() {
		return nil
	}
	return personal{Address: address}
}

// personal is what of the inquiry can be erased.
func (q *inquiry) personal() any {
	p := personal{Address: q.request.Address}
	if q.request.Subject != nil {
		p.Attributes = q.request.Subject.Attributes
	}
	if !p.Address.IsValid() && len(p.Attributes) == 0 {
		return nil
	}
	return p
}

// record gives the event of a decision, before its type is known.
func (q *inquiry) record(outcome access.Decision) (audit.Entry, *Record) {
	r := &Record{Server: q.server.Name, Revision: q.view.Snapshot.Revision, Request: q.request, Outcome: outcome, Hooks: q.hooked}
	r.Request.Address = netip.Addr{}
	if who := r.Request.Subject; who != nil && len(who.Attributes) > 0 {
		r.Request.Subject = &access.Subject{Groups: who.Groups}
	}
	entry := audit.Entry{
		Actor: audit.Application(q.application.Name), Application: q.application.Name,
		Detail: r, Personal: q.personal(),
	}
	if q.person != nil {
		entry.Customer = q.person.subject
	}
	return entry, r
}

// ReadRecord gives back the decision that an event tells of, ready to be
// decided again under another revision. Once the personal part is erased, the
// address and the attributes are unknown.
func ReadRecord(e store.Event) (Record, error) {
	var body struct {
		Detail Record `json:"detail"`
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return Record{}, fmt.Errorf("reading a decision: %w", err)
	}
	var beside personal
	if len(e.Personal) > 0 {
		if err := json.Unmarshal(e.Personal, &beside); err != nil {
			return Record{}, fmt.Errorf("reading the personal part of a decision: %w", err)
		}
	}
	body.Detail.Request.Address = beside.Address
	if who := body.Detail.Request.Subject; who != nil {
		who.Attributes = beside.Attributes
	}
	return body.Detail, nil
}

// refuse makes a refusal durable and gives it a reference.
func (s *Service) refuse(ctx context.Context, v View, what audit.Entry, address netip.Addr, r *Refusal) error {
	r.Reference = s.cfg.Audit.NewTrace()
	what.Result, what.Trace = r.result(), r.Reference
	if what.Personal == nil {
		what.Personal = personalOf(address)
	}
	if err := s.cfg.Audit.Record(ctx, v.Env, what); err != nil {
		return err
	}
	return r
}

// refuseDecided refuses what pure/access refused.
func (s *Service) refuseDecided(ctx context.Context, q *inquiry, d access.Decision, as audit.Type) error {
	entry, _ := q.record(d)
	entry.Type = as
	return s.refuse(ctx, q.view, entry, q.request.Address, &Refusal{Reason: Decided, Decision: &d})
}

// scopes turns configuration's and the wire's names into access's.
func scopesOf[T ~string](names []T) []access.Scope {
	if names == nil {
		return nil
	}
	scopes := make([]access.Scope, len(names))
	for i, name := range names {
		scopes[i] = access.Scope(name)
	}
	return scopes
}

func textsOf[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// has tells whether an application is registered for a grant type.
func has(a *config.Application, grant access.GrantType) bool {
	return slices.Contains(a.Grants, string(grant))
}

func grantName(id store.GrantID) string { return hex.EncodeToString(id[:]) }
