package sallyport

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// The names by which a line of an account is told from a person.
const (
	nameAccount  = "sallyport-account"
	namePremises = "sallyport-premises"
	nameMember   = "sallyport-member"
	nameClaim    = "sallyport-claim"
)

// Holding is a line of what several people have in common, of which one member is set.
// They stand behind the people: an account, its premises and its members, and behind
// the last account the claims.
type Holding struct {
	Account  *Account  `json:"sallyport-account,omitempty"`
	Premises *Premises `json:"sallyport-premises,omitempty"`
	Member   *Member   `json:"sallyport-member,omitempty"`
	Claim    *Claim    `json:"sallyport-claim,omitempty"`
	// Signature is the last member, as of a person.
	Signature string `json:"signature,omitempty"`
}

// Account is an account of the business.
type Account struct {
	ID         customer.AccountID    `json:"id"`
	Number     string                `json:"number"`
	Name       string                `json:"name,omitempty"`
	State      customer.AccountState `json:"state"`
	Attributes map[string]string     `json:"attributes,omitempty"`
	Source     string                `json:"source,omitempty"`
	Created    time.Time             `json:"created"`
	Updated    time.Time             `json:"updated"`
}

// Premises is a place that an account is for.
type Premises struct {
	ID        customer.PremisesID `json:"id"`
	Account   customer.AccountID  `json:"account"`
	Reference string              `json:"reference,omitempty"`
	Address   customer.Address    `json:"address"`
	Created   time.Time           `json:"created"`
	Updated   time.Time           `json:"updated"`
}

// Member says what a person is to an account.
type Member struct {
	Account  customer.AccountID    `json:"account"`
	Customer customer.ID           `json:"customer"`
	Role     customer.Role         `json:"role"`
	Premises []customer.PremisesID `json:"premises,omitempty"` // left out: all
	Since    time.Time             `json:"since"`
	By       string                `json:"by,omitempty"`
	Evidence string                `json:"evidence,omitempty"`
}

// Claim is a claim to an account, and what became of it.
type Claim struct {
	ID       string          `json:"id"` // 32 hex digits
	Customer customer.ID     `json:"customer"`
	Place    string          `json:"place"`
	Number   string          `json:"number,omitempty"`
	State    string          `json:"state"` // waits, granted or refused
	Reason   string          `json:"reason,omitempty"`
	Evidence json.RawMessage `json:"evidence,omitempty"` // an object
	By       string          `json:"by,omitempty"`
	Note     string          `json:"note,omitempty"`
	Created  time.Time       `json:"created"`
	Updated  time.Time       `json:"updated"`
}

// HoldingOf is such a line as the format has it.
func HoldingOf(h legacy.Holding) Holding {
	switch {
	case h.Account != nil:
		a := h.Account
		return Holding{Account: &Account{a.ID, a.Number, a.Name, a.State, a.Attributes, a.Source, a.Created, a.Updated}}
	case h.Premises != nil:
		p := h.Premises
		return Holding{Premises: &Premises{p.ID, p.Account, p.Reference, p.Address, p.Created, p.Updated}}
	case h.Member != nil:
		m := h.Member
		return Holding{Member: &Member{m.Account, m.Customer, m.Role, m.Premises, m.Since, m.By, m.Evidence}}
	}
	c := h.Claim
	return Holding{Claim: &Claim{
		hex.EncodeToString(c.ID[:]), c.Customer, c.Place, c.Number, c.State, c.Reason, c.Evidence, c.By, c.Note, c.Created, c.Updated,
	}}
}

// Proved implements [legacy.Holder].
func (d reader) Proved() bool { return d.signer != nil }

// Holding implements [legacy.Holder].
func (d reader) Holding(e legacy.Element) (*legacy.Holding, error) {
	// Every line of a person begins so; whoever writes theirs anew pays for a look.
	if bytes.HasPrefix(e.Raw, []byte(`{"id"`)) || !bytes.Contains(e.Raw, []byte(`"sallyport-`)) {
		return nil, nil
	}
	var l struct {
		Holding
		Head json.RawMessage `json:"sallyport-customers"`
		ID   json.RawMessage `json:"id"`
	}
	if err := legacy.Decode(e.Raw, &l); err != nil {
		return nil, err
	}
	if l.Head != nil || l.ID != nil {
		return nil, nil
	}
	if d.signer != nil {
		if err := checkSignature(d.signer, e.Raw); err != nil {
			return nil, err
		}
	}
	r := &reading{}
	h := r.holding(&l.Holding)
	if r.fault != nil {
		return nil, r.fault
	}
	return h, nil
}

// holding reads a line, which has to be as some Sallyport has it.
func (r *reading) holding(l *Holding) *legacy.Holding {
	h, set := &legacy.Holding{}, 0
	if l.Account != nil {
		h.Account, set = r.account(l.Account), set+1
	}
	if l.Premises != nil {
		h.Premises, set = r.premises(l.Premises), set+1
	}
	if l.Member != nil {
		h.Member, set = r.member(l.Member), set+1
	}
	if l.Claim != nil {
		h.Claim, set = r.claim(l.Claim), set+1
	}
	if set != 1 {
		r.wrong("", "a line is of no account, or of several things")
	}
	return h
}

// when refuses what has no time.
func (r *reading) when(where string, all ...time.Time) {
	for _, t := range all {
		if !storable(t) {
			r.wrong(where, "it does not say when")
		}
	}
}

func (r *reading) account(a *Account) *customer.Account {
	where := nameAccount
	r.text(where, customer.MaxName, a.Name)
	r.text(where, maxLabel, a.Source)
	r.when(where, a.Created, a.Updated)
	if number, err := customer.AccountNumber(a.Number); err != nil || number != a.Number {
		r.wrong(where, "the number is not in the form in which Sallyport keeps it")
	}
	if a.ID.IsZero() || a.State != customer.AccountOpen && a.State != customer.AccountClosed {
		r.wrong(where, "it has no id, or is neither open nor closed")
	}
	for name, value := range a.Attributes {
		r.text(where, customer.MaxValue, name, value)
	}
	if text, err := json.Marshal(a.Attributes); err != nil || len(text) > maxAccountText {
		r.wrong(where, "there are too many attributes")
	}
	return &customer.Account{
		ID: a.ID, Number: a.Number, Name: a.Name, State: a.State, Attributes: a.Attributes, Source: a.Source, Created: a.Created, Updated: a.Updated,
	}
}

// maxAccountText is how many bytes the attributes of an account have, as JSON.
const maxAccountText = 16 << 10

func (r *reading) premises(p *Premises) *customer.Premises {
	where := namePremises
	r.text(where, customer.MaxReference, p.Reference)
	r.when(where, p.Created, p.Updated)
	if p.ID == (customer.PremisesID{}) || p.Account.IsZero() {
		r.wrong(where, "it has no id, or is of no account")
	}
	r.text(where, maxText, append(slices.Clone(p.Address.Lines), p.Address.Town, p.Address.Region, p.Address.Postcode, p.Address.Country)...)
	if text, err := json.Marshal(p.Address); err != nil || len(text) > maxText {
		r.wrong(where, "the address is too long")
	}
	return &customer.Premises{ID: p.ID, Account: p.Account, Reference: p.Reference, Address: p.Address, Created: p.Created, Updated: p.Updated}
}

func (r *reading) member(m *Member) *customer.Member {
	where := nameMember
	r.text(where, MaxEvidence, m.Evidence)
	r.text(where, maxLabel, m.By)
	r.when(where, m.Since)
	once(r, where, m.Premises, customer.PremisesID.String)
	if m.Account.IsZero() || m.Customer.IsZero() || !m.Role.Known() {
		r.wrong(where, "it names no account, no customer or no role that there is")
	}
	return &customer.Member{
		Account: m.Account, Customer: m.Customer, Role: m.Role, Premises: m.Premises, Since: m.Since, By: m.By, Evidence: m.Evidence,
	}
}

func (r *reading) claim(c *Claim) *legacy.Claim {
	where := nameClaim
	r.text(where, maxLabel, c.Place, c.Number, c.Reason, c.By)
	r.text(where, maxNote, c.Note)
	r.when(where, c.Created, c.Updated)
	to := &legacy.Claim{
		Customer: c.Customer, Place: c.Place, Number: c.Number, State: c.State, Reason: c.Reason, By: c.By, Note: c.Note,
		Created: c.Created, Updated: c.Updated, Evidence: r.evidence(where, c.Evidence),
	}
	id, err := hex.DecodeString(c.ID)
	if err != nil || copy(to.ID[:], id) != len(to.ID) || len(id) != len(to.ID) || strings.ToLower(c.ID) != c.ID || to.ID == [16]byte{} {
		r.wrong(where, "it has no id")
	}
	if c.Customer.IsZero() || !slices.Contains([]string{"waits", "granted", "refused"}, c.State) {
		r.wrong(where, "it names no customer, or no state that there is")
	}
	return to
}

// maxNote is how many bytes somebody says of a decision.
const maxNote = 1 << 10
