package access

import (
	"fmt"
	"slices"
)

// ScopeKind says whether a scope reads or writes, and whether it belongs to a
// customer or to the system. The zero kind is refused by [Compile].
type ScopeKind int

// The four kinds, and OpenID Connect's own.
const (
	// CustomerRead and CustomerWrite are granted only with a signed-in customer.
	CustomerRead ScopeKind = iota + 1
	CustomerWrite
	// SystemRead and SystemWrite are granted only by client credentials.
	SystemRead
	SystemWrite
	// OIDC marks the six scopes of OpenID Connect. They open no API, and stand
	// outside ceilings, rules and defaults.
	OIDC
)

var kindNames = [...]string{"", "customer-read", "customer-write", "system-read", "system-write", "oidc"}

// String gives the kind as configuration spells it, such as "customer-read".
func (k ScopeKind) String() string {
	if k < CustomerRead || k > OIDC {
		return fmt.Sprintf("kind(%d)", int(k))
	}
	return kindNames[k]
}

// Customer reports whether the scope needs a signed-in customer.
func (k ScopeKind) Customer() bool { return k == CustomerRead || k == CustomerWrite }

// System reports whether the scope is for machines only.
func (k ScopeKind) System() bool { return k == SystemRead || k == SystemWrite }

// reads reports whether the scope only reads.
func (k ScopeKind) reads() bool { return k == CustomerRead || k == SystemRead }

// MarshalText gives the name that [ScopeKind.UnmarshalText] reads.
func (k ScopeKind) MarshalText() ([]byte, error) {
	if k < CustomerRead || k > OIDC {
		return nil, fmt.Errorf("access: %v has no name", k)
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads "customer-read", "customer-write", "system-read",
// "system-write" or "oidc".
func (k *ScopeKind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[1:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown scope kind %.40q", text)
	}
	*k = ScopeKind(i + 1)
	return nil
}
