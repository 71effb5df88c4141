package agree_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/config"
)

// tree is a configuration as data: its fields are the keys of the YAML form, which JSON
// is. It holds what has to do with who gets what, and the little that a tree needs
// besides.
type tree struct {
	Servers      []*server
	Applications []*application
	APIs         []*api
	Products     []*product
}

type server struct {
	Kind         string              `json:"kind"`
	Name         string              `json:"name"`
	Audience     string              `json:"audience"`
	Excess       string              `json:"excess,omitempty"`
	FallThrough  bool                `json:"fall_through,omitempty"`
	Scopes       []*scope            `json:"scopes"`
	Entitlements map[string][]string `json:"entitlements,omitzero"` // not nil and empty: nobody is entitled to anything
	Claims       []*claim            `json:"claims,omitempty"`
	Lifetimes    *lifetimes          `json:"lifetimes,omitempty"`
	Policies     []*policy           `json:"policies"`
}

type scope struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Parent  string `json:"parent,omitempty"`
	Default bool   `json:"default,omitempty"`
}

type claim struct {
	Name       string   `json:"name"`
	Attribute  string   `json:"attribute,omitempty"`
	Groups     string   `json:"groups,omitempty"`
	Value      string   `json:"value,omitempty"`
	Expression string   `json:"expression,omitempty"`
	Type       string   `json:"type,omitempty"`
	In         []string `json:"in"`
	Scopes     []string `json:"scopes,omitempty"`
}

type lifetimes struct {
	Access  string `json:"access,omitempty"`
	Refresh string `json:"refresh,omitempty"`
	Idle    string `json:"idle,omitempty"`
}

type policy struct {
	Name         string   `json:"name"`
	Applications []string `json:"applications"`
	Rules        []*rule  `json:"rules"`
}

type rule struct {
	Name       string       `json:"name"`
	Effect     string       `json:"effect,omitempty"`
	Grants     []string     `json:"grants,omitempty"`
	Groups     *groups      `json:"groups,omitempty"`
	Attributes []*condition `json:"attributes,omitempty"`
	Networks   []string     `json:"networks,omitempty"`
	Times      []*window    `json:"times,omitempty"`
	Assurance  string       `json:"assurance,omitempty"`
	MaxAge     string       `json:"max_age,omitempty"`
	Scopes     []string     `json:"scopes"`
	Lifetimes  *lifetimes   `json:"lifetimes,omitempty"`
	Rate       *rate        `json:"rate,omitempty"`
}

type groups struct {
	Any  []string `json:"any,omitempty"`
	None []string `json:"none,omitempty"`
}

type condition struct {
	Name    string   `json:"name"`
	Is      []string `json:"is,omitempty"`
	Not     []string `json:"not,omitempty"`
	AtLeast string   `json:"at_least,omitempty"`
	Below   string   `json:"below,omitempty"`
}

type window struct {
	Days []string `json:"days,omitempty"`
	From string   `json:"from"`
	To   string   `json:"to"`
	Zone string   `json:"zone"`
}

type rate struct {
	Calls int    `json:"calls"`
	Per   string `json:"per,omitempty"`
	Burst int    `json:"burst,omitempty"`
}

type application struct {
	Kind      string              `json:"kind"`
	Name      string              `json:"name"`
	Type      string              `json:"type"`
	Tags      map[string]string   `json:"tags,omitempty"`
	Redirects []string            `json:"redirects,omitempty"`
	Grants    []string            `json:"grants"`
	Assigned  map[string][]string `json:"assigned,omitempty"`
}

type api struct {
	Kind    string            `json:"kind"`
	Name    string            `json:"name"`
	OpenAPI string            `json:"openapi"`
	Servers []string          `json:"servers"`
	Path    string            `json:"path"`
	Backend map[string]string `json:"backend"`
	Public  []string          `json:"public,omitempty"`
	// Operations are what its document describes.
	Operations []*operation `json:"-"`
}

// operation is GET of a path of its own, opened by any of some sets of scopes.
type operation struct {
	Name  string
	Needs [][]string
}

type product struct {
	Kind         string   `json:"kind"`
	Name         string   `json:"name"`
	APIs         []string `json:"apis"`
	Applications []string `json:"applications"`
}

// tenant is the same in all trees: attributes and groups that nobody names tell nobody
// apart.
const tenant = `{kind: tenant, name: harbourlight, environments: {production: {url: "https://id.harbourlight.test/hl", gateway: "https://api.harbourlight.test"}},
groups: [{name: green}, {name: landlords}, {name: staff}],
attributes: [
{name: tariff, owner: Sales, purpose: Finds the price, classification: internal, retention: relationship},
{name: balance, type: number, owner: Billing, purpose: Finds the arrears, classification: personal, retention: relationship},
{name: paperless, type: boolean, owner: Billing, purpose: Saves paper, classification: internal, retention: relationship},
{name: since, type: date, owner: Sales, purpose: Counts the years, classification: internal, retention: relationship}]}
---
{kind: journey, name: sign-in, purpose: sign-in, steps: [{name: identifier, ask: identifier}, {name: password, ask: password}, {name: code, ask: totp, when: enrolled}]}
`

// files are the tree as people write it, but in one line for each object.
func (t *tree) files() map[string][]byte {
	text := []byte(tenant)
	add := func(object any) {
		line, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		text = fmt.Appendf(text, "---\n%s\n", line)
	}
	for _, s := range t.Servers {
		add(s)
	}
	for _, a := range t.Applications {
		add(a)
	}
	all := map[string][]byte{}
	for _, a := range t.APIs {
		add(a)
		all[a.OpenAPI] = a.document()
	}
	for _, p := range t.Products {
		add(p)
	}
	all["tree.yaml"] = text
	return all
}

// document is the description of an API.
func (a *api) document() []byte {
	paths := map[string]any{}
	for _, o := range a.Operations {
		security := []any{}
		for _, set := range o.Needs {
			security = append(security, map[string]any{"token": set})
		}
		paths["/"+o.Name] = map[string]any{"get": map[string]any{
			"operationId": o.Name, "security": security, "responses": map[string]any{"200": map[string]string{"description": "ok"}},
		}}
	}
	text, err := json.Marshal(map[string]any{
		"openapi": "3.1.0", "info": map[string]string{"title": a.Name, "version": "1"}, "paths": paths,
		"components": map[string]any{"securitySchemes": map[string]any{"token": map[string]string{
			"type": "openIdConnect", "openIdConnectUrl": "https://id.harbourlight.test/hl/apps/.well-known/openid-configuration",
		}}},
	})
	if err != nil {
		panic(err)
	}
	return text
}

// text is the tree for a failure.
func (t *tree) text() string {
	var b strings.Builder
	files := t.files()
	for _, name := range []string{"tree.yaml"} {
		_, text, _ := strings.Cut(string(files[name]), "totp") // what all have in common is known
		_, text, _ = strings.Cut(text, "---\n")
		b.WriteString(strings.ReplaceAll(text, "---\n", ""))
	}
	for _, a := range t.APIs {
		for _, o := range a.Operations {
			fmt.Fprintf(&b, "%s: GET %s/%s needs one of %v\n", a.Name, a.Path, o.Name, o.Needs)
		}
	}
	return b.String()
}

// clone is a copy that shares nothing.
func (t *tree) clone() *tree {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err)
	}
	var twin tree
	if err := json.Unmarshal(text, &twin); err != nil {
		panic(err)
	}
	for i, a := range t.APIs {
		for _, o := range a.Operations {
			needs := make([][]string, len(o.Needs))
			for j := range o.Needs {
				needs[j] = slices.Clone(o.Needs[j])
			}
			twin.APIs[i].Operations = append(twin.APIs[i].Operations, &operation{o.Name, needs})
		}
	}
	return &twin
}

// compile is the tree as the services see it. A tree that is refused has no snapshot.
func (t *tree) compile() (*config.Snapshot, []config.Problem) {
	parsed, problems := config.Parse(t.files())
	if config.Refused(problems) {
		return nil, problems
	}
	return config.Compile(parsed, "production", nil)
}

func (t *tree) must(tb testing.TB) *config.Snapshot {
	tb.Helper()
	s, problems := t.compile()
	if s == nil {
		tb.Fatalf("%v\n%s", problems, t.text())
	}
	return s
}

func find[T any](list []T, fits func(T) bool) (one T, found bool) {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i], true
	}
	return one, false
}

func (t *tree) server(name string) *server {
	s, _ := find(t.Servers, func(s *server) bool { return s.Name == name })
	return s
}

func (t *tree) application(name string) *application {
	a, _ := find(t.Applications, func(a *application) bool { return a.Name == name })
	return a
}

func (s *server) scope(name string) *scope {
	one, _ := find(s.Scopes, func(o *scope) bool { return o.Name == name })
	return one
}
