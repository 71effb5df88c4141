package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// OperatorRole is one role of one operator at one place. Operators live in
// [System]; an empty part of the place means everything below what is named
// before it, so that three empty ones mean the installation.
type OperatorRole struct {
	Operator    customer.ID
	Role        string // meaning is service/operator's
	Tenant      string
	Environment string
	Server      string // authorization server
	Since       time.Time
}

// OperatorLink lets whoever holds its secret set a password once: for the
// operator that its role names, or for a new one, who then has the role.
type OperatorLink struct {
	Hash    [32]byte     // SHA-256 of the secret
	Role    OperatorRole // a zero Operator: a new one; an empty Role: no role is given
	By      string       // who made it
	Anew    bool         // the operator's second factors go with the password
	Created time.Time
	Expires time.Time
}

// Operators reads what operators may do.
type Operators interface {
	// OperatorRoles lists the roles of one operator, or of all for the zero id,
	// by operator, role and place.
	OperatorRoles(ctx context.Context, env EnvironmentID, operator customer.ID) ([]OperatorRole, error)
	// OperatorLink reads one, expired ones too; [ErrNotFound].
	OperatorLink(ctx context.Context, env EnvironmentID, hash [32]byte) (OperatorLink, error)
}

// OperatorWriter changes what operators may do.
type OperatorWriter interface {
	// PutOperatorRole gives a role; [ErrExists] if the operator has it there.
	PutOperatorRole(ctx context.Context, r OperatorRole) error
	// DeleteOperatorRole takes it; [ErrNotFound]. Since is not looked at.
	DeleteOperatorRole(ctx context.Context, r OperatorRole) error
	// PutOperatorLink stores l; [ErrExists].
	PutOperatorLink(ctx context.Context, l OperatorLink) error
	// TakeOperatorLink spends a link: of several who try, one succeeds.
	// [ErrNotFound].
	TakeOperatorLink(ctx context.Context, hash [32]byte) error
}
