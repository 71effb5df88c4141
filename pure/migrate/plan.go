package migrate

import (
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/cut"
)

// Spec is a migration as its author wrote it. It mirrors the YAML document
// `kind: migration`.
type Spec struct {
	Name   string
	Source Source
	Key    string // source column that names a record for ever
	Fields []Field
	Groups []string // every imported customer's
	Drops  []Drop
	Hash   Hash

	Residency Residency
	States    map[string]string // what states of a system's format become: active, disabled, hold, drop
	LegacyID  string            // column of the old subject, which is kept as a link to the migration

	// What the format must be told besides, and, by setting, the names of secrets.
	Options map[string]string
	Secrets map[string]string

	// The tenant's registries. Nil: not checked. A group that arises from a
	// record and is not known is left out with a warning.
	KnownGroups     []string
	KnownAttributes []string
	// KnownAccountAttributes are registered for accounts, which our own export alone has.
	KnownAccountAttributes []string
	AttributeTypes         map[string]string // text, number, boolean or date, by attribute
}

// Source describes the export.
type Source struct {
	Format    string // "csv", the default, "auth0", or one of [Formats]
	Delimiter string // one character, or \t; default ","
	Null      string // what stands for "nothing", e.g. \N; an empty value always does
	Encoding  string // "utf-8" (default), "windows-1252", "iso-8859-1"
}

// Field maps one source column to one target.
type Field struct {
	From     string
	To       string            // username, email, phone, name, state, group, created, attribute.<name>
	Verified string            // for email and phone: the column that says so
	Values   map[string]string // source value → target value; a closed list if given
	Country  string            // for phone: region of national numbers
	Format   string            // for created: rfc3339 (default), unix, unix-ms, or a Go layout
	Required bool              // a record without it is held

	Type      string   // of an attribute: text (default), number, boolean, date
	With      []string // more columns, whose values are joined behind From's
	Transform []Transform
	Default   string // what it is if the source says nothing; not for identifiers
	Keep      string // move (default), behind, drop
	Reason    string // of behind and drop
}

// Drop leaves records out, with a reason.
type Drop struct {
	Field  string
	Equals []string
	Reason string
}

// Hash says how the source's passwords are hashed.
type Hash struct {
	From     string // column; empty: no passwords are imported
	Scheme   string // "auto" (default), or a parametric scheme such as "salted-sha1"
	Salt     string // column of the salt
	Order    string // "salt-password" (default) or "password-salt"
	Encoding string // of a raw hash: "hex", "base64" or "base64url"; empty: hex or base64, whichever it is
	SaltAs   string // "text" (default), "hex", "base64", "base64url" or "utf16le"

	Rounds     int               // of a raw digest: how often it is repeated; 0 is once
	Charset    string            // into which bytes a password is turned: "utf8" (default), "utf16le", "latin1" …
	Key        string            // name of the secret that keys hmac-…
	Pepper     string            // name of the secret that is put behind each password, or behind the salt of spring-pbkdf2
	SchemeFrom string            // column that tells the scheme of each row
	Schemes    map[string]string // its values → schemes, or auto
}

// Plan is a migration ready to map records. It never changes, so it may be
// shared between goroutines.
type Plan struct {
	name              string
	source            Source
	delimiter         byte
	charset           cut.Charset
	columns           []string // source columns that the plan reads, each once
	key               int      // index in columns, as all below
	fields            []field
	groups            []string
	known             map[string]bool // groups; nil: any
	drops             []drop
	hash              hashing
	objects           *objects // nil: the format is CSV
	foreign           []bool   // by columns: filled from another input
	accountAttributes []string // registered for accounts; nil: any

	system    *system // nil: the format is CSV or Auth0's
	kept      []Kept
	residency residency
	states    map[string]string
	legacyID  int
	secrets   map[string]string // names of secrets, by setting
	given     map[string][]byte // what With gave

	attributes []string // that the tenant has, for people who are kept; nil: any
}

// The formats that are read.
const (
	formatCSV   = "csv"
	formatAuth0 = "auth0"
)

// field is a Field with its columns found.
type field struct {
	Field
	target    target
	attribute string
	from      int
	verified  int // -1: no such column
	with      []int
	joiner    string
	steps     []step
}

type drop struct {
	from   int
	equals map[string]bool
	reason Reason
}

type target string

const (
	toUsername  target = "username"
	toEmail     target = "email"
	toPhone     target = "phone"
	toName      target = "name"
	toState     target = "state"
	toGroup     target = "group"
	toCreated   target = "created"
	toAttribute target = "attribute"
)

// identifies gives the kind of identifier that a target is, "" for the others.
func (t target) identifies() customer.IdentifierKind {
	switch t {
	case toUsername, toEmail, toPhone:
		return customer.IdentifierKind(t)
	}
	return ""
}

// Name is the migration's name.
func (p *Plan) Name() string { return p.name }

// Columns lists the source columns that the plan reads, in the order of
// [Record.Values].
func (p *Plan) Columns() []string { return slices.Clone(p.columns) }

// HasPasswords tells whether the plan takes password hashes along.
func (p *Plan) HasPasswords() bool {
	return p.hash.from >= 0 || p.system != nil && !p.system.format.Generic
}

// column gives the index of a source column, which becomes one that is read.
func (p *Plan) column(name string) int {
	if name == "" {
		return -1
	}
	if at := slices.Index(p.columns, name); at >= 0 {
		return at
	}
	p.columns = append(p.columns, name)
	return len(p.columns) - 1
}

// parseTarget splits attribute.<name> and knows the rest.
func parseTarget(to string) (target, string, bool) {
	if name, found := strings.CutPrefix(to, "attribute."); found {
		return toAttribute, name, name != ""
	}
	switch t := target(to); t {
	case toUsername, toEmail, toPhone, toName, toState, toGroup, toCreated:
		return t, "", true
	}
	return "", "", false
}
