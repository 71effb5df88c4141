package legacy

import "fmt"

// Format is how one system writes its people down. It never changes, so it may
// be shared between goroutines.
type Format struct {
	Name     string // as configuration names it, such as "keycloak"
	Title    string // for people: "Keycloak, realm or directory export"
	Frame    Frame
	Options  []Option
	Defaults []Mapping // what its fields mean if the migration maps nothing
	Nobody   []Nobody  // what stands among people and is none, unless the migration drops by that field itself
	// Generic: the fields mean nothing by themselves. The migration says which one
	// is the key, and which holds a password hash.
	Generic bool
	// New gives a reader for what the migration says of the source. Settings were
	// checked against Options before: required ones are there, unknown ones are not.
	New func(Settings) (Reader, error)
}

// Reader makes persons of elements. It keeps no state between two of them and is
// safe for concurrent use.
type Reader interface {
	// Person reads one element. Errors are [*Fault]s; what can be read of the
	// person beside one, such as the key, is given all the same.
	Person(e Element) (*Person, error)
}

// Option is something that a format must be told besides the file.
type Option struct {
	Name     string
	Secret   bool // its value comes from the secrets of the environment, never from a file of configuration
	Required bool
	Default  string
	About    string // one line for people
}

// Settings are the options of one migration. Missing ones have their default.
type Settings struct {
	Options map[string]string
	Secrets map[string][]byte
}

// Mapping says what one field means: the form of a line of a migration's map.
type Mapping struct {
	From     string
	To       string // as in a migration: username, email, phone, name, created, attribute.<name> …
	Verified string // field that says whether the address was proved
	Format   string // of created
}

// Nobody says by which value of a field an element is no person, and what it is: the form
// of a line of a migration's drop.
type Nobody struct {
	Field  string
	Value  string
	Reason string // in lower-case letters, digits and dashes
}

// FrameKind is how a file is cut into elements.
type FrameKind string

// The kinds of frame.
const (
	// Objects are JSON objects: one on each line, or the elements of an array,
	// which is the whole file or a member of that is named by Frame.Members. Files
	// that were written one behind the other are read as one.
	Objects FrameKind = "objects"
	// Rows are rows of a table: CSV with a header, or JSON objects whose members
	// are the columns.
	Rows FrameKind = "rows"
	// Bare rows are CSV without a header: Frame.Columns names the columns.
	Bare FrameKind = "bare"
	// Entries are LDIF (RFC 2849).
	Entries FrameKind = "entries"
)

// Frame says how a file is cut into elements.
type Frame struct {
	Kind    FrameKind
	Members []string // of Objects: names of the arrays that hold people, such as "users"
	// Apart, of Objects, are names that only documents have which are no person
	// themselves, such as "realm".
	Apart   []string
	Columns []string // of Bare rows
	// Loose, of Rows and Bare, takes quotes as people write them: one that does
	// not begin a value is a character, and a backslash takes the next one as it is.
	Loose bool
	// Verbatim, of loose rows, keeps backslashes. Within quotes the character behind one
	// is no quote, as in JSON that was written with its own quotes alone doubled.
	Verbatim bool
}

// Element is one person's part of a file.
type Element struct {
	Raw    []byte   // of Objects and Entries: unfolded lines for the latter
	Names  []string // of Rows and Bare: the columns
	Values []string // beside Names

	Second bool // a running system says besides that they need a second factor
}

// Fault says what is wrong with an element, for a person, and repeats no value.
type Fault struct {
	Where string // the field, as far as it is known
	What  string
}

// Error gives both in a line.
func (f *Fault) Error() string {
	if f.Where == "" {
		return f.What
	}
	return fmt.Sprintf("%s: %s", f.Where, f.What)
}
