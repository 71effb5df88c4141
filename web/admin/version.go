package admin

import (
	"errors"
	"strconv"
	"strings"
)

// versioned is an answer with the version of what it shows.
type versioned[T any] struct {
	ETag string `header:"ETag" doc:"The version that If-Match of a change names"`
	Body T
}

func sayAt[T any](version string, body T) *versioned[T] {
	return &versioned[T]{ETag: `"` + version + `"`, Body: body}
}

// number spells a version that is one.
func number(version int64) string { return strconv.FormatInt(version, 10) }

// Match is the version that a change is made on (RFC 9110 §13.1.1). It is
// wanted by the network and on the control socket alike: one rule is remembered.
type Match struct {
	IfMatch string `header:"If-Match" maxLength:"200" doc:"ETag of what was seen, or * for whatever is there. Required: without it the answer is 428"`
}

// version gives the version that was seen; empty for any.
func (m Match) version() (string, error) {
	switch tag := strings.TrimSpace(m.IfMatch); {
	case tag == "":
		return "", problem(VersionMissing, "")
	case tag == "*":
		return "", nil
	case len(tag) > 2 && tag[0] == '"' && strings.Count(tag, `"`) == 2 && tag[len(tag)-1] == '"':
		return tag[1 : len(tag)-1], nil
	}
	// A weak one never matches (§13.1.1), and a list of them says that nobody looked.
	return "", problem(Outdated, "If-Match is not one ETag of this API")
}

// number is version for those that are numbers; 0 for any.
func (m Match) number() (int64, error) { return m.numberOf("") }

// numberOf is number for what is found by a name that may lead elsewhere by the
// next request: its version begins with what it is.
func (m Match) numberOf(what string) (int64, error) {
	version, err := m.version()
	if err != nil || version == "" {
		return 0, err
	}
	version, same := strings.CutPrefix(version, what)
	if !same {
		return 0, problem(Outdated, "")
	}
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n <= 0 || version != number(n) {
		return 0, problem(Outdated, "")
	}
	return n, nil
}

// outdated tells a conflict of a change as what it is: the version is not the
// one that was seen.
func (a *api) outdated(m Match, err error) error {
	if errors.Is(err, a.cfg.Faults.Conflict) && strings.TrimSpace(m.IfMatch) != "*" {
		return problem(Outdated, "")
	}
	return err
}
