package config

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
