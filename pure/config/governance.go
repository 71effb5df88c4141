package config

import (
	"fmt"
	"slices"
	"time"

	"sallyport/pure/access"
)

// Governance bounds what grows when nobody looks. It is a key of the tenant.
type Governance struct {
	Scopes int        `yaml:"scopes"` // most of one server; default 70
	Token  TokenSizes `yaml:"token"`  // sizes of what an application can be issued
}

// TokenSizes are bytes of one token. What is absent has its default.
type TokenSizes struct {
	Target int `yaml:"target" json:"target"` // what to aim at; default 1536
	Warn   int `yaml:"warn" json:"warn"`     // what can be above is warned of; default 2048
	Review int `yaml:"review" json:"review"` // what can be above needs somebody to look at it; default 4096
	Refuse int `yaml:"refuse" json:"refuse"` // what can be above is refused; default 6144
}

// What governance: has where a tree is silent. A line of 8 KiB, the least that
// proxies give a header, has room for a token of 6 KiB.
const (
	DefaultScopes = 70
	targetSize    = 1536
	warnSize      = 2048
	reviewSize    = 4096
	refuseSize    = 6144
	leastSize     = 512
	mostSize      = 16 << 10
)

// Maturity tells how far something can be relied on.
type Maturity string

// The maturities, as `maturity:` and `accepts:` spell them.
const (
	Preview    Maturity = "preview"    // may change or go without notice
	Stable     Maturity = "stable"     // the default
	Deprecated Maturity = "deprecated" // goes, at the latest on the day in until:
)

var maturities = []string{string(Preview), string(Stable), string(Deprecated)}

// Accepted are the maturities that the environment takes.
func (e EnvironmentSpec) Accepted() []Maturity {
	if e.Accepts == nil {
		return []Maturity{Stable, Deprecated}
	}
	return named[Maturity](e.Accepts)
}

// maturity checks how mature something is said to be.
func (c *checker) maturity(at spot, maturity *string, until string) {
	*maturity = or(*maturity, string(Stable))
	known := c.oneOf(at.at("maturity"), "maturity", *maturity, maturities...)
	switch _, err := time.Parse(time.DateOnly, until); {
	case until == "":
	case err != nil:
		c.fail(at.at("until"), finding{MaturityInvalid, fmt.Sprintf("%.40q is no day", until), "write it as 2027-03-31"})
	case known && *maturity != string(Deprecated):
		c.fail(at.at("until"), finding{MaturityInvalid, "it has a day on which it goes, and is " + *maturity, "add maturity: deprecated, or remove until:"})
	}
}

// budget sets and bounds the most scopes of a server.
func (c *checker) budget(at spot, s *Server) {
	if at.has("scope_budget") && (s.Budget < 1 || s.Budget > access.MaxScopes) {
		c.fail(at.at("scope_budget"), finding{GovernanceInvalid, fmt.Sprintf("the scope budget is %d", s.Budget), fmt.Sprintf("choose between 1 and %d", access.MaxScopes)})
	}
	if s.Budget == 0 && c.snapshot.Tenant != nil {
		s.Budget = c.snapshot.Tenant.Governance.Scopes
	}
}

// governance sets and checks the bounds, and what each environment accepts.
func (c *checker) governance(at spot, tenant *Tenant) {
	g, within := &tenant.Governance, at.at("governance")
	if within.has("scopes") && (g.Scopes < 1 || g.Scopes > access.MaxScopes) {
		c.fail(within.at("scopes"), finding{GovernanceInvalid, fmt.Sprintf("the most scopes are %d", g.Scopes), fmt.Sprintf("choose between 1 and %d", access.MaxScopes)})
	}
	g.Scopes = orNumber(g.Scopes, DefaultScopes)
	c.tokenSizes(within.at("token"), &g.Token)
	for name, spec := range tenant.Environments {
		list := at.at("environments", name, "accepts")
		for i, maturity := range spec.Accepts {
			c.oneOf(list.at(i), "maturity", maturity, maturities...)
		}
		c.once(list, spec.Accepts, "maturity")
	}
}

func (c *checker) tokenSizes(at spot, t *TokenSizes) {
	sizes := []struct {
		key      string
		size     *int
		fallback int
	}{{"target", &t.Target, targetSize}, {"warn", &t.Warn, warnSize}, {"review", &t.Review, reviewSize}, {"refuse", &t.Refuse, refuseSize}}
	for i, s := range sizes {
		if at.has(s.key) && at.node.Kind != 0 && (*s.size < leastSize || *s.size > mostSize) {
			c.fail(at.at(s.key), finding{GovernanceInvalid, fmt.Sprintf("the size %s is %d bytes", s.key, *s.size), fmt.Sprintf("choose between %d and %d", leastSize, mostSize)})
			return
		}
		*s.size = orNumber(*s.size, s.fallback)
		if i == 0 || *s.size >= *sizes[i-1].size {
			continue
		}
		if !at.has(s.key) { // a default gives way to what was said below it
			*s.size = *sizes[i-1].size
			continue
		}
		if before := sizes[i-1]; at.has(before.key) {
			c.fail(at.at(s.key), finding{GovernanceInvalid, fmt.Sprintf("%s is below %s", s.key, before.key), "let target ≤ warn ≤ review ≤ refuse"})
		}
	}
	for i := len(sizes) - 2; i >= 0; i-- { // and to what was said above it
		*sizes[i].size = min(*sizes[i].size, *sizes[i+1].size)
	}
}

func orNumber(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// Accepts tells whether the snapshot's environment takes what is so mature.
func (s *Snapshot) Accepts(maturity string) bool {
	accepted := s.Tenant.Environments[s.Environment].Accepted()
	return slices.Contains(accepted, Maturity(or(maturity, string(Stable))))
}
