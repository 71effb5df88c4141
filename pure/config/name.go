package config

import (
	"fmt"
	"strings"
)

const (
	maxName = 63
	nameFix = "use lower-case letters, digits and single dashes, beginning with a letter, up to 63"
)

// Reserved tells whether the first part of a path below an environment's URL
// belongs to its pages, and neither to an authorization server nor to another
// environment. Names that begin with a dot, such as .well-known (RFC 8615), are
// outside the grammar of servers' names anyway.
func Reserved(part string) bool {
	switch part {
	case "signin", "signout", "register", "recover", "assets", "healthz",
		"admin", "console", "account", "portal", "desk":
		return true
	}
	return false
}

// ValidName tells whether a name is within the grammar of objects of configuration.
func ValidName(name string) bool { return checkName(name) == "" }

// checkName is why a name is outside the grammar; empty if it is not.
func checkName(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case len(name) > maxName:
		return fmt.Sprintf("it has more than %d characters", maxName)
	case name[0] < 'a' || name[0] > 'z':
		return "it does not begin with a lower-case letter"
	case strings.HasSuffix(name, "-"):
		return "it ends with a dash"
	case strings.Contains(name, "--"):
		return "it has two dashes in a row"
	}
	for _, c := range name {
		if !isNameRune(c) {
			return fmt.Sprintf("%q may not stand in it", c)
		}
	}
	return ""
}

func isNameRune(c rune) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' }

// checkKey is checkName for what may also have underscores, as claims,
// attributes and variables do.
func checkKey(name string) string {
	if strings.HasPrefix(name, "_") || strings.HasSuffix(name, "_") || strings.Contains(name, "__") {
		return "it has an underscore at its edge, or two in a row"
	}
	return checkName(strings.ReplaceAll(name, "_", "-"))
}

// scopeParts reads app.verb.target; reason says why it cannot.
func scopeParts(scope string) (verb, reason string) {
	parts := strings.Split(scope, ".")
	if len(parts) != 3 {
		return "", "it has not the three parts of app.verb.target"
	}
	for _, part := range parts {
		if reason := checkName(part); reason != "" {
			return "", fmt.Sprintf("%.40q: %s", part, reason)
		}
	}
	if parts[1] != "read" && parts[1] != "write" {
		return "", fmt.Sprintf("its verb %q is neither read nor write", parts[1])
	}
	return parts[1], ""
}
