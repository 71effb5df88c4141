package backup

import (
	"context"
	"errors"
	"fmt"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Sealer opens what lies sealed in a store: keyring.Master has it.
type Sealer interface {
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Ledgers checks the audit chains: audit.Prover has it.
type Ledgers interface {
	Verify(ctx context.Context, env store.EnvironmentID) (*audit.Verdict, error)
}

// Restored is a store that was made of a backup, with the master key of the
// installation.
type Restored struct {
	Store   store.Reader
	Sealer  Sealer
	Ledgers Ledgers
	// Prove checks that the master key is the one of the store.
	Prove func(ctx context.Context) error
}

// Finding tells what a look through a restored store came to.
type Finding struct {
	Environments int
	Chains       int      // audit chains that hold together
	Passwords    int      // password hashes that opened and can be verified
	Factors      int      // second factors that opened
	Problems     []string // empty: the backup is good
}

// sample is how many customers of each environment are looked at closely.
const sample = 50

// Examine looks through a restored store: whether the master key is its own, every
// audit chain of every environment holds together, and people could sign in: of some
// customers of each environment the passwords and factors are opened. An error means
// that it could not be looked at.
func Examine(ctx context.Context, r Restored) (*Finding, error) {
	f := &Finding{}
	if err := r.Prove(ctx); err != nil {
		f.find("the master key is not the one of this installation: nothing sealed can be opened")
		return f, nil
	}
	environments, err := r.Store.Environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range environments {
		f.Environments++
		verdict, err := r.Ledgers.Verify(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		f.Chains += verdict.Chains
		for _, finding := range verdict.Findings {
			f.find("audit ledger of %s/%s: %s", e.Tenant, e.Name, finding.What)
		}
		if err := r.people(ctx, e, f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *Finding) find(format string, args ...any) {
	const most = 100
	if len(f.Problems) < most {
		f.Problems = append(f.Problems, fmt.Sprintf(format, args...))
	}
}

// people opens what some customers of an environment sign in with.
func (r Restored) people(ctx context.Context, e store.Environment, f *Finding) error {
	rows, err := r.Store.FindCustomers(ctx, e.ID, store.CustomerPage{Limit: sample})
	if err != nil {
		return err
	}
	for i := range rows {
		if err := r.person(ctx, e.ID, rows[i].Customer.ID, f); err != nil {
			return err
		}
	}
	return nil
}

func (r Restored) person(ctx context.Context, env store.EnvironmentID, id customer.ID, f *Finding) error {
	credential, err := r.Store.Credential(ctx, env, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	default:
		f.Passwords += f.opens(r.password(ctx, env, credential), "the password of %s", id)
	}
	factors, err := r.Store.Factors(ctx, env, id)
	if err != nil {
		return err
	}
	for _, factor := range factors {
		_, err := r.Sealer.Open(ctx, env, "factor/"+hexOf(factor.ID), factor.Sealed)
		f.Factors += f.opens(err, "a second factor of %s", id)
	}
	return nil
}

func (r Restored) password(ctx context.Context, env store.EnvironmentID, c store.Credential) error {
	encoded, err := r.Sealer.Open(ctx, env, "credential/"+c.Customer.String(), c.Sealed)
	if err != nil {
		return err
	}
	_, err = passhash.Parse(string(encoded))
	return err
}

// opens counts what opened, and notes what did not.
func (f *Finding) opens(err error, what string, id customer.ID) int {
	if err == nil {
		return 1
	}
	f.find(what+" does not open", id)
	return 0
}

func hexOf(id store.FactorID) string { return fmt.Sprintf("%x", id[:]) }
