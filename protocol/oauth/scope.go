package oauth

import (
	"fmt"
	"strings"
)

// Scope is one scope token (RFC 6749 §3.3).
type Scope string

// Scopes that OpenID Connect defines (Core §5.4 and §11).
const (
	ScopeOpenID        Scope = "openid"
	ScopeProfile       Scope = "profile"
	ScopeEmail         Scope = "email"
	ScopeAddress       Scope = "address"
	ScopePhone         Scope = "phone"
	ScopeOfflineAccess Scope = "offline_access"
)

// Bounds of a scope parameter.
const (
	// MaxScopes counts repetitions, too.
	MaxScopes = 200
	// MaxScopeBytes is the length of the whole parameter.
	MaxScopeBytes = 8 << 10
)

// ParseScopes splits a scope parameter at its spaces and drops repetitions, keeping the order.
// The empty string gives nil. Another character than those of RFC 6749
// §3.3, or more than MaxScopes or MaxScopeBytes, is an *Error with
// invalid_scope. The time is linear, and an oversized parameter costs nothing.
func ParseScopes(s string) ([]Scope, error) {
	if len(s) > MaxScopeBytes {
		return nil, InvalidScope(fmt.Sprintf("scope is longer than %d bytes", MaxScopeBytes))
	}
	tokens := strings.Split(s, " ")
	seen := make(map[Scope]bool, min(len(tokens), MaxScopes))
	var scopes []Scope
	count := 0
	for _, token := range tokens {
		if token == "" {
			continue
		}
		if count++; count > MaxScopes {
			return nil, InvalidScope(fmt.Sprintf("more than %d scopes", MaxScopes))
		}
		scope := Scope(token)
		if !scope.Valid() {
			return nil, InvalidScope("scope has a character that is not allowed")
		}
		if !seen[scope] {
			seen[scope] = true
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// FormatScopes joins scopes as a scope parameter.
func FormatScopes(scopes []Scope) string {
	var b strings.Builder
	for i, scope := range scopes {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(scope))
	}
	return b.String()
}

// Valid reports whether s is a scope-token: 1*( %x21 / %x23-5B / %x5D-7E ).
func (s Scope) Valid() bool {
	for i := range len(s) {
		if s[i] == ' ' || !isTextByte(s[i]) {
			return false
		}
	}
	return s != ""
}
