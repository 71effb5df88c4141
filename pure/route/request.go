package route

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// RequestReason names why a request does not fit its operation.
type RequestReason string

// The reasons of a RequestError.
const (
	BodyTooLarge       RequestReason = "body too large"
	BodyTooComplex     RequestReason = "body too complex to check"
	BodyMissing        RequestReason = "body missing"
	BodyUnexpected     RequestReason = "body not expected"
	BodyMalformed      RequestReason = "body is not well-formed JSON"
	BodyInvalid        RequestReason = "body does not fit the schema"
	ContentTypeRefused RequestReason = "content type not accepted"
	ParameterInvalid   RequestReason = "parameter not valid"
)

// RequestError says how a request fails its operation's description. It quotes
// the document, names of properties (shortened) and positions, never values, so
// that it may be shown to the caller and logged.
type RequestError struct {
	Reason     RequestReason
	Violations []Violation // at most eight; none where the reason says it all
}

// Violation is one mismatch.
type Violation struct {
	In      string // body, path or query
	Name    string // of the parameter; empty for a body
	Pointer string // JSON pointer into the value; empty is the value itself
	What    string
}

// Error is the reason and the first violation.
func (e *RequestError) Error() string {
	if len(e.Violations) == 0 {
		return string(e.Reason)
	}
	v := e.Violations[0]
	at := v.In
	if v.Name != "" {
		at += fmt.Sprintf(" %.40q", v.Name)
	}
	if v.Pointer != "" {
		at += " at " + v.Pointer
	}
	return fmt.Sprintf("%s: %s: %s", e.Reason, at, v.What)
}

// violations turns the library's tree of causes into a flat list.
func violations(in, name string, err *jsonschema.ValidationError, found []Violation) []Violation {
	_, either := err.ErrorKind.(*kind.AnyOf)
	one, exclusive := err.ErrorKind.(*kind.OneOf)
	switch {
	case len(found) == maxViolations:
		return found
	case either, exclusive && len(one.Subschemas) == 0 && len(err.Causes) != 1:
		// Why each alternative failed would be a list of guesses.
	case len(err.Causes) > 0:
		for _, cause := range err.Causes {
			found = violations(in, name, cause, found)
		}
		return found
	}
	return append(found, Violation{in, name, pointerTo(err.InstanceLocation), explainKind(err.ErrorKind)})
}

func pointerTo(location []string) string {
	var b strings.Builder
	for _, token := range location {
		b.WriteString("/" + escapePointer(short(token)))
	}
	if b.Len() > 200 {
		return b.String()[:200] + "..."
	}
	return b.String()
}

// short keeps a name that a caller chose from filling a message.
func short(name string) string {
	if len(name) > 40 {
		return strings.ToValidUTF8(name[:40], "") + "..."
	}
	return name
}

func shortList(names []string) string {
	var quoted []string
	for _, name := range names[:min(len(names), 5)] {
		quoted = append(quoted, fmt.Sprintf("%q", short(name)))
	}
	return strings.Join(quoted, ", ")
}

// explainKind words a mismatch without quoting the value.
func explainKind(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("is of type %s, not %s", k.Got, strings.Join(k.Want, " or "))
	case *kind.Required:
		return "lacks " + shortList(k.Missing)
	case *kind.AdditionalProperties:
		return "has properties that are not allowed: " + shortList(k.Properties)
	case *kind.DependentRequired:
		return fmt.Sprintf("lacks %s, which %q needs", shortList(k.Missing), short(k.Prop))
	case *kind.Enum:
		return "is none of the allowed values"
	case *kind.Const:
		return "is not the allowed value"
	case *kind.Pattern:
		return fmt.Sprintf("does not match the pattern %.100q", k.Want)
	case *kind.Format:
		return "is not of the format " + k.Want
	case *kind.AnyOf:
		return "fits none of the alternatives"
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			return "fits more than one of the alternatives"
		}
		return "fits none of the alternatives"
	case *kind.Not:
		return "is what the schema excludes"
	case *kind.FalseSchema:
		return "is not allowed"
	}
	return explainSize(k)
}

func explainSize(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinLength:
		return fmt.Sprintf("is shorter than %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("is longer than %d characters", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("has fewer than %d items", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has more than %d items", k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("has fewer than %d properties", k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("has more than %d properties", k.Want)
	case *kind.UniqueItems:
		return "has equal items"
	case *kind.Minimum:
		return "is less than " + k.Want.RatString()
	case *kind.Maximum:
		return "is more than " + k.Want.RatString()
	case *kind.ExclusiveMinimum:
		return "is not more than " + k.Want.RatString()
	case *kind.ExclusiveMaximum:
		return "is not less than " + k.Want.RatString()
	case *kind.MultipleOf:
		return "is not a multiple of " + k.Want.RatString()
	}
	return "does not satisfy " + strings.Join(k.KeywordPath(), "/")
}
