package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/environment"
)

// AgreementProof is what somebody shows who has to prove what a customer agreed to, and
// when: every answer that was ever given, with what shows how.
type AgreementProof struct {
	Environment string            `json:"environment"`
	Customer    customer.ID       `json:"customer"`
	At          time.Time         `json:"at"`
	Agreements  []ProvenAgreement `json:"agreements"` // in the order in which they were given
}

// ProvenAgreement is one answer. Digest stays in the ledger when the customer is erased, so
// that a copy of this proves what was said after that.
type ProvenAgreement struct {
	Agreement
	Withdrawn *time.Time `json:"withdrawn,omitempty"`
	Replaced  bool       `json:"replaced,omitempty"` // by a later answer
	Digest    string     `json:"sha256"`             // as [AgreementDigest] makes it
}

// ProveAgreements writes an [AgreementProof] as JSON.
func (d *Directory) ProveAgreements(ctx context.Context, live *environment.Live, id customer.ID, to io.Writer) error {
	all, err := d.Agreements(ctx, live.ID, id)
	if err != nil {
		return err
	}
	proof := AgreementProof{Environment: live.Name, Customer: id, At: d.cfg.Now().UTC(), Agreements: []ProvenAgreement{}}
	for _, a := range all {
		one := ProvenAgreement{Agreement: agreementOf(a), Replaced: a.Replaced, Digest: AgreementDigest(a)}
		if !a.Withdrawn.IsZero() {
			at := a.Withdrawn.UTC()
			one.Withdrawn = &at
		}
		proof.Agreements = append(proof.Agreements, one)
	}
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(proof); err != nil {
		return fmt.Errorf("writing what %s agreed to: %w", id, err)
	}
	return nil
}
