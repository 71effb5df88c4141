package review_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"sallyport/pure/config"
)

// besides is what the demo's configuration does not show.
const besides = `kind: hook
name: fraud
url: https://fraud.harbourlight.example/ask
timeout: 1s
on_failure: refuse
judges: [pension.write.plan]
sends: [town]
---
kind: authorization-server
name: pension
audience: https://api.harbourlight.example/pension
signing: {algorithm: ES256, rotate_every: 30d}
access_tokens: opaque
hooks: [fraud]
limits:
  source: {calls: 10, per: 1s, burst: 20}
scopes:
  - {name: pension.read.plan, kind: customer-read, maturity: stable, consent: required}
  - {name: pension.write.plan, kind: customer-write, maturity: deprecated, until: "2031-03-31"}
claims:
  - {name: plan, expression: "customer.attributes.town == 'Aldham' ? 'a' : 'b'", type: string, most: 64, in: [access], scopes: [pension.read.plan]}
  - {name: groups, groups: {starts_with: land}, in: [userinfo]}
  - {name: risk, hook: fraud, type: string, in: [access]}
  - {name: country, value: GB, in: [id]}
policies:
  - name: all
    applications: ["tag:kind=pension"]
    rules:
      - name: never-abroad
        effect: deny
        networks: [192.0.2.0/24]
        scopes: ["*"]
      - name: by-day
        grants: [authorization_code]
        groups: {any: [residential], none: [landlords]}
        attributes: [{name: town, is: [Aldham, Bridge]}]
        times: [{days: [mon, tue], from: "08:00", to: "18:00", zone: UTC}]
        assurance: two-factor
        max_age: 10m
        rate: {calls: 10, per: 1s, burst: 20}
        lifetimes: {access: 5m, refresh: 1d, idle: 1h}
        scopes: [pension.read.plan, pension.write.plan]
---
kind: application
name: planner
type: web
authentication: client_secret_basic
pkce: required
consent: required
max_age: 1h
redirects: [https://planner.harbourlight.example/callback]
post_logout_redirects: [https://planner.harbourlight.example/bye]
origins: [https://planner.harbourlight.example]
grants: [authorization_code, refresh_token]
introspects: [pension]
id_token_algorithm: ES256
access_tokens: opaque
rate: {calls: 5, per: 1s, burst: 10}
assigned: {pension: [pension.read.plan, pension.write.plan]}
tags: {kind: pension}
---
kind: migration
name: sheet
source: {format: csv, delimiter: ";", encoding: utf-8}
key: id
groups: [residential]
map:
  - {from: mail, to: email, verified: mail_ok, required: true}
  - {from: kind, to: group, values: {a: residential, b: commercial}}
  - {from: place, to: attribute.town}
drop:
  - {field: state, equals: [closed, blocked], reason: gone}
hash: {from: password, scheme: salted-sha1, salt: salt, order: salt-password, encoding: hex, salt_as: text}
`

// production is what the environment says besides.
const production = `protected: true # a change takes the approval of somebody who did not write it
    approvals: 2
    accepts: [stable, deprecated]
    tags: {stage: live}
    gateway: https://api.harbourlight.example
`

// alternatives are other values by key; every other value of the key in the tree is
// one too.
var alternatives = map[string][]string{
	"algorithm": {"ES256", "RS256", "EdDSA"}, "rotate_every": {"1h", "365d"}, "access_tokens": {"jwt", "opaque"},
	"excess": {"refuse", "narrow"}, "fall_through": {"true", "false"}, "scope_budget": {"1", "3", "200"},
	"consent": {"required", "implicit"}, "maturity": {"preview", "stable", "deprecated"}, "until": {"2031-03-31", "2040-01-01"},
	"effect": {"allow", "deny"}, "assurance": {"one-factor", "two-factor", "phishing-resistant"}, "max_age": {"1m", "5m", "2h"},
	"authentication": {"client_secret_basic", "client_secret_post", "none"}, "pkce": {"required", "optional"},
	"type":   {"web", "browser", "native", "machine", "text", "number", "date", "boolean", "string", "int"},
	"access": {"1m", "1h", "24h"}, "refresh": {"1h", "90d", "5y"}, "idle": {"30m", "20d"}, "session": {"5m", "11h", "365d"},
	"protected": {"true", "false"}, "approvals": {"0", "1", "5"}, "accepts": {"preview", "stable"},
	"classification": {"public", "internal", "personal", "sensitive"}, "retention": {"relationship", "1y"},
	"calls": {"0", "1", "100000"}, "per": {"1s", "1h"}, "burst": {"1", "100000"},
	"when": {"always", "enrolled"}, "on_failure": {"refuse", "without"}, "timeout": {"2s", "3s"}, "default": {"true", "false"},
	"kind": {"customer-read", "customer-write", "system-read", "system-write"}, "validate": {"true", "false"}, "identity": {"true", "false"},
	"must": {"never", "obtain", "only", "exactly", "nobody-but"}, "required": {"true", "false"}, "most": {"16", "1024"},
	"order": {"salt-password", "password-salt"}, "encoding": {"hex", "base64", "utf-8", "windows-1252"}, "salt_as": {"text", "hex", "base64"},
	"scheme": {"auto", "salted-sha1", "salted-sha256", "md5"}, "format": {"csv", "auth0", "unix"}, "delimiter": {",", ";"},
	"in": {"access", "id", "userinfo"}, "grants": {"authorization_code", "client_credentials", "refresh_token"},
	"token": {"{refuse: 16384}", "{refuse: 700}"}, "scopes": {"100", "70", "'*'"}, "path": {"/", "/other"}, "days": {"sun"},
	"from": {"00:00", "09:00"}, "to": {"24:00", "17:00", "phone", "username"}, "networks": {"0.0.0.0/0", "192.0.2.0/25"},
	"applications": {"'*'"}, "judges": {"'*'"}, "parent": {"pension.write.plan", "pension.read.plan"},
	"url": {"https://elsewhere.example"}, "backend": {"{url: 'https://elsewhere.example'}"}, "gateway": {"https://elsewhere.example"},
	"name": {}, "values": {}, "groups": {"{any: [landlords]}", "{none: [landlords]}", "'*'"},
	"lifetimes": {"{access: 1h}", "{refresh: 5y}"}, "rate": {"{calls: 0}", "{calls: 9999}"}, "limits": {"{application: {calls: 0}}", "{authorize: {calls: 9}}"},
	"governance": {"{scopes: 500}", "{scopes: 30}", "{token: {refuse: 16384}}", "{token: {refuse: 3000}}"},
	"hooks":      {"fraud"}, "entitlements": {"{}", "{landlords: [pension.read.plan]}"}, "public": {"currentBill"},
	"attributes": {"[{name: town, not: [Aldham]}]"}, "is": {"Clay"}, "not": {"Aldham"}, "at_least": {}, "below": {},
	"accent": {"'#123456'"}, "phone": {"0800 555 0000"}, "help": {"https://elsewhere.example"}, "links": {"[{label: Help, url: 'https://elsewhere.example'}]"},
	"home": {"https://elsewhere.example"}, "sheet": {}, "title": {"Another"}, "notes": {"Another"}, "tags": {"{other: tag}"}, "owner": {"Another"}, "purpose": {},
	"origins": {"https://elsewhere.example"}, "redirects": {"https://elsewhere.example/x"}, "post_logout_redirects": {"https://elsewhere.example/x"},
	"introspects": {"apps"}, "id_token_algorithm": {"RS256"}, "variables": {"{other: text}"},
	"jwks": {"{keys: [{kid: a, kty: EC, crv: P-256, x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU, y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0}]}"},
}

// optional are keys that objects may have, by kind.
var optional = map[string][]string{
	"tenant":               {"governance"},
	"authorization-server": {"access_tokens", "excess", "fall_through", "hooks", "limits", "scope_budget", "entitlements", "lifetimes"},
	"application":          {"pkce", "consent", "max_age", "origins", "grants", "introspects", "id_token_algorithm", "access_tokens", "rate", "home", "post_logout_redirects", "brand", "jwks"},
	"api":                  {"maturity", "until", "data", "validate", "public"},
	"journey":              {"session"}, "brand": {"links", "help"}, "product": {"rate"}, "hook": {"judges", "sends", "timeout", "on_failure"},
	"migration": {"groups", "drop", "hash"},
	"scope":     {"consent", "maturity", "default", "parent", "until", "tags"},
	"rule":      {"effect", "grants", "groups", "networks", "assurance", "max_age", "lifetimes", "rate", "attributes"},
	"step":      {"when"}, "claim": {"scopes", "most"}, "statement": {"reason", "server"},
}

// world is a configuration to mutate: documents by file.
type world struct {
	assets map[string][]byte
	docs   []*yaml.Node
}

func readWorld(t *testing.T) *world {
	t.Helper()
	w := &world{assets: map[string][]byte{}}
	entries, err := filepath.Glob("../../demo/harbourlight/*")
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	all := besides
	for _, name := range entries {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if base := filepath.Base(name); strings.HasSuffix(base, ".yaml") && !strings.Contains(base, "openapi") {
			text := strings.Replace(string(content), "protected: true # a change takes the approval of somebody who did not write it\n", production, 1)
			text = addresses.ReplaceAllString(strings.ReplaceAll(text, "${listen.url}", "https://id.harbourlight.example"), "https://$1.harbourlight.example")
			all += "---\n" + text
		} else {
			w.assets[base] = content
		}
	}
	for part := range strings.SplitSeq(all, "\n---\n") {
		part = strings.TrimPrefix(part, "---\n")
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(part), &doc); err != nil {
			t.Fatal(err, part)
		}
		if len(doc.Content) == 1 {
			w.docs = append(w.docs, doc.Content[0])
		}
	}
	return w
}

// compiled is nil where the configuration is not valid.
func (w *world) compiled(t *testing.T) (*config.Tree, *config.Snapshot, []config.Problem) {
	t.Helper()
	files := maps.Clone(w.assets)
	var b strings.Builder
	for _, d := range w.docs {
		text, err := yaml.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("---\n" + string(text))
	}
	files["all.yaml"] = []byte(b.String())
	tree, problems := config.Parse(files)
	if config.Refused(problems) {
		return nil, nil, problems
	}
	s, problems := config.Compile(tree, "production", map[string]string{"listen.url": "https://id.harbourlight.example", "listen.gateway": "https://api.harbourlight.example"})
	return tree, s, problems
}

// mutation is one edit of a node, and its inverse.
type mutation struct {
	path     string
	key      string
	do, undo func()
}

// mutations lists every edit of one scalar, list or key.
func (w *world) mutations() (all []mutation) {
	pool := map[string]map[string]bool{}
	for k, v := range alternatives {
		pool[k] = map[string]bool{}
		for _, one := range v {
			pool[k][one] = true
		}
	}
	for _, d := range w.docs {
		gather("", d, pool)
	}
	for _, d := range w.docs {
		kind, name := valueOf(d, "kind"), valueOf(d, "name")
		all = append(all, mutate(kind+" "+name, "", kind, d, pool)...)
	}
	return all
}

func valueOf(n *yaml.Node, key string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1].Value
		}
	}
	return ""
}

func gather(key string, n *yaml.Node, pool map[string]map[string]bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		if pool[key] == nil {
			pool[key] = map[string]bool{}
		}
		text, _ := yaml.Marshal(n)
		pool[key][strings.TrimSpace(string(text))] = true
	case yaml.SequenceNode:
		for _, c := range n.Content {
			gather(key, c, pool)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			gather(n.Content[i].Value, n.Content[i+1], pool)
		}
	}
}

func parsed(text string) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) == 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	}
	return doc.Content[0]
}

// shapes are what lists of objects hold.
var shapes = map[string]string{"scopes": "scope", "rules": "rule", "steps": "step", "claims": "claim", "statements": "statement"}

func mutate(path, key, shape string, n *yaml.Node, pool map[string]map[string]bool) (all []mutation) {
	swap := func(what string, content []*yaml.Node) {
		was := n.Content
		all = append(all, mutation{path + ": " + what, key, func() { n.Content = content }, func() { n.Content = was }})
	}
	switch n.Kind {
	case yaml.ScalarNode:
		was := *n
		for _, text := range slices.Sorted(maps.Keys(pool[key])) {
			other := parsed(text)
			if text == was.Value || other.Kind != yaml.ScalarNode || key == "kind" && shape != "scope" {
				continue
			}
			all = append(all, mutation{fmt.Sprintf("%s: %s -> %s", path, was.Value, text), key, func() { *n = *other }, func() { *n = was }})
		}
	case yaml.SequenceNode:
		swap("emptied", nil)
		for i := range n.Content {
			swap(fmt.Sprintf("without #%d", i), append(slices.Clone(n.Content[:i]), n.Content[i+1:]...))
		}
		if len(n.Content) > 1 {
			reversed := slices.Clone(n.Content)
			slices.Reverse(reversed)
			swap("reversed", reversed)
		}
		if len(n.Content) > 0 && n.Content[0].Kind == yaml.ScalarNode {
			for _, text := range slices.Sorted(maps.Keys(pool[key])) {
				if other := parsed(text); other.Kind == yaml.ScalarNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Value == other.Value }) {
					swap("with "+text, append(slices.Clone(n.Content), other))
				}
			}
		}
		for i, c := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			if name := valueOf(c, "name"); name != "" {
				at = path + "[" + name + "]"
			}
			all = append(all, mutate(at, key, shapes[key], c, pool)...)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			swap("without "+n.Content[i].Value, append(slices.Clone(n.Content[:i]), n.Content[i+2:]...))
			all[len(all)-1].key = n.Content[i].Value
			all = append(all, mutate(path+"."+n.Content[i].Value, n.Content[i].Value, map[bool]string{true: shape}[n.Content[i+1].Kind == yaml.ScalarNode], n.Content[i+1], pool)...)
		}
		for _, more := range optional[shape] {
			if slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Value == more }) {
				continue
			}
			for _, text := range slices.Sorted(maps.Keys(pool[more])) {
				for _, form := range []string{text, "[" + text + "]"} {
					swap("with "+more+": "+form, append(slices.Clone(n.Content), &yaml.Node{Kind: yaml.ScalarNode, Value: more}, parsed(form)))
					all[len(all)-1].key = more
				}
			}
		}
	}
	return all
}

// writtenOut are keys whose default can be written, or left out, without a difference.
var writtenOut = []string{
	"timeout", "on_failure", "algorithm", "per", "maturity", "consent", "effect", "authentication", "pkce", "grants", "excess", "access_tokens",
	"signing", "rotate_every", "refresh", "idle", "access", "lifetimes", "session", "gateway", "variables", "reason", "phone",
}

// harmless are keys of which some change gives nobody more in either direction: in
// what the tree has around it, or ever.
var harmless = []string{
	"title", "notes", "tags", "data", "stage", "party", "kind", "name", "owner", "purpose", "reason", "retention", "type",
	"timeout", "maturity", "until", "default", "algorithm", "id_token_algorithm", "access_tokens", "brand", "logo", "accent", "accent_dark",
	"source", "format", "delimiter", "encoding", "preview", "url", "environments", "claims", "policies",
	// Of servers and rules: nobody obtains it by them.
	"parent", "networks", "grants", "groups", "any", "excess", "fall_through", "lifetimes", "scopes", "applications", "entitlements", "enterprise", "apps", "statements",
	"assigned", "pension", "server", "none", "rules", "from", "to",
	// Of records and of second factors: what an account is shown by, one question less
	// where as many must be right, and another factor behind the same first one.
	"account", "town", "facts", "factors",
}

// Whatever is edited in a configuration is told. What gives nobody more, neither made
// nor taken back, is of a key from which nobody expects it.
func TestNoEditOfTheConfigurationGoesUntold(t *testing.T) { tellsEdits(t, false) }

// tellsEdits tries one edit of each form of each key, of which most attempts are not
// valid, or every edit.
func tellsEdits(t *testing.T, every bool) {
	w := readWorld(t)
	tree, base, problems := w.compiled(t)
	if base == nil {
		t.Fatal(problems)
	}
	const attempts = 3
	seen, tried := map[string]int{}, 0
	for _, m := range w.mutations() {
		form := m.form()
		if seen[form]++; !every && (seen[form] > attempts || fnvOf(form)%4 != 0) {
			continue
		}
		m.do()
		other, s, _ := w.compiled(t)
		m.undo()
		if s == nil || other.Digest() == tree.Digest() {
			continue
		}
		seen[form] += attempts
		tried++
		there := compare(t, base, s)
		if len(there.Lines) > 0 && there.Widens() {
			continue
		}
		back := compare(t, s, base)
		switch {
		case len(there.Lines) == 0 && len(back.Lines) == 0 && !slices.Contains(writtenOut, m.key):
			t.Errorf("%s: nobody is told", m.path)
		case len(there.Lines) == 0 != (len(back.Lines) == 0):
			t.Errorf("%s: told in one direction alone", m.path)
		case len(there.Lines) > 0 && there.Delta() == back.Delta():
			t.Errorf("%s: it and its inverse have one digest", m.path)
		case len(there.Lines) > 0 && !back.Widens() && !slices.Contains(harmless, m.key):
			t.Errorf("%s: of %s each change is told as harmless\n%s", m.path, m.key, strings.Join(told(there), "\n"))
		}
	}
	if tried < 60 {
		t.Errorf("only %d edits were tried", tried)
	}
	t.Logf("%d edits", tried)
}

// addresses are the demo's variables.
var addresses = regexp.MustCompile(`\$\{([a-z-]+)\}`)

func fnvOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}

var (
	names  = regexp.MustCompile(`\[[^]]*\]`)
	values = regexp.MustCompile(`: (with|without) (.*)$|: .*$`)
)

// form is what is done to which key, whatever the object and the value.
func (m mutation) form() string {
	kind, rest, _ := strings.Cut(m.path, " ")
	_, path, _ := strings.Cut(rest, ".")
	path = names.ReplaceAllString(path, "")
	how := values.FindString(path)
	what := "replaced"
	for _, known := range []string{": without", ": with", ": emptied", ": reversed"} {
		if strings.HasPrefix(how, known) {
			what = known
			break
		}
	}
	return kind + " " + values.ReplaceAllString(path, "") + " " + m.key + " " + what
}
