package legacy

import (
	"time"

	"sallyport/pure/customer"
)

// Kept is a person exactly as another Sallyport had them, down to the id by which
// applications know them. Only our own export says it: what comes from elsewhere is
// brought to the ways of here instead.
type Kept struct {
	Customer    customer.Customer // ID, State, Name, Groups, Attributes and Created
	Identifiers []customer.Identifier
	PasswordSet time.Time // zero if there is none
	Links       []KeptLink
	Consents    []Consent
	Tags        []string
	Agreements  []Agreement // by kind, document and time; of those to the same, one stands at most
	Owes        *KeptOwed   // nil: they owe no second factor
}

// KeptLink is one of Person.Links with where it is from.
type KeptLink struct {
	customer.Link
	Source  string
	Created time.Time
}

// Consent is what a person allowed an application.
type Consent struct {
	Application, Server string
	Scopes              []string
	Given, Updated      time.Time
}

// What an [Agreement] is about.
const (
	AgreedDocument = "document"
	AgreedPurpose  = "purpose"
)

// Agreement is what a person said to a document, or to a purpose of their data. Its
// names are those of the configuration under which it was said.
type Agreement struct {
	Kind, Document, Version string
	Refused                 bool
	Given                   time.Time
	Withdrawn               time.Time // zero while it holds
	Replaced                bool      // it ended as they said something newer
	Evidence                []byte    // a JSON object in the form of encoding/json; nil if there is none
}

// KeptFactor is what only our own export says of a [Factor].
type KeptFactor struct {
	Slot      int
	Source    string
	Used      int64 // the last time step that was taken, which counts no more
	Confirmed time.Time
	Set       []byte // of Recovery: the set as it was, instead of Codes
}

// KeptPasskey is what only our own export says of a [Passkey].
type KeptPasskey struct {
	Source string
	Used   time.Time
}

// KeptOwed says who said that somebody owes a second factor, and when.
type KeptOwed struct {
	Source  string
	Created time.Time
}
