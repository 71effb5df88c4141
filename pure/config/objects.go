package config

// The objects below are what YAML documents become. Each document has `kind`
// and `name`; every other key is a field here. A document sits in any file of
// the tree, alone or among others. Names are lower-case letters, digits and
// dashes, at most 63 of them, and are unique within their kind.
//
// Lists of texts are sets: their order means nothing. So are those lists that
// are tagged `config:"set"`. `config:"asset"` marks the path of a file.
//
// In a [Snapshot] variables are filled in and defaults set; the objects of a
// [Tree] are as they were written.

// Tenant is the organisation: `kind: tenant`, exactly one in a tree.
type Tenant struct {
	Meta         `yaml:",inline"`
	Environments map[string]EnvironmentSpec `yaml:"environments"`            // by name; at least one
	Groups       []GroupSpec                `yaml:"groups" config:"set"`     // every group that may be named elsewhere
	Attributes   []AttributeSpec            `yaml:"attributes" config:"set"` // registry of customer attributes
	Governance   Governance                 `yaml:"governance"`              // how much there may be of what grows
	Passwords    PasswordSpec               `yaml:"passwords"`               // which new passwords are taken
}

// Meta is what every object has.
type Meta struct {
	Name  string            `yaml:"name"`
	Title string            `yaml:"title"` // for people; the name if empty
	Notes string            `yaml:"notes"`
	Tags  map[string]string `yaml:"tags"` // up to 20; policies, filters and reports name their wearers
}

// EnvironmentSpec says how one environment of the tenant differs.
type EnvironmentSpec struct {
	Title     string            `yaml:"title"`
	URL       string            `yaml:"url"`       // base of issuers and pages, without a slash at the end; may use ${listen.url}
	Gateway   string            `yaml:"gateway"`   // base of the API gateway; default ${listen.gateway} and the path of URL
	Protected bool              `yaml:"protected"` // revisions only through approval or break-glass
	Approvals int               `yaml:"approvals"` // operators who must approve a change; 1 to 5, default 1 where protected
	Variables map[string]string `yaml:"variables"` // ${name} in any string of the tree
	Passkeys  PasskeySpec       `yaml:"passkeys"`  // passkeys across domains
	Phones    PhoneSpec         `yaml:"phones"`    // which are texted and called
	Accepts   []string          `yaml:"accepts"`   // maturities of scopes and APIs that it takes; default stable and deprecated
	Tags      map[string]string `yaml:"tags"`
}

// GroupSpec declares a group of customers.
type GroupSpec struct {
	Name  string            `yaml:"name"`
	Title string            `yaml:"title"`
	Tags  map[string]string `yaml:"tags"`
}

// AttributeSpec declares an attribute of customers.
type AttributeSpec struct {
	Name    string `yaml:"name"`
	Title   string `yaml:"title"`
	Type    string `yaml:"type"`    // text (default), number, boolean, date
	Owner   string `yaml:"owner"`   // who answers for it
	Purpose string `yaml:"purpose"` // why it is kept
	Of      string `yaml:"of"`      // whose it is: customer (default), account

	SelfService bool `yaml:"self_service"` // customers may change theirs; no rule decides by it

	Classification string            `yaml:"classification"` // public, internal, personal, sensitive
	Retention      string            `yaml:"retention"`      // relationship, or a length of time after its end
	Tags           map[string]string `yaml:"tags"`
}

// Server is an authorization server: `kind: authorization-server`. Its issuer
// is the environment's URL, a slash, and its name.
type Server struct {
	Meta         `yaml:",inline"`
	Audience     string              `yaml:"audience"` // `aud` of its access tokens
	Signing      Signing             `yaml:"signing"`
	AccessTokens string              `yaml:"access_tokens"` // jwt (default) or opaque
	Excess       string              `yaml:"excess"`        // refuse (default) or narrow
	FallThrough  bool                `yaml:"fall_through"`  // later policies may decide when no rule of the first matched
	Scopes       []ScopeSpec         `yaml:"scopes" config:"set"`
	Entitlements map[string][]string `yaml:"entitlements"` // group → scopes; absent: all customer scopes; present but empty: none
	Claims       []ClaimSpec         `yaml:"claims"`
	Hooks        []string            `yaml:"hooks"`     // asked before a token is made, at the same time; at most 3
	Lifetimes    Lifetimes           `yaml:"lifetimes"` // where a rule says nothing
	Limits       ServerLimits        `yaml:"limits"`
	Policies     []PolicySpec        `yaml:"policies"`     // in order
	Budget       int                 `yaml:"scope_budget"` // most scopes it may have; default the tenant's governance.scopes
}

// Signing says how a server's tokens are signed.
type Signing struct {
	Algorithm   string   `yaml:"algorithm"`    // ES256 (default), RS256, PS256, EdDSA
	RotateEvery Duration `yaml:"rotate_every"` // default 90d; at least 1h
}

// ScopeSpec declares a scope. Names are app.verb.target.
type ScopeSpec struct {
	Name    string            `yaml:"name"`
	Title   string            `yaml:"title"`
	Kind    string            `yaml:"kind"`    // customer-read, customer-write, system-read, system-write
	Parent  string            `yaml:"parent"`  // the scope that opens what this one opens, and more
	Default bool              `yaml:"default"` // granted when a request names no scope
	Consent string            `yaml:"consent"` // implicit (default); required: the customer is asked, whatever the application's consent
	Tags    map[string]string `yaml:"tags"`

	Maturity string `yaml:"maturity"` // preview, stable (default), deprecated
	Until    string `yaml:"until"`    // of a deprecated one: the day on which it goes, as 2006-01-02
	Instead  string `yaml:"instead"`  // of a deprecated one: the scope of this server that takes its place
}

// ClaimSpec adds a claim to tokens. Exactly one of Attribute, Groups, Value,
// Expression and Hook is set.
type ClaimSpec struct {
	Name       string      `yaml:"name"`
	Attribute  string      `yaml:"attribute"`  // a registered customer attribute
	Groups     GroupFilter `yaml:"groups"`     // "*", a prefix, or a filter: the customer's groups that it keeps
	Accounts   AccountRule `yaml:"accounts"`   // numbers of open accounts of which the customer is a member and shown all; at most 100
	Value      string      `yaml:"value"`      // a constant
	Expression string      `yaml:"expression"` // CEL over customer, application, scopes, grant and assurance; at most 1024 characters
	Hook       string      `yaml:"hook"`       // one of the server's hooks: what it answers; not in userinfo, which asks none
	Type       string      `yaml:"type"`       // of an expression's value, or a hook's: string, bool, int, strings
	Most       int         `yaml:"most"`       // bytes of the value in JSON; default 256, of groups and accounts 1024; a longer value is left out and named in the claim overage
	In         []string    `yaml:"in"`         // access, id, userinfo
	Scopes     []string    `yaml:"scopes"`     // only if one of them is granted; empty: always

	Tags map[string]string `yaml:"tags"`
}

// AccountRule keeps accounts by what the customer is to them.
type AccountRule struct {
	Roles    []string `yaml:"roles"`     // owner, occupier, agent; at least one
	WithRole bool     `yaml:"with_role"` // "owner:HL-0001" instead of "HL-0001"
}

// Lifetimes bounds what is issued. Zero means the server's, then the product's default.
type Lifetimes struct {
	Access  Duration `yaml:"access"`  // default 15m; 1m to 24h
	Refresh Duration `yaml:"refresh"` // default 30d; at most 5y
	Idle    Duration `yaml:"idle"`    // default 7d; at most Refresh
}

// ServerLimits bounds requests at a server's endpoints, at each by itself. What
// is absent has its default; calls: 0 is no limit.
type ServerLimits struct {
	Source      *Rate `yaml:"source"`      // from one address, at token, introspect, revoke and userinfo; default 1000 each 1s, 5000 at once
	Application *Rate `yaml:"application"` // of one application, at token, introspect and revoke; default the same
	Authorize   *Rate `yaml:"authorize"`   // from one address, at authorize; default 200 each 1s, 2000 at once
}

// PolicySpec is one policy of a server.
type PolicySpec struct {
	Name         string            `yaml:"name"`
	Title        string            `yaml:"title"`
	Applications []string          `yaml:"applications"` // names and tag:key or tag:key=value, or just "*"
	Rules        []RuleSpec        `yaml:"rules"`        // in order
	Tags         map[string]string `yaml:"tags"`
}

// RuleSpec is one rule of a policy. Conditions that are absent are met by all.
type RuleSpec struct {
	Name   string      `yaml:"name"`
	Effect string      `yaml:"effect"` // allow (default) or deny
	Grants []string    `yaml:"grants"` // authorization_code, client_credentials
	Groups *GroupsCond `yaml:"groups"`

	Attributes []AttributeCond `yaml:"attributes" config:"set"` // that must all hold; a machine meets none

	Networks  []string     `yaml:"networks"` // CIDRs
	Times     []TimeWindow `yaml:"times" config:"set"`
	Assurance string       `yaml:"assurance"` // the least of the session: one-factor, two-factor, phishing-resistant
	MaxAge    Duration     `yaml:"max_age"`   // of the sign-in when it is asked; of rules that allow; 0: any
	Scopes    []string     `yaml:"scopes"`    // names, or just "*"
	Lifetimes Lifetimes    `yaml:"lifetimes"`
	Rate      *Rate        `yaml:"rate"` // of the calls that can be made with what it grants; of rules that allow; absent: no limit of its own

	Tags map[string]string `yaml:"tags"`
}

// GroupsCond is a condition on the customer's groups.
type GroupsCond struct {
	Any  []string `yaml:"any"`  // at least one of these; present but empty is refused
	None []string `yaml:"none"` // none of these; met by a machine
}

// AttributeCond is a condition on one of the customer's attributes. All parts that
// are given must hold.
type AttributeCond struct {
	Name    string   `yaml:"name"`     // a registered attribute
	Is      []string `yaml:"is"`       // one of these values
	Not     []string `yaml:"not"`      // none of these values
	AtLeast string   `yaml:"at_least"` // of numbers and dates
	Below   string   `yaml:"below"`    // of numbers and dates
}

// TimeWindow is a daily or weekly stretch of time, from ≤ t < to.
type TimeWindow struct {
	Days []string `yaml:"days"` // mon … sun; empty: every day
	From string   `yaml:"from"` // 15:04
	To   string   `yaml:"to"`   // 15:04; 24:00 is the end of the day
	Zone string   `yaml:"zone"` // IANA name
}

// Application acts as an OAuth client: `kind: application`. Its name is its client_id.
type Application struct {
	Meta             `yaml:",inline"`
	Protocol         string              `yaml:"protocol"`       // oidc
	Type             string              `yaml:"type"`           // web, browser, native, machine
	Authentication   string              `yaml:"authentication"` // client_secret_basic (default of web and machine), client_secret_post, private_key_jwt, none (default of browser and native)
	JWKS             KeySetSpec          `yaml:"jwks"`           // public keys of private_key_jwt
	PKCE             string              `yaml:"pkce"`           // required (default) or optional; optional only where the application authenticates
	Redirects        []string            `yaml:"redirects"`
	LogoutRedirects  []string            `yaml:"post_logout_redirects"` // where the browser may go after signing out, exactly
	Consent          string              `yaml:"consent"`               // implicit (default): the customer's registration covers it; required: the customer is asked, and may withdraw
	MaxAge           Duration            `yaml:"max_age"`               // of the sign-in that it gets a code by; 0: of any session that lives. A request may ask for a younger one
	Origins          []string            `yaml:"origins"`               // CORS
	Assigned         map[string][]string `yaml:"assigned"`              // authorization server → scopes it may ask for
	Grants           []string            `yaml:"grants"`                // authorization_code, refresh_token, client_credentials; default by type
	Introspects      []string            `yaml:"introspects"`           // authorization servers any of whose access tokens it may look into, as a resource server does; its own it always may, but for configured claims of opaque ones
	IDTokenAlgorithm string              `yaml:"id_token_algorithm"`    // of its ID tokens: the server's if empty; RS256 is always possible
	Brand            string              `yaml:"brand"`
	AccessTokens     string              `yaml:"access_tokens"` // its access tokens: jwt or opaque; the server's if empty
	Rate             *Rate               `yaml:"rate"`          // of its requests at authorization servers, in place of their limits.application
	Home             string              `yaml:"home"`          // where pages lead back to
	Owner            string              `yaml:"owner"`
}

// KeySetSpec is a JWK set (RFC 7517 §5) of public keys. JSON is YAML, so a set can
// be pasted as it is.
type KeySetSpec struct {
	Keys []KeySpec `yaml:"keys" config:"set"` // at most 10
}

// KeySpec is the public half of a key as a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
type KeySpec struct {
	ID        string   `yaml:"kid"` // required; of no other key
	Type      string   `yaml:"kty"` // EC, RSA, OKP
	Algorithm string   `yaml:"alg"` // ES256, RS256, PS256, EdDSA; default by type, of RSA keys RS256
	Use       string   `yaml:"use"` // sig
	Uses      []string `yaml:"key_ops"`
	Curve     string   `yaml:"crv"`
	X         string   `yaml:"x"`
	Y         string   `yaml:"y"`
	Modulus   string   `yaml:"n"` // at least 2048 bits
	Exponent  string   `yaml:"e"`
}

// API is a described back end behind the gateway: `kind: api`.
type API struct {
	Meta     `yaml:",inline"`
	OpenAPI  string   `yaml:"openapi" config:"asset"` // path of the document, relative to the YAML file
	Servers  []string `yaml:"servers"`                // whose tokens it takes; no two may have a scope of the same name
	Path     string   `yaml:"path"`                   // under the gateway's address; "/" or "/billing"
	Backend  Backend  `yaml:"backend"`
	Public   []string `yaml:"public"` // operationIds open without a token
	Validate bool     `yaml:"validate"`
	Maturity string   `yaml:"maturity"` // preview, stable (default), deprecated
	Until    string   `yaml:"until"`    // of a deprecated one: the day on which it goes, as 2006-01-02
	Data     []string `yaml:"data"`     // classes of data that its operations handle, such as billing; x-data-classes of an operation stands in their place
}

// Backend is where an API really is.
type Backend struct {
	URL      string   `yaml:"url"` // https; http only to loopback
	Timeout  Duration `yaml:"timeout"`
	Identity bool     `yaml:"identity"` // tell the back end who calls, in Sallyport-* headers
}

// Product bundles APIs for subscription: `kind: product`.
type Product struct {
	Meta         `yaml:",inline"`
	APIs         []string `yaml:"apis"`
	Applications []string `yaml:"applications"` // who may subscribe: names and tags as in a policy; "*" for all
	Rate         Rate     `yaml:"rate"`         // per subscription
}

// Rate is a limit of calls.
type Rate struct {
	Calls int      `yaml:"calls"` // 0: none
	Per   Duration `yaml:"per"`   // default 1s
	Burst int      `yaml:"burst"` // default Calls
}

// Brand is how pages look to customers: `kind: brand`.
type Brand struct {
	Meta   `yaml:",inline"`
	Logo   string `yaml:"logo" config:"asset"` // path of an SVG, relative to the YAML file; at most 32 KiB
	Accent string `yaml:"accent"`              // #rrggbb, at least 4.5:1 on white
	Dark   string `yaml:"accent_dark"`
	Help   string `yaml:"help"`  // where "Need help?" leads
	Phone  string `yaml:"phone"` // shown beside it
	// Language of its pages for whoever says nothing about theirs: en, es. Empty: English.
	Language string       `yaml:"language"`
	Links    []LabeledURL `yaml:"links"`
	Default  bool         `yaml:"default"` // for applications that name none
	Hosts    []string     `yaml:"hosts"`   // names at which the environment's pages wear it; the first is where its applications' customers sign in
}

// LabeledURL is a link for people.
type LabeledURL struct {
	Label string `yaml:"label"`
	URL   string `yaml:"url"`
}

// Journey is what customers are taken through: `kind: journey`.
type Journey struct {
	Meta    `yaml:",inline"`
	Purpose string     `yaml:"purpose"` // sign-in
	Steps   []StepSpec `yaml:"steps"`
	Session Duration   `yaml:"session"` // how long a sign-in lasts; default 12h
	Groups  []string   `yaml:"groups"`  // of registration: that whoever registers is put into
}

// StepSpec is one step of a journey.
type StepSpec struct {
	Name string `yaml:"name"`
	Ask  string `yaml:"ask"`  // identifier, password, totp, verify, new-password, terms, profile, questions, claim, access
	When string `yaml:"when"` // of totp: always (default), enrolled
	Or   string `yaml:"or"`   // of password: code, which is sent, does instead
	Skip bool   `yaml:"skip"` // the customer may pass it over

	Factors []string `yaml:"factors" config:"set"` // of totp: what may be set up besides an app: text, call
	Defer   int      `yaml:"defer"`                // of totp: how often setting one up may wait for the next sign-in

	Rules []FactorRule `yaml:"rules"` // of totp: whom else than the step says to ask; the first that matches counts

	Channels  []string `yaml:"channels" config:"set"`  // of verify: email, text, call; default: by what was typed
	Fields    []string `yaml:"fields"`                 // of profile: attributes, in the order in which they are asked
	Most      int      `yaml:"most"`                   // of profile: how many at once; default all
	Documents []string `yaml:"documents" config:"set"` // of terms

	Groups   []string `yaml:"groups" config:"set"` // of access: it waits until the customer is in all of them
	Patience Duration `yaml:"patience"`            // of access: after which they may go on without; default 2m

	Questions []QuestionSpec `yaml:"questions"` // of questions, in a journey to recover: what can be asked
	Number    int            `yaml:"number"`    // of the same: how many a customer answers; default 2
}

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

// Hook is a service of the tenant's own that is asked before a token is made:
// `kind: hook`. It can take scopes away and fill the claims that name it, and
// nothing else.
type Hook struct {
	Meta      `yaml:",inline"`
	URL       string   `yaml:"url"`        // https; http only to loopback
	Timeout   Duration `yaml:"timeout"`    // for everything, from connecting to the last byte; default 1s, at most 3s
	OnFailure string   `yaml:"on_failure"` // refuse (default): no token; without: a token without the scopes that it judges and the claims that it fills; allow: of points of journeys alone, they go on
	Judges    []string `yaml:"judges"`     // scopes that it may take away, or just "*"; empty: none
	Sends     []string `yaml:"sends"`      // customer attributes that it is told; no others leave
	Points    []string `yaml:"points"`     // points of journeys at which it is asked, and may say no
	Events    []string `yaml:"events"`     // what it is told of afterwards
	Server    string   `yaml:"server"`     // authorization server whose key signs what it is asked and told at journeys; default: the only one
}
