package hook

import (
	"slices"

	"sallyport/pure/access"
)

// maxAnswer is how long an answer may be, in bytes.
const maxAnswer = 16 << 10

// maxTexts is how many texts a list may have.
const maxTexts = 256

// answer is what a hook said, all of which it may say.
type answer struct {
	remove []access.Scope
	claims map[string]any // string, bool, int64 or []string
}

// judge reads an answer to r: a JSON object (RFC 8259) of
//
//	id      the question's jti
//	remove  scopes to take away; may be left out
//	claims  an object of claims to fill; may be left out
//
// and nothing else, no member twice, nothing deeper. What is not exactly so is
// no answer at all: a hook that says a little too much is broken, or somebody
// else's.
func judge(body []byte, r request) (answer, *fault) {
	raw, f := readAnswer(body)
	if f != nil {
		return answer{}, f
	}
	if !raw.hasID || raw.id != r.ID {
		return answer{}, &fault{Stranger, "the id is missing, or not that of the question"}
	}
	for _, scope := range raw.remove {
		if !slices.Contains(r.Ask.Judges, access.Scope(scope)) {
			return answer{}, &fault{ForeignScope, "it takes away a scope that was not granted, or that it does not judge"}
		}
	}
	a := answer{claims: raw.claims}
	for name, value := range raw.claims {
		i := slices.IndexFunc(r.Ask.Claims, func(c claim) bool { return c.Name == name })
		if i < 0 {
			return answer{}, &fault{ForeignClaim, "it fills a claim that is not declared for it"}
		}
		if !hasType(value, r.Ask.Claims[i].Type) {
			return answer{}, &fault{WrongType, "the claim " + name + " is not of type " + r.Ask.Claims[i].Type}
		}
	}
	for _, scope := range r.Ask.Judges { // in the question's order, each once
		if slices.Contains(raw.remove, string(scope)) {
			a.remove = append(a.remove, scope)
		}
	}
	return a, nil
}

func hasType(value any, name string) bool {
	if name == "" {
		return true // the reader lets in no others
	}
	switch value.(type) {
	case string:
		return name == textType
	case bool:
		return name == boolType
	case int64:
		return name == wholeType
	case []string:
		return name == textsType
	}
	return false
}
