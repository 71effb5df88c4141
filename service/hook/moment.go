package hook

import (
	"encoding/json"
	"fmt"
	"io"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/store"
)

// Moment is a customer at a point of a journey.
type Moment struct {
	Env         store.EnvironmentID
	Snapshot    *config.Snapshot
	Point       config.Point
	Journey     string
	Application string // that they sign in to; empty: the account pages
	Customer    customer.Customer
	Methods     []string // by which they proved who they are (RFC 8176); may be empty
	Known       bool     // they had signed in on the device
}

// moment is what a hook is asked about, or told. It holds nothing personal but the
// attributes that the hook is listed to be sent.
type moment struct {
	Version     int               `json:"version"`
	Hook        string            `json:"hook"`
	Tenant      string            `json:"tenant"`
	Environment string            `json:"environment"`
	Revision    int64             `json:"revision"`
	Point       string            `json:"point"`
	At          int64             `json:"at"` // unix seconds
	Journey     string            `json:"journey"`
	Application string            `json:"application,omitempty"`
	Customer    string            `json:"customer"`
	Methods     []string          `json:"methods,omitempty"`
	Known       bool              `json:"known_device,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"`
	Agreements  []agreement       `json:"agreements,omitempty"`
}

// agreement is what a customer says to a document or a purpose now.
type agreement struct {
	Kind    store.AgreementKind `json:"kind"`
	Name    string              `json:"name"`
	Version string              `json:"version"`
	Answer  string              `json:"answer"` // yes or no
	Given   int64               `json:"given"`  // unix seconds
}

// letter is a text of either kind as it is signed: a question has Point, what is told has
// Event.
type letter struct {
	Issuer   string  `json:"iss"`
	Audience string  `json:"aud"`
	Issued   int64   `json:"iat"`
	Expires  int64   `json:"exp"`
	ID       string  `json:"jti"`
	Point    *moment `json:"point,omitempty"`
	Event    *moment `json:"event,omitempty"`
}

// momentFor is what one hook is to know of a moment.
func momentFor(h *config.Hook, s *config.Snapshot) moment {
	return moment{Version: Version, Hook: h.Name, Tenant: s.Tenant.Name, Environment: s.Environment, Revision: s.Revision}
}

func (l letter) signed(by Signer, random io.Reader) (string, error) {
	payload, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("encoding what a hook is told: %w", err)
	}
	token, err := by.Sign(random, payload)
	if err != nil {
		return "", fmt.Errorf("signing what a hook is told: %w", err)
	}
	return token, nil
}
