package oauth

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Bounds of a query or form.
const (
	// MaxParametersBytes is the longest query or body; servers limit their body
	// readers by it.
	MaxParametersBytes = 64 << 10
	// MaxParameters counts pairs, repetitions included.
	MaxParameters = 64
	// MaxRepeats is how often resource or audience may stand in one request.
	MaxRepeats = 16
)

// Parameters are those of one request. The zero value is an empty request. They are
// immutable and may be shared between goroutines.
type Parameters struct{ values map[string][]string }

// ParseParameters reads a query, or a body of type
// application/x-www-form-urlencoded. A parameter without a value counts as omitted; a
// parameter that stands there twice is refused, with or without
// values (RFC 6749 §3.1, §3.2). Only resource and audience may repeat (RFC 8707
// §2, RFC 8693 §2.1). Refusals are an *Error with invalid_request.
func ParseParameters(raw string) (Parameters, error) {
	if len(raw) > MaxParametersBytes {
		return Parameters{}, InvalidRequest(fmt.Sprintf("the request is longer than %d bytes", MaxParametersBytes))
	}
	if strings.Count(raw, "&") > 2*MaxParameters {
		return Parameters{}, tooManyParameters()
	}
	found := collector{values: make(map[string][]string)}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, err := decodePair(pair)
		if err != nil {
			return Parameters{}, err
		}
		if err := found.add(name, value); err != nil {
			return Parameters{}, err
		}
	}
	return found.parameters(), nil
}

// ParametersFromValues applies the rules of ParseParameters to values that are
// already decoded.
func ParametersFromValues(values url.Values) (Parameters, error) {
	found := collector{values: make(map[string][]string)}
	size := 0
	for name, all := range values {
		for _, value := range all {
			if size += len(name) + len(value); size > MaxParametersBytes {
				return Parameters{}, InvalidRequest(fmt.Sprintf("the request is longer than %d bytes", MaxParametersBytes))
			}
			if err := checkText(name, value); err != nil {
				return Parameters{}, err
			}
			if err := found.add(name, value); err != nil {
				return Parameters{}, err
			}
		}
	}
	return found.parameters(), nil
}

// Get gives the value of name, the first one if it may repeat, or "".
func (p Parameters) Get(name string) string {
	if all := p.values[name]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// Has reports whether name has a value.
func (p Parameters) Has(name string) bool { return len(p.values[name]) > 0 }

// All gives a copy of all values of name.
func (p Parameters) All(name string) []string { return append([]string(nil), p.values[name]...) }

// Values gives a copy in the standard library's form, to store or to encode. It
// holds secrets as they are.
func (p Parameters) Values() url.Values {
	values := make(url.Values, len(p.values))
	for name := range p.values {
		values[name] = p.All(name)
	}
	return values
}

// Format prints the number of parameters only: their values may be secrets.
func (p Parameters) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "[%d parameters]", len(p.values))
}

// collector gathers pairs and counts them.
type collector struct {
	values map[string][]string
	count  int
}

func (c *collector) add(name, value string) error {
	if c.count++; c.count > MaxParameters {
		return tooManyParameters()
	}
	before, found := c.values[name]
	if found && name != "resource" && name != "audience" {
		return InvalidRequest("parameter " + safeName(name) + " is repeated")
	}
	if len(before) >= MaxRepeats {
		return InvalidRequest(fmt.Sprintf("parameter %s is there more than %d times", name, MaxRepeats))
	}
	if value == "" {
		// Remembered without a value, so that a second one is still a repetition.
		c.values[name] = before
		return nil
	}
	c.values[name] = append(before, value)
	return nil
}

func (c *collector) parameters() Parameters {
	for name, all := range c.values {
		if len(all) == 0 {
			delete(c.values, name)
		}
	}
	return Parameters{values: c.values}
}

func tooManyParameters() *Error {
	return InvalidRequest(fmt.Sprintf("more than %d parameters", MaxParameters))
}

func decodePair(pair string) (name, value string, err error) {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	name, nameErr := url.QueryUnescape(rawName)
	if nameErr != nil {
		return "", "", InvalidRequest("a parameter name is not form-encoded")
	}
	// Some servers split at semicolons and some do not: such a request would mean
	// different things to us and to whatever stands in front of us.
	value, valueErr := url.QueryUnescape(rawValue)
	if valueErr != nil || strings.Contains(pair, ";") {
		return "", "", InvalidRequest("parameter " + safeName(name) + " is not form-encoded")
	}
	return name, value, checkText(name, value)
}

func checkText(name, value string) error {
	if name == "" {
		return InvalidRequest("a parameter has no name")
	}
	if !isText(name) || !isText(value) {
		return InvalidRequest("parameter " + safeName(name) + " is not text")
	}
	return nil
}

// isText refuses invalid UTF-8 and NUL, which no parameter needs and databases dislike.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// safeName shortens a name that a stranger chose, for use in an error.
func safeName(name string) string {
	if len(name) > 64 {
		name = name[:64]
	}
	return safeText(name)
}
