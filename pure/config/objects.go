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
