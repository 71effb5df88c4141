package route

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// readBody reads an operation's requestBody.
func (c *compiler) readBody(operation place) *Body {
	at := operation.get("requestBody")
	if at.node == nil {
		return nil
	}
	at, err := c.document.resolve(at)
	if err != nil {
		c.fail(ReferenceBroken, operation.get("requestBody"), err.Error(), "")
		return nil
	}
	body := &Body{Required: at.node.get("required").isTrue(), Description: at.node.get("description").str()}
	at.get("content").fields(func(contentType string, media place) {
		body.ContentTypes = append(body.ContentTypes, mediaType(contentType))
		body.schemas = append(body.schemas, c.readMedia(contentType, media))
	})
	return body
}

func (c *compiler) readMedia(contentType string, media place) *schema {
	at := media.get("schema")
	switch {
	case at.node == nil:
		return nil
	case isJSON(mediaType(contentType)):
		return c.schemas.add(at)
	default:
		c.warn(BodyUnchecked, at, fmt.Sprintf("bodies of type %.80s are passed without checking their schema", contentType),
			"offer a JSON form if the content must be checked")
		return nil
	}
}

// mediaType is a Content-Type without its parameters, in lower case.
func mediaType(contentType string) string {
	essence, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(essence))
}

// isJSON also takes the ranges that JSON falls under, so that a schema under
// */* is not lost on a JSON body.
func isJSON(essence string) bool {
	return essence == "application/json" || strings.HasSuffix(essence, "+json") ||
		essence == "*/*" || essence == "application/*"
}

// find gives the schema for a content type: the exact type, else type/*, else */*.
func (b *Body) find(essence string) (*schema, bool) {
	kind, _, _ := strings.Cut(essence, "/")
	for _, wanted := range []string{essence, kind + "/*", "*/*"} {
		for i, offered := range b.ContentTypes {
			if offered == wanted {
				return b.schemas[i], true
			}
		}
	}
	return nil, false
}

// ValidateBody checks a request body against the operation's description. Only
// JSON is looked into; for other documented content types the type and the size
// are checked. JSON must be UTF-8 without duplicate names. Errors are
// *RequestError. The cost is bounded before the schema is evaluated.
func (m Match) ValidateBody(contentType string, body []byte) error {
	o := m.Operation
	switch {
	case o == nil:
		return &RequestError{Reason: BodyUnexpected}
	case len(body) > o.maxBody:
		return &RequestError{Reason: BodyTooLarge}
	case o.Body == nil && len(body) > 0:
		return &RequestError{Reason: BodyUnexpected}
	case len(body) == 0 && (o.Body == nil || !o.Body.Required):
		return nil
	case len(body) == 0:
		return &RequestError{Reason: BodyMissing}
	}
	essence := mediaType(contentType)
	schema, accepted := o.Body.find(essence)
	if !accepted || strings.Count(essence, "/") != 1 || strings.Contains(essence, "*") {
		return &RequestError{Reason: ContentTypeRefused}
	}
	if schema == nil || !isJSON(essence) {
		return nil
	}
	return schema.checkBody(body)
}

func (s *schema) checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return &RequestError{BodyMalformed, []Violation{{In: "body", What: "it is not UTF-8"}}}
	}
	var counts [maxNesting + 2]uint64 // a name is met before its value is found too deep
	tree, err := readJSON(body, maxBodyNodes, func(depth int, weight uint64) { counts[depth] += weight })
	switch {
	case errors.Is(err, errTooDeep), errors.Is(err, errTooManyValues):
		return &RequestError{Reason: BodyTooComplex}
	case err != nil:
		return &RequestError{BodyMalformed, []Violation{{In: "body", What: malformed(err)}}}
	case s.cost(counts[:]) > maxEffort:
		return &RequestError{Reason: BodyTooComplex}
	}
	if found := s.check("body", "", tree.value()); len(found) > 0 {
		return &RequestError{BodyInvalid, found}
	}
	return nil
}

// malformed keeps the offset of a syntax error and drops its quotation.
func malformed(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("syntax error at byte %d", syntax.Offset)
	}
	return err.Error()
}

// check evaluates a value that is known to be affordable.
func (s *schema) check(in, name string, value any) []Violation {
	err := s.checker.Validate(value)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []Violation{{In: in, Name: name, What: "cannot be checked"}}
	}
	return violations(in, name, invalid, nil)
}
