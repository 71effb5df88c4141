// Package ndjson reads JSON objects of no particular system: one on each line,
// the elements of a list, or of a list within documents, as pages of an API are.
// Every value is a field by its path; which of them is the key, an address or a
// password hash, the migration says.
package ndjson

import "sallyport/pure/legacy"

// List is the option that names the list of people within a document, and None
// its value if there is none: every object is a person.
const (
	List = "list"
	None = "none"
)

// Format describes it.
func Format() legacy.Format {
	return legacy.Format{
		Name: "ndjson", Title: "JSON objects, one on each line or in a list",
		Frame:   legacy.Frame{Kind: legacy.Objects, Members: []string{"users", "people", "customers", "records", "results", "items", "data"}},
		Options: []legacy.Option{{Name: List, About: "the member of a document that lists its people; by default one of users, people, customers, records, results, items, data; none: there is no such list"}},
		Generic: true,
		New:     func(legacy.Settings) (legacy.Reader, error) { return reader{}, nil },
	}
}

type reader struct{}

// Person gives the object's values as fields, and nothing else.
func (reader) Person(e legacy.Element) (*legacy.Person, error) {
	fields, err := legacy.Flatten(e.Raw)
	return &legacy.Person{Fields: fields}, err
}
