package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// Connection says how a running earlier system is reached: `connection:` of a
// migration. Which keys count depends on the kind. It holds no secret; what ends
// in Secret names one of the environment's.
type Connection struct {
	Kind    string            `yaml:"kind"`    // ldap, sql, oauth, keycloak, auth0, okta, cognito, firebase, scim, hook
	URL     string            `yaml:"url"`     // where it is; https, or what the kind speaks
	Secret  string            `yaml:"secret"`  // name of the client's secret, password, token or key
	Timeout Duration          `yaml:"timeout"` // for one answer; default 3s, at most 20s
	Rate    Rate              `yaml:"rate"`    // how often it is asked in all; default 5 a second
	Network []string          `yaml:"network"` // host:port that may be private addresses
	CA      string            `yaml:"ca" config:"asset"`
	Record  map[string]string `yaml:"record"` // member of an answer → field of the source, where they differ

	// Of oauth, keycloak, auth0 and cognito: the client that asks with a password.
	Client       string `yaml:"client"`
	Authenticate string `yaml:"authenticate"` // of oauth: basic (default), post, none
	Scope        string `yaml:"scope"`        // of oauth and keycloak; default "openid profile email"
	Audience     string `yaml:"audience"`     // of oauth and auth0
	UserInfo     string `yaml:"userinfo"`     // of oauth: address that tells who it was
	Realm        string `yaml:"realm"`        // of keycloak, and of auth0 the connection with the passwords

	// Who may look people up without their password.
	LookupClient string `yaml:"lookup_client"` // of keycloak and auth0 a client, of cognito an access key's id
	LookupSecret string `yaml:"lookup_secret"` // name of its secret; of okta an API token, of firebase a service account's key

	Region string `yaml:"region"` // of cognito
	Pool   string `yaml:"pool"`   // of cognito: the user pool's id
	Tenant string `yaml:"tenant"` // of firebase: one of several tenants of the project
	// Project is of firebase: the project's id, for looking people up.
	Project string `yaml:"project"`

	// Of ldap, sql and scim, which read everybody too.
	TLS        string   `yaml:"tls"`        // of ldap and sql: required (default), none on this machine
	Base       string   `yaml:"base"`       // of ldap: below which people are
	Bind       string   `yaml:"bind"`       // of ldap: name of the account that searches; without it anonymously
	Filter     string   `yaml:"filter"`     // of ldap: who has an {identifier}
	People     string   `yaml:"people"`     // of ldap: who is read
	Attributes []string `yaml:"attributes"` // of ldap: what of them is read
	Find       string   `yaml:"find"`       // of sql: the statement that finds who has an :identifier
	Query      string   `yaml:"query"`      // of sql: the one that reads everybody, :limit at a time, :after somebody
	After      string   `yaml:"after"`      // of sql: the column that orders the query
	Start      string   `yaml:"start"`      // of sql: what is before everybody in that order
	Paging     string   `yaml:"paging"`     // of scim: index (default), cursor

	// Of hook.
	Password string `yaml:"password"` // sealed (default): in a JWE to Key; tls: in clear inside TLS
	Key      string `yaml:"key" config:"asset"`
	Server   string `yaml:"server"` // the authorization server whose key signs what the hook is asked
	Finds    bool   `yaml:"finds"`  // it also answers who has an identifier
}

// The kinds of connection.
const (
	ConnectLDAP     = "ldap"
	ConnectSQL      = "sql"
	ConnectOAuth    = "oauth"
	ConnectKeycloak = "keycloak"
	ConnectAuth0    = "auth0"
	ConnectOkta     = "okta"
	ConnectCognito  = "cognito"
	ConnectFirebase = "firebase"
	ConnectSCIM     = "scim"
	ConnectHook     = "hook"
)

// How a hook is given the password, as `password:` spells it.
const (
	HookSealed = "sealed" // in a JWE to the receiver's key
	HookTLS    = "tls"    // in clear, inside TLS
)

// LiveConnection is a connection with its files loaded and its defaults set.
type LiveConnection struct {
	*Connection
	Environment string // it is of
	Migration   string // it belongs to
	Format      string // of the elements that answers are read as
	Rows        bool   // which are rows of a table, not objects
	Source      SourceSpec
	Private     []string // the host:port of Network, in lower case
	CAPEM       []byte   // certificates that sign the system's; nil: the machine's own
	KeyJWK      []byte   // the hook's public key
}

// Bounds of a connection.
const (
	defaultAnswerTime = Duration(3 * time.Second)
	maxAnswerTime     = Duration(20 * time.Second)
	maxPrivateHosts   = 16
	maxRecordMembers  = 100
)

// connectionKeys lists which keys a kind has besides those of all: those with a
// star must be there.
var connectionKeys = map[string][]string{
	ConnectLDAP:     {"*url", "*base", "tls", "bind", "filter", "people", "attributes"},
	ConnectSQL:      {"*url", "tls", "find", "query", "after", "start"},
	ConnectOAuth:    {"*url", "*client", "authenticate", "scope", "audience", "*userinfo"},
	ConnectKeycloak: {"*url", "*realm", "*client", "scope", "lookup_client", "lookup_secret"},
	ConnectAuth0:    {"*url", "*realm", "*client", "*secret", "audience", "lookup_client", "lookup_secret"},
	ConnectOkta:     {"*url", "lookup_secret"},
	ConnectCognito:  {"url", "*region", "*pool", "*client", "lookup_client", "lookup_secret"},
	ConnectFirebase: {"url", "*secret", "tenant", "project", "lookup_secret"},
	ConnectSCIM:     {"*url", "*secret", "client", "paging"},
	ConnectHook:     {"*url", "*server", "password", "key", "finds"},
}

var connectionType = reflect.TypeFor[Connection]()

// commonConnectionKeys are keys of every kind.
var commonConnectionKeys = []string{"kind", "url", "secret", "timeout", "rate", "network", "ca", "record"}

// connection checks how a migration reaches the running system; nil for none.
func (c *checker) connection(at spot, m *Migration) *LiveConnection {
	if m.Connection == nil {
		return nil
	}
	return c.reach(at.at("connection"), &LiveConnection{
		Connection: m.Connection, Environment: c.snapshot.Environment, Migration: m.Name, Format: or(m.Source.Format, "csv"), Rows: readsRows(m.Source.Format), Source: m.Source,
	})
}

// reach checks a connection and sets its defaults.
func (c *checker) reach(at spot, live *LiveConnection) *LiveConnection {
	if !c.required(at, "kind", live.Kind) || !c.oneOf(at.at("kind"), "kind of connection", live.Kind, kindsOfConnection()...) {
		return live
	}
	c.connectionShape(at, live)
	c.connectionAddress(at, live)
	c.connectionLimits(at, live)
	c.connectionNetwork(at, live)
	c.connectionFiles(at, live)
	c.connectionSecrets(at, live)
	c.connectionHook(at, live)
	c.direct(at, live)
	return live
}

// readsRows tells whether the elements of a format are rows.
func readsRows(format string) bool {
	for _, f := range migrate.Formats() {
		if f.Name == format {
			return f.Frame.Kind == legacy.Rows || f.Frame.Kind == legacy.Bare
		}
	}
	return format == "" || format == "csv"
}

func kindsOfConnection() []string {
	return []string{ConnectLDAP, ConnectSQL, ConnectOAuth, ConnectKeycloak, ConnectAuth0, ConnectOkta, ConnectCognito, ConnectFirebase, ConnectSCIM, ConnectHook}
}

// connectionShape refuses keys that the kind does not have and misses those that it must.
func (c *checker) connectionShape(at spot, live *LiveConnection) {
	has := connectionKeys[live.Kind]
	for _, key := range has {
		if name, must := strings.CutPrefix(key, "*"); must && !at.has(name) {
			c.fail(at, finding{FieldRequired, fmt.Sprintf("the connection of kind %s has no %s", live.Kind, name), fmt.Sprintf("add %s:", name)})
		}
	}
	for _, name := range shapes[connectionType].names {
		known := slices.Contains(commonConnectionKeys, name) || slices.Contains(has, name) || slices.Contains(has, "*"+name)
		if at.has(name) && !known {
			c.fail(at.key(name), finding{ConnectionInvalid, fmt.Sprintf("a connection of kind %s does not know %s", live.Kind, name), "remove it, or choose the kind that has it"})
		}
	}
}

// connectionAddress lets in addresses over TLS alone: passwords travel there.
func (c *checker) connectionAddress(at spot, live *LiveConnection) {
	if live.Kind == ConnectLDAP || live.Kind == ConnectSQL {
		return // of schemes of their own
	}
	for _, key := range []string{"url", "userinfo"} {
		text := map[string]string{"url": live.URL, "userinfo": live.UserInfo}[key]
		if text == "" {
			continue
		}
		u, reason := readWeb(text)
		if reason == "" && (u.RawQuery != "" || u.ForceQuery) {
			reason = "has a query"
		}
		if reason != "" {
			c.fail(at.at(key), finding{ConnectionInvalid, fmt.Sprintf("the address of the earlier system %s", reason), "write an https address; http only for this machine"})
		}
	}
	live.URL = strings.TrimRight(live.URL, "/")
}

func (c *checker) connectionLimits(at spot, live *LiveConnection) {
	c.within(at, "timeout", live.Timeout, bounds{"the time that the earlier system has", Duration(time.Second), maxAnswerTime})
	if live.Timeout == 0 {
		live.Timeout = defaultAnswerTime
	}
	c.rate(at.at("rate"), &live.Rate)
	if live.Rate.Calls == 0 {
		live.Rate = Rate{Calls: 5, Per: Duration(time.Second), Burst: 5}
	}
	if len(live.Record) > maxRecordMembers {
		c.fail(at.at("record"), finding{OutOfBounds, fmt.Sprintf("the record has %d members", len(live.Record)), fmt.Sprintf("name at most %d", maxRecordMembers)})
	}
}

// connectionNetwork reads the hosts that may be inside.
func (c *checker) connectionNetwork(at spot, live *LiveConnection) {
	list := at.at("network")
	c.once(list, live.Network, "host")
	if len(live.Network) > maxPrivateHosts {
		c.fail(list, finding{OutOfBounds, fmt.Sprintf("%d hosts are named", len(live.Network)), fmt.Sprintf("name at most %d", maxPrivateHosts)})
	}
	for i, text := range live.Network {
		if !isHostPort(text) {
			c.fail(list.at(i), finding{ConnectionInvalid, fmt.Sprintf("%.80q is no host and port", text), "write it id.internal.example:443"})
			continue
		}
		live.Private = append(live.Private, strings.ToLower(text))
	}
}

// isHostPort tells whether text is a host and a port as package net writes them.
func isHostPort(text string) bool {
	i := strings.LastIndexByte(text, ':')
	if i < 1 {
		return false
	}
	host, port := text[:i], text[i+1:]
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strings.ContainsAny(host, "/*@ ") {
		return false
	}
	bracketed := strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]")
	return bracketed || !strings.ContainsAny(host, "[]:")
}

// connectionFiles loads what the connection names beside it.
func (c *checker) connectionFiles(at spot, live *LiveConnection) {
	if live.CA != "" {
		_, content, found := c.file(at, "ca", live.CA)
		if found && !strings.Contains(string(content), "BEGIN CERTIFICATE") {
			c.fail(at.at("ca"), finding{ConnectionInvalid, "the file holds no certificate in PEM", "name a file that begins with BEGIN CERTIFICATE"})
		}
		live.CAPEM = content
	}
	if live.Key != "" {
		_, live.KeyJWK, _ = c.file(at, "key", live.Key)
	}
}

// connectionSecrets holds the names of secrets to the grammar of names, so that a
// secret itself is not taken for one unseen.
func (c *checker) connectionSecrets(at spot, live *LiveConnection) {
	for key, name := range map[string]string{"secret": live.Secret, "lookup_secret": live.LookupSecret} {
		if name != "" && checkName(name) != "" { // it may be the secret itself, so it is not repeated
			c.fail(at.at(key), finding{ConnectionInvalid, key + " is no name of a secret", "name one that sallyport secret put keeps: lower-case letters, digits and dashes"})
		}
	}
	if live.LookupClient != "" && live.LookupSecret == "" {
		c.fail(at, finding{FieldRequired, "there is a lookup_client without lookup_secret", "add lookup_secret: with the name of its secret"})
	}
	c.oneOf(at.at("authenticate"), "way to authenticate", or(live.Authenticate, "basic"), "basic", "post", "none")
}

// connectionHook checks how the password reaches the receiver.
func (c *checker) connectionHook(at spot, live *LiveConnection) {
	if live.Kind != ConnectHook {
		return
	}
	live.Password = or(live.Password, HookSealed)
	if !c.oneOf(at.at("password"), "way to send a password", live.Password, HookSealed, HookTLS) {
		return
	}
	if live.Server != "" {
		c.known(at.at("server"), "the connection", "authorization server", live.Server, c.names(KindServer))
	}
	if live.KeyJWK != nil {
		if _, err := jose.NewRecipient(live.KeyJWK); err != nil {
			c.fail(at.at("key"), finding{ConnectionInvalid, "the file is no public key that a password can be sealed to", "name a JWK of EC with P-256 or of RSA, without private members and not for signatures"})
		}
	}
	if live.Password == HookSealed && live.Key == "" {
		c.fail(at, finding{FieldRequired, "the receiver's public key is missing", "add key: with the path of a JWK, or password: tls"})
	}
}
