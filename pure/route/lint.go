package route

import (
	"fmt"
	"slices"
	"strings"
)

// Lint judges the scopes of a table: all findings are warnings, sorted by scope
// or operation within each check. A scope that no policy grants is the
// configuration's to find.
func Lint(t *Table) []Problem {
	var found []Problem
	for _, check := range []func(*Table) []Problem{
		scopesUnused, scopesUndeclared, scopesMisnamed, scopesSingle, scopesAlike, writesUnderRead,
	} {
		found = append(found, check(t)...)
	}
	return found
}

func scopesUnused(t *Table) (found []Problem) {
	for _, scope := range t.scopes {
		if declaration, declared := t.declared[scope]; declared && len(t.reach[scope]) == 0 && !ofOIDC(scope) {
			found = append(found, Problem{
				Warning, ScopeUnused, declaration.Where,
				fmt.Sprintf("the scope %s is declared, and no operation asks for it", scope), "remove it, or use it",
			})
		}
	}
	return found
}

func scopesUndeclared(t *Table) (found []Problem) {
	if len(t.declared) == 0 {
		return nil // only oauth2 schemes can declare, and there is none
	}
	for _, scope := range t.scopes {
		if _, declared := t.declared[scope]; !declared {
			found = append(found, Problem{
				Warning, ScopeUndeclared, t.reach[scope][0].Where,
				fmt.Sprintf("the scope %s is asked for, and no security scheme declares it", scope),
				"declare and describe it: consent pages and the reference show that text",
			})
		}
	}
	return found
}

func scopesMisnamed(t *Table) (found []Problem) {
	for _, scope := range t.scopes {
		if len(t.reach[scope]) > 0 && verb(scope) == "" {
			found = append(found, Problem{
				Warning, ScopeGrammar, t.reach[scope][0].Where,
				fmt.Sprintf("the scope %s is not named app.verb.target with read or write as the verb", scope), "rename it, or open no API with it",
			})
		}
	}
	return found
}

func scopesSingle(t *Table) (found []Problem) {
	if len(t.operations) < 3 {
		return nil // a small API has no choice
	}
	for _, scope := range t.scopes {
		if reached := t.reach[scope]; len(reached) == 1 {
			found = append(found, Problem{
				Warning, ScopeSingle, reached[0].Where,
				fmt.Sprintf("the scope %s opens only %s", scope, reached[0].ID), "share a scope between operations that are granted together",
			})
		}
	}
	return found
}

// scopesAlike compares names pairwise, near the alphabet's order only: names
// that differ by a slip stand close together.
func scopesAlike(t *Table) (found []Problem) {
	const window = 20
	for i, scope := range t.scopes {
		for _, other := range t.scopes[i+1 : min(i+1+window, len(t.scopes))] {
			if alike(string(scope), string(other)) {
				found = append(found, Problem{
					Warning, ScopeNearDuplicate, t.whereOf(other),
					fmt.Sprintf("the scopes %s and %s differ by a letter or by case", scope, other), "keep one of them",
				})
			}
		}
	}
	return found
}

func (t *Table) whereOf(scope Scope) Where {
	if declaration, ok := t.declared[scope]; ok {
		return declaration.Where
	}
	return t.reach[scope][0].Where
}

func writesUnderRead(t *Table) (found []Problem) {
	for _, o := range t.operations {
		if !slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, o.Method) {
			continue
		}
		for _, set := range o.Security.Alternatives {
			if !slices.ContainsFunc(set, func(scope Scope) bool { return verb(scope) != "read" }) {
				found = append(found, Problem{
					Warning, WriteUnderRead, o.Where,
					fmt.Sprintf("%s is a %s and opens to %s, which only reads", o.ID, o.Method, set[0]), "ask for a write scope",
				})
			}
		}
	}
	return found
}

// verb is read or write for a scope named app.verb.target, else empty.
func verb(scope Scope) string {
	parts := strings.Split(string(scope), ".")
	if len(parts) < 3 || slices.Contains(parts, "") || parts[1] != "read" && parts[1] != "write" {
		return ""
	}
	return parts[1]
}

// ofOIDC reports the scopes that OpenID Connect defines; they open no API.
func ofOIDC(scope Scope) bool {
	return slices.Contains([]Scope{"openid", "profile", "email", "address", "phone", "offline_access"}, scope)
}

// alike reports whether two different names become equal by one insertion,
// deletion or replacement of a letter, or but for case and separators. Digits
// do not count: v1 and v2 differ on purpose.
func alike(a, b string) bool {
	fold := strings.NewReplacer("-", ".", "_", ".")
	if strings.EqualFold(fold.Replace(a), fold.Replace(b)) {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case i == len(b) || '0' <= b[i] && b[i] <= '9':
		return false
	case len(a) == len(b):
		return a[i+1:] == b[i+1:] && i > 0
	}
	return len(b) == len(a)+1 && a[i:] == b[i+1:]
}
