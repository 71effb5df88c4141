package legacy

import (
	"encoding/json"
	"errors"

	"sallyport/pure/cut"
	"sallyport/pure/object"
)

// MaxElement is how many bytes one element may have.
const MaxElement = cut.MaxRow

// Decode reads a JSON object into a struct with json tags. It must be UTF-8, not
// longer than [MaxElement], nested at most object.MaxDepth deep, and have every
// name once. Errors are [*Fault]s.
func Decode(raw []byte, into any) error {
	if len(raw) > MaxElement {
		return &Fault{What: "it is too long"}
	}
	if fault := object.Check(raw); fault != "" {
		return &Fault{What: string(fault)}
	}
	var mistyped *json.UnmarshalTypeError
	switch err := json.Unmarshal(raw, into); {
	case err == nil:
		return nil
	case errors.As(err, &mistyped):
		return &Fault{Where: mistyped.Field, What: "not the kind of value that belongs here"}
	}
	return &Fault{What: "a value that does not make sense"}
}
