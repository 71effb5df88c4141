package assess

import "time"

// Version is that of [Report]'s JSON. It rises when a member changes its meaning
// or goes; new members may come without.
const Version = 1

// Report is what an export holds, and what follows from it. Counts are of
// records unless a member says people: those are the records that could be read
// and are not dropped.
type Report struct {
	Version     int          `json:"version"`
	Migration   string       `json:"migration,omitempty"`
	Environment string       `json:"environment,omitempty"`
	At          time.Time    `json:"at"`
	Source      Source       `json:"source"`
	Records     Records      `json:"records"`
	Ways        Ways         `json:"ways_in"`
	States      []Count      `json:"states"`
	Identifiers []Identifier `json:"identifiers"`
	Passwords   Passwords    `json:"passwords"`
	Factors     Factors      `json:"factors"`
	Passkeys    []Party      `json:"passkeys"`
	Links       []Provider   `json:"links"`
	Duplicates  Duplicates   `json:"duplicates"`
	Residency   []Count      `json:"residency"` // by the region where the mapping says that people belong
	Activity    Activity     `json:"activity"`
	Created     []Year       `json:"created"`
	Fields      []Field      `json:"fields"`
	// FieldsBeyond counts what stood in fields that are not listed, because a file
	// had more than MaxFields.
	FieldsBeyond int64     `json:"fields_beyond,omitempty"`
	Held         []Reason  `json:"held"`
	Dropped      []Reason  `json:"dropped"`
	Warnings     []Count   `json:"warnings"`
	Texts        []Trouble `json:"texts"`
	System       *System   `json:"system,omitempty"`
	Gaps         []Gap     `json:"gaps"`
	Proposal     Proposal  `json:"proposal"`
}

// Source is what was read.
type Source struct {
	Format string `json:"format"`
	Title  string `json:"title,omitempty"`
	Files  []File `json:"files"`
}

// File is one of the files of an export.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	Digest string `json:"sha256,omitempty"`
}

// Records says what becomes of them. Accepted, Held and Dropped sum to Total.
type Records struct {
	Total    int64 `json:"total"`
	Accepted int64 `json:"accepted"`
	Held     int64 `json:"held"`
	Dropped  int64 `json:"dropped"`
	// Known counts those that the ledger had already, by their state there; nil:
	// nobody looked.
	Known map[string]int64 `json:"known,omitempty"`
}

// Ways says how those who are accepted come in on the first day. They sum to
// Records.Accepted.
type Ways struct {
	Password  int64 `json:"password"`  // by the password that they have
	Passkey   int64 `json:"passkey"`   // by nothing but a passkey
	Elsewhere int64 `json:"elsewhere"` // only by another provider, such as a social network
	Reset     int64 `json:"reset"`     // by choosing a password: a link to a verified address
	Stuck     int64 `json:"stuck"`     // not without help: nothing proves who they are
}

// Count is how often something is.
type Count struct {
	Name    string `json:"name"`
	Records int64  `json:"records"`
}

// Identifier counts the names of one kind by which people can be found.
type Identifier struct {
	Kind       string `json:"kind"`
	Records    int64  `json:"records"`
	Verified   int64  `json:"verified"`
	Unverified int64  `json:"unverified"`
}

// Portability is what becomes of a password hash.
type Portability string

// The fates of password hashes.
const (
	Verifies Portability = "verifies" // as it is
	Wrapped  Portability = "wrapped"  // as it is, and is put under Argon2id meanwhile, being weak
	Unknown  Portability = "unknown"  // of no known format
	Broken   Portability = "broken"   // does not follow its format
	Costly   Portability = "costly"   // would cost more to verify than is allowed
)

// Passwords says which come along.
type Passwords struct {
	Schemes []Scheme `json:"schemes"`
	// Without are the people who have none in the export.
	Without int64 `json:"without"`
	// WithoutElsewhere are those of them who sign in by another provider.
	WithoutElsewhere int64 `json:"without_elsewhere"`
	// Unjudged had one that was not looked at, as the record cannot be used for
	// another reason.
	Unjudged int64 `json:"unjudged,omitempty"`
	// Expired are those whom the source makes choose a new one.
	Expired int64 `json:"expired,omitempty"`
	// Disputed are records about which the file of hashes says two things.
	Disputed int64 `json:"disputed,omitempty"`
	// Orphans are hashes of somebody who is not in the export.
	Orphans int64 `json:"orphans,omitempty"`
}

// Scheme is one way of hashing.
type Scheme struct {
	Name        string      `json:"name"` // as migrate hashes verify has it; empty if it is not known
	Portability Portability `json:"portability"`
	Records     int64       `json:"records"`
	Costs       []Count     `json:"costs,omitempty"` // by cost, the most frequent first
	CostsBeyond int64       `json:"costs_beyond,omitempty"`
}

// Fate is what becomes of a factor.
type Fate string

// The fates of factors.
const (
	Works Fate = "works" // from the first day
	Kept  Fate = "kept"  // as data: signing in by it is not served yet
	Left  Fate = "left"  // it can never be taken along
)

// Factors says who has a second factor, and who still has one afterwards.
type Factors struct {
	People  int64    `json:"people"`  // who have one at the source
	Keep    int64    `json:"keep"`    // and one that works here from the first day
	Waiting int64    `json:"waiting"` // and none but such as are kept as data
	Lose    int64    `json:"lose"`    // and none any more
	Kinds   []Factor `json:"kinds"`
	Orphans int64    `json:"orphans,omitempty"` // rows about factors of nobody
}

// Factor is one kind of second factor, or of what was left behind.
type Factor struct {
	Kind   string `json:"kind"`
	Fate   Fate   `json:"fate"`
	People int64  `json:"people"`
	Count  int64  `json:"count"`
}

// Reach is whether passkeys of a relying party can be used here.
type Reach string

// The verdicts on passkeys.
const (
	AtOnce     Reach = "at-once"    // people sign in at or below the host for which they were made
	Related    Reach = "related"    // if that host names ours in a file; see WebAuthn's related origins
	Impossible Reach = "impossible" // the host is the vendor's: they are made anew
	Unsaid     Reach = "unsaid"     // nobody said on which hosts people will sign in
)

// Party is who asked for passkeys.
type Party struct {
	ID       string `json:"rp_id"` // empty: the source does not say
	Passkeys int64  `json:"passkeys"`
	People   int64  `json:"people"`
	Reach    Reach  `json:"reach"`
	// Only are people who have neither password nor another provider.
	Only int64 `json:"only"`
}

// Provider is where people are known besides.
type Provider struct {
	Name   string `json:"name"`
	People int64  `json:"people"`
	Only   int64  `json:"only"` // who have no password
}

// Duplicates says what several records claim. The members overlap: a family is
// among those who share an address.
type Duplicates struct {
	Keys      Group `json:"keys"`      // several rows with one key
	Same      Group `json:"same"`      // one e-mail address, spelled alike
	Case      Group `json:"case"`      // one that differs by upper and lower case
	PlusTags  Group `json:"plus_tags"` // mailbox+tag beside mailbox
	Dots      Group `json:"dots"`      // those that differ by dots before the @; told, and not acted upon
	Family    Group `json:"family"`    // one verified address and different names
	Mixed     Group `json:"mixed"`     // one address, verified by some and not by others
	Phones    Group `json:"phones"`    // one phone number
	Usernames Group `json:"usernames"`
	// Cut is set when more than a million values occur several times. Then the
	// members above are of the first of them.
	Cut bool `json:"cut,omitempty"`
}

// Group counts what is shared.
type Group struct {
	Groups   int64     `json:"groups"`
	Records  int64     `json:"records"`
	Examples []Example `json:"examples,omitempty"`
}

// Example points at a record in the source.
type Example struct {
	Key  string `json:"key"`
	Row  int64  `json:"row,omitempty"`
	With int64  `json:"with_row,omitempty"` // of the record with which it shares something
}

// Activity says when people signed in last.
type Activity struct {
	Field   string  `json:"field,omitempty"` // which says so; empty: none does
	Known   int64   `json:"known"`           // people of whom it is said
	Never   int64   `json:"never"`           // of whom it is not said, though of others it is
	Within  []Band  `json:"within"`          // those known, each in the first band that holds them
	Curve   []int64 `json:"curve,omitempty"` // of those known, by periods of 30 days ago; the last: longer
	Unclear int64   `json:"unclear,omitempty"`
}

// Band is how many signed in last within so many days, and not within those of the
// band before; the last has no days and is of those who did longer ago.
type Band struct {
	Days   int   `json:"days,omitempty"`
	People int64 `json:"people"`
}

// Year counts who was registered in it; 0 stands for an unknown one.
type Year struct {
	Year   int   `json:"year"`
	People int64 `json:"people"`
}

// Field is one that the source has.
type Field struct {
	Name     string `json:"name"`
	Filled   int64  `json:"filled"`
	Distinct int64  `json:"distinct"`        // estimated, within some two of a hundred
	Looks    string `json:"looks,omitempty"` // what nearly all of its values are
	Used     bool   `json:"used"`            // the mapping reads it
	To       string `json:"to,omitempty"`    // what the mapping makes of it
	Keep     string `json:"keep,omitempty"`  // move, behind or drop, as the mapping says
	Legal    string `json:"legal,omitempty"` // the reason that the mapping gives
	Personal string `json:"personal,omitempty"`
}

// Reason is why records are held or dropped.
type Reason struct {
	Name     string    `json:"name"`
	Records  int64     `json:"records"`
	Detail   string    `json:"detail,omitempty"` // of the first
	Examples []Example `json:"examples,omitempty"`
}

// Trouble is text that was damaged before it was exported.
type Trouble struct {
	Field   string `json:"field"`
	Kind    string `json:"kind"` // replaced, twice-encoded
	Records int64  `json:"records"`
}

// Discreet takes out the keys and rows of single records, for readers who may not
// see those.
func (r *Report) Discreet() {
	for _, group := range r.Duplicates.all() {
		group.Examples = nil
	}
	for _, list := range [][]Reason{r.Held, r.Dropped} {
		for i := range list {
			list[i].Examples = nil
		}
	}
}

// Named counts the records of which the report tells the key.
func (r *Report) Named() (n int) {
	for _, group := range r.Duplicates.all() {
		n += len(group.Examples)
	}
	for _, list := range [][]Reason{r.Held, r.Dropped} {
		for i := range list {
			n += len(list[i].Examples)
		}
	}
	return n
}

func (d *Duplicates) all() []*Group {
	return []*Group{&d.Keys, &d.Same, &d.Case, &d.PlusTags, &d.Dots, &d.Family, &d.Mixed, &d.Phones, &d.Usernames}
}
