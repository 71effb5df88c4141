package access

// Expectation is a statement about what applications can obtain, kept as data with
// who made it and why, and judged against every model.
type Expectation struct {
	Must   Must   `json:"must"`
	Owner  string `json:"owner,omitempty"`  // who answers for it
	Reason string `json:"reason,omitempty"` // in a sentence
	// Application is whom Never, Ever and Only speak of; empty: any future one.
	Application ApplicationID `json:"application,omitempty"`
	// Scopes are what Never, Ever and NobodyBut speak of, each by itself, and all
	// that Only and Exactly leave the application.
	Scopes []Scope `json:"scopes,omitempty"`
	// Applications are the only ones that may have what NobodyBut speaks of. The
	// future one is never among them.
	Applications []ApplicationID `json:"applications,omitempty"`
	// Place is where it was read, such as "row 3, column 2".
	Place string `json:"place,omitempty"`
}

// Must is what an expectation says.
type Must string

// The statements.
const (
	// MustNever: the application obtains none of the scopes, in any context.
	MustNever Must = "never"
	// MustObtain: the application obtains each of the scopes, in some context.
	MustObtain Must = "obtain"
	// MustOnly: the application obtains nothing but the scopes, and what is below
	// them.
	MustOnly Must = "only"
	// MustExactly: the application obtains each of the scopes, and nothing else than
	// what is below them.
	MustExactly Must = "exactly"
	// MustNobodyBut: nobody but the applications obtains any of the scopes.
	MustNobodyBut Must = "nobody-but"
)
