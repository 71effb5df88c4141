package config

// Migration says what a legacy source becomes: `kind: migration`.
type Migration struct {
	Meta   `yaml:",inline"`
	Source SourceSpec  `yaml:"source"`
	Key    string      `yaml:"key"` // source field that names a record for ever
	Map    []FieldSpec `yaml:"map"`
	Groups []string    `yaml:"groups"` // every imported customer's
	Drop   []DropSpec  `yaml:"drop"`
	Hash   HashSpec    `yaml:"hash"`

	States    map[string]string `yaml:"states"`    // what states of the source become: active, disabled, hold, drop
	Residency ResidencySpec     `yaml:"residency"` // whose data may be kept here
	LegacyID  string            `yaml:"legacy_id"` // source field of the old subject, which is kept

	Backup string `yaml:"backup"` // how old a verified backup may be before an import: a duration, or none; default 24h where protected, else none

	Connection *Connection `yaml:"connection"` // how the running system is reached
	JIT        *JIT        `yaml:"jit"`        // whether people are taken along as they sign in

	Duplicates []DuplicateSpec `yaml:"duplicates"` // who is who, where records claim one identifier
}

// SourceSpec describes the file that is read.
type SourceSpec struct {
	Format    string `yaml:"format"`    // csv, auth0, or another system's
	Delimiter string `yaml:"delimiter"` // default ","
	Null      string `yaml:"null"`      // what stands for "nothing", e.g. \N
	Encoding  string `yaml:"encoding"`  // utf-8 (default), windows-1252, iso-8859-1

	Options map[string]string `yaml:"options"` // what the format must be told besides
	Secrets map[string]string `yaml:"secrets"` // the same for secrets: option → name of a secret
}

// FieldSpec maps one source field to one target.
type FieldSpec struct {
	From     string            `yaml:"from"`
	To       string            `yaml:"to"`       // username, email, phone, name, state, group, created, attribute.<name>
	Verified string            `yaml:"verified"` // for email and phone: the source field that says so; absent: unverified
	Values   map[string]string `yaml:"values"`   // source value → target value
	Country  string            `yaml:"country"`  // for phone: default region
	Format   string            `yaml:"format"`   // for created and dates: rfc3339, unix, unix-ms, or a Go layout
	Required bool              `yaml:"required"` // a record without it is held

	Type      string          `yaml:"type"`      // of an attribute: text (default), number, boolean, date
	With      []string        `yaml:"with"`      // more source fields, joined behind from's
	Transform []TransformSpec `yaml:"transform"` // steps that bring the value into shape
	Default   string          `yaml:"default"`   // if the source says nothing
	Keep      string          `yaml:"keep"`      // move (default), behind, drop
	Reason    string          `yaml:"reason"`    // of behind and drop
}

// TransformSpec is one step that brings a value into shape.
type TransformSpec struct {
	Do     string `yaml:"do"`     // trim, lower, upper, title, digits, collapse, prefix, strip, replace, split, join, phone, date, instant, boolean
	Text   string `yaml:"text"`   // of prefix, strip, split, join
	Find   string `yaml:"find"`   // of replace: RE2
	With   string `yaml:"with"`   // of replace
	Format string `yaml:"format"` // of date, instant
	Region string `yaml:"region"` // of phone
	Part   int    `yaml:"part"`   // of split: from 1, or from -1 from the end
}

// ResidencySpec pins people to a region.
type ResidencySpec struct {
	From      string            `yaml:"from"`
	Values    map[string]string `yaml:"values"`    // source value → region
	Accepts   []string          `yaml:"accepts"`   // regions whose people may be kept here
	Otherwise string            `yaml:"otherwise"` // hold (default), drop
}

// DropSpec leaves records out, with a reason.
type DropSpec struct {
	Field  string   `yaml:"field"`
	Equals []string `yaml:"equals"`
	Reason string   `yaml:"reason"`
}

// Expectations says what must and must not be obtainable, and who answers for
// that: `kind: expectations`. It changes no decision; package expect judges it.
type Expectations struct {
	Meta       `yaml:",inline"`
	Server     string          `yaml:"server"` // of the sheet, and of statements about scopes that name none
	Owner      string          `yaml:"owner"`  // who answers for it
	Reason     string          `yaml:"reason"` // of the sheet, and of statements without their own
	Sheet      string          `yaml:"sheet" config:"asset"`
	Statements []StatementSpec `yaml:"statements" config:"set"`
}

// StatementSpec is one statement. It speaks of scopes or of operations, never of both
// but where Scope says which scope opens the operations.
type StatementSpec struct {
	Must         string   `yaml:"must"`         // never, obtain, only, exactly, nobody-but
	Server       string   `yaml:"server"`       // default: the list's
	Application  string   `yaml:"application"`  // whom it is about; or "any future application"
	Applications []string `yaml:"applications"` // the only ones, of nobody-but
	Scope        string   `yaml:"scope"`        // opens exactly the operations
	Scopes       []string `yaml:"scopes"`
	Operations   []string `yaml:"operations"` // as api/operationId
	Reason       string   `yaml:"reason"`
}

// HashSpec says how the source's passwords are hashed.
type HashSpec struct {
	From     string `yaml:"from"`     // source field; absent: no passwords are imported
	Scheme   string `yaml:"scheme"`   // auto (self-describing), or a parametric scheme such as salted-sha1
	Salt     string `yaml:"salt"`     // source field of the salt
	Order    string `yaml:"order"`    // salt-password (default) or password-salt
	Encoding string `yaml:"encoding"` // hex, base64 or base64url; default: hex or base64
	SaltAs   string `yaml:"salt_as"`  // text (default), hex, base64, base64url, utf16le: how the salt field becomes bytes

	Rounds     int               `yaml:"rounds"`      // of a raw digest; default 1
	Charset    string            `yaml:"charset"`     // of the password: utf8 (default), utf16le, ucs2, latin1, ascii, binary
	Key        string            `yaml:"key"`         // of hmac: name of the secret
	Pepper     string            `yaml:"pepper"`      // name of the secret
	SchemeFrom string            `yaml:"scheme_from"` // source field that tells each row's scheme
	Schemes    map[string]string `yaml:"schemes"`     // its values → schemes
}
