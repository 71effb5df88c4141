// Package ndjson reads JSON objects of no particular system: one on each line,
// or the elements of an array. Every value is a field by its path; which of them
// is the key, an address or a password hash, the migration says.
package ndjson

import "sallyport/pure/legacy"

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "ndjson", Title: "JSON objects, one on each line or in an array",
		Frame: legacy.Frame{Kind: legacy.Objects, Members: []string{"users", "data", "items", "records", "results"}},
		New:   func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// Person gives the object's values as fields, and nothing else.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	fields, err := legacy.Flatten(e.Raw)
	return &legacy.Person{Fields: fields}, err
}
