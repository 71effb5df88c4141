package directory

import (
	"bytes"
	"encoding/json"
	"regexp"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// dossier is everything that is kept about one person, to be read by them. What proves
// who they are is named and left out: hashes, keys and codes are of use to nobody who
// reads it. Of people who share an account with them it says nothing.
type dossier struct {
	Version     int          `json:"dossier"`
	Created     time.Time    `json:"created"`
	Environment string       `json:"environment"`
	About       person       `json:"about"`
	Names       []name       `json:"names"`
	Password    *password    `json:"password,omitempty"`
	Proofs      []Proof      `json:"proofs"`
	Elsewhere   []elsewhere  `json:"elsewhere"`
	Agreements  []Agreement  `json:"agreements"`
	Claims      []claimed    `json:"claims"`
	Consents    []consent    `json:"consents"`
	Tags        []string     `json:"tags"`
	Accounts    []membership `json:"accounts"`
	Sessions    []session    `json:"sessions"`
	Grants      []grant      `json:"grants"`
	Messages    []sent       `json:"messages"`
	Migrations  []arrival    `json:"migrations"`
}

type person struct {
	ID         customer.ID       `json:"id"`
	State      customer.State    `json:"state"`
	Name       string            `json:"name"`
	Groups     []string          `json:"groups"`
	Attributes map[string]string `json:"attributes"`
	Created    time.Time         `json:"created"`
	Updated    time.Time         `json:"updated"`
}

type name struct {
	Kind     customer.IdentifierKind `json:"kind"`
	Value    string                  `json:"value"`
	Written  string                  `json:"as_written"`
	Verified bool                    `json:"verified"`
	From     string                  `json:"from"`
	Proved   *time.Time              `json:"proved,omitempty"`
	By       string                  `json:"proved_by,omitempty"`
	First    bool                    `json:"comes_first,omitempty"`
}

type password struct {
	Since  time.Time `json:"since"`
	Scheme string    `json:"kept_as"`
}

type elsewhere struct {
	Provider   string `json:"provider"`
	Connection string `json:"connection,omitempty"`
	Subject    string `json:"known_there_as"`
	From       string `json:"from"`
}

// Agreement is an agreement as people read it, and as its digest is made.
type Agreement struct {
	Kind      store.AgreementKind `json:"kind"`
	Document  string              `json:"document"`
	Version   string              `json:"version"`
	Refused   bool                `json:"refused"`
	Given     time.Time           `json:"given"`
	Evidence  json.RawMessage     `json:"evidence,omitempty"`
	Withdrawn *time.Time          `json:"-"` // ends later, and is no part of what was said
}

// agreementOf gives what somebody said, as they said it.
func agreementOf(a store.Agreement) Agreement {
	out := Agreement{Kind: a.Kind, Document: a.Document, Version: a.Version, Refused: a.Refused, Given: a.Given.UTC()}
	if json.Valid(a.Evidence) {
		out.Evidence = a.Evidence
	}
	return out
}

type consent struct {
	Application string    `json:"application"`
	Server      string    `json:"server"`
	Scopes      []string  `json:"scopes"`
	Given       time.Time `json:"given"`
}

type membership struct {
	Account    string             `json:"account"`
	Number     string             `json:"number"`
	Name       string             `json:"name,omitempty"`
	Attributes map[string]string  `json:"attributes,omitempty"`
	Premises   []customer.Address `json:"premises"`
	Role       customer.Role      `json:"role"`
	Since      time.Time          `json:"since"`
	How        json.RawMessage    `json:"how,omitempty"`
}

// claimed is a claim to an account that a person decides.
type claimed struct {
	Number   string           `json:"number"`
	State    store.ClaimState `json:"state"`
	Why      string           `json:"why,omitempty"`
	Evidence json.RawMessage  `json:"evidence,omitempty"`
	Created  time.Time        `json:"created"`
	Updated  time.Time        `json:"updated"`
	Note     string           `json:"note,omitempty"`
}

type session struct {
	SignedIn time.Time `json:"signed_in"`
	Methods  []string  `json:"methods"`
	Browser  string    `json:"browser"`
	Address  string    `json:"address"`
}

type grant struct {
	Application string    `json:"application"`
	Scopes      []string  `json:"scopes"`
	Created     time.Time `json:"created"`
}

type sent struct {
	Channel string    `json:"channel"`
	What    string    `json:"what"`
	State   string    `json:"state"`
	At      time.Time `json:"at"`
}

type arrival struct {
	Migration string    `json:"migration"`
	Key       string    `json:"key"`
	State     string    `json:"state"`
	Reason    string    `json:"reason,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	At        time.Time `json:"at"`
}

// happened is an event of the ledger as the person it is about reads it. Which operator
// did something is not theirs to know by name.
type happened struct {
	At          time.Time       `json:"at"`
	What        string          `json:"what"`
	By          string          `json:"by"`
	Application string          `json:"application,omitempty"`
	Result      string          `json:"result"`
	Detail      json.RawMessage `json:"detail,omitempty"`
	Personal    json.RawMessage `json:"personal,omitempty"`
}

// membershipOf tells an account as its member is shown it.
func membershipOf(m store.Membership, places []customer.Premises) membership {
	out := membership{
		Account: m.Account.ID.String(), Number: m.Account.Number, Name: m.Account.Name, Attributes: m.Account.Attributes,
		Premises: []customer.Address{}, Role: m.Member.Role, Since: m.Member.Since.UTC(),
	}
	if json.Valid([]byte(m.Member.Evidence)) {
		out.How = withoutOthers([]byte(m.Member.Evidence), m.Member.Customer)
	}
	for _, p := range places {
		if m.Member.Sees(p.ID) {
			out.Premises = append(out.Premises, p.Address)
		}
	}
	return out
}

// claimedOf tells a claim to whoever made it.
func claimedOf(c *store.Claim) claimed {
	out := claimed{Number: c.Number, State: c.State, Why: c.Reason, Created: c.Created.UTC(), Updated: c.Updated.UTC(), Note: c.Note}
	if json.Valid(c.Evidence) {
		out.Evidence = withoutOthers(c.Evidence, c.Customer)
	}
	return out
}

// happening tells an event to the person it is about.
func happening(e *store.ChainedEvent, id customer.ID) happened {
	h := happened{At: e.At.UTC(), What: e.Type, By: string(withoutOthers([]byte(e.Actor), id)), Application: e.Application, Result: e.Result}
	var body struct {
		Detail json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(e.Body, &body) == nil {
		h.Detail = withoutOthers(body.Detail, id)
	}
	if json.Valid(e.Personal) {
		h.Personal = withoutOthers(e.Personal, id)
	}
	return h
}

// others are the names by which records tell of operators and customers.
var others = regexp.MustCompile(`operator/[^\s"\\,;]+|(?:customer/)?cus_[0-9a-z]{26}`)

// withoutOthers takes out of a text whom somebody reads of besides themselves: which
// operator it was, and who shares an account or had an address, is not theirs to know.
func withoutOthers(text []byte, id customer.ID) []byte {
	return others.ReplaceAllFunc(text, func(name []byte) []byte {
		switch {
		case bytes.HasPrefix(name, []byte("operator/")):
			return []byte("operator")
		case bytes.HasSuffix(name, []byte(id.String())):
			return name
		}
		return []byte("another customer")
	})
}
