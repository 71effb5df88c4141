package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// TLS of connections that do not speak HTTP, as `tls:` spells it.
const (
	TLSRequired = "required" // verified; ldap:// upgrades by StartTLS
	TLSNone     = "none"     // of this machine alone
)

// Placeholders of what a connection asks; the values are sent apart from it.
const (
	PlaceIdentifier = "identifier"
	PlaceAfter      = "after"
	PlaceLimit      = "limit"
)

// Defaults of directories.
const (
	defaultLDAPFilter = "(|(uid={identifier})(mail={identifier}))"
	defaultLDAPPeople = "(objectClass=person)"
)

// maxAsked is the longest filter or statement, in bytes.
const maxAsked = 16 << 10

// direct checks kinds that speak a protocol of their own, and SCIM's own keys.
func (c *checker) direct(at spot, live *LiveConnection) {
	switch live.Kind {
	case ConnectLDAP:
		c.directURL(at, live, "ldap", "ldaps")
		c.directory(at, live)
	case ConnectSQL:
		c.directURL(at, live, "postgres", "mysql", "sqlserver", "sqlite")
		c.database(at, live)
	case ConnectSCIM:
		c.oneOf(at.at("paging"), "way to page", or(live.Paging, "index"), "index", "cursor")
		live.Paging = or(live.Paging, "index")
	}
}

// directURL lets in addresses without secrets, and those without encryption on
// this machine alone.
func (c *checker) directURL(at spot, live *LiveConnection, schemes ...string) {
	invalid := func(what, fix string) { c.fail(at.at("url"), finding{ConnectionInvalid, what, fix}) }
	u, err := url.Parse(live.URL)
	if err != nil { // the error would repeat the address, with a password in it perhaps
		invalid("the address of the earlier system cannot be read", "write it "+schemes[0]+"://host:port")
		return
	}
	if !c.oneOf(at.at("url"), "scheme of the address", u.Scheme, schemes...) {
		return
	}
	if _, secret := u.User.Password(); secret {
		invalid("the address holds a password", "name it by secret:, and put it there with sallyport secret put")
	}
	if u.Fragment != "" || u.RawQuery != "" || u.ForceQuery {
		invalid("the address has a query or a fragment", "remove it: what is needed are keys of their own")
	}
	live.TLS = or(live.TLS, TLSRequired)
	if !c.oneOf(at.at("tls"), "way to encrypt", live.TLS, TLSRequired, TLSNone) || u.Scheme == "sqlite" {
		return
	}
	switch {
	case u.Hostname() == "":
		invalid("the address names no host", "write it "+u.Scheme+"://host:port")
	case live.TLS == TLSNone && (u.Scheme == "ldaps" || !isThisMachine(u.Hostname())):
		c.fail(at.at("tls"), finding{ConnectionInvalid, "passwords would travel in clear", "leave tls: out; none is for ldap and databases on this machine"})
	}
}

func isThisMachine(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// directory checks the keys of LDAP.
func (c *checker) directory(at spot, live *LiveConnection) {
	u, _ := url.Parse(live.URL)
	if u != nil && strings.Trim(u.Path, "/") != "" {
		c.fail(at.at("url"), finding{ConnectionInvalid, "the address has a path", "write what is below it as base:"})
	}
	if (live.Bind == "") != (live.Secret == "") {
		c.fail(at, finding{FieldRequired, "of the account that searches there is only a name or only a secret", "give bind: and secret:, or neither"})
	}
	live.Filter, live.People = or(live.Filter, defaultLDAPFilter), or(live.People, defaultLDAPPeople)
	c.directoryFilter(at, "filter", live.Filter, 1)
	c.directoryFilter(at, "people", live.People, 0)
	for i, name := range live.Attributes {
		if !isAttribute(name) {
			c.fail(at.at("attributes").at(i), finding{ConnectionInvalid, fmt.Sprintf("%.60q is no attribute", name), "write its name, *, or +"})
		}
	}
}

// directoryFilter checks as much of an LDAP filter as can be told without a parser of them:
// its parentheses, and where the identifier goes.
func (c *checker) directoryFilter(at spot, key, filter string, identifiers int) {
	depth, broken := 0, !strings.HasPrefix(filter, "(") || len(filter) > maxAsked
	for i, r := range filter {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
			broken = broken || depth < 0 || depth == 0 && i != len(filter)-1
		}
	}
	holes := strings.Count(filter, "{"+PlaceIdentifier+"}")
	switch {
	case broken || depth != 0:
		c.fail(at.at(key), finding{ConnectionInvalid, "the filter is not one pair of parentheses", "write it as RFC 4515 has it, such as " + defaultLDAPFilter})
	case identifiers > 0 && holes == 0:
		c.fail(at.at(key), finding{ConnectionInvalid, "the filter asks for nobody in particular", "write {identifier} where the typed name goes"})
	case identifiers == 0 && holes > 0:
		c.fail(at.at(key), finding{ConnectionInvalid, "the filter of everybody asks for somebody", "remove {identifier}"})
	}
}

func isAttribute(name string) bool {
	if name == "*" || name == "+" {
		return true
	}
	ok := name != "" && len(name) <= 200
	for _, r := range name {
		ok = ok && (isNameRune(r) || 'A' <= r && r <= 'Z' || r == ';' || r == '.' || r == '_')
	}
	return ok
}

// database checks the keys of SQL.
func (c *checker) database(at spot, live *LiveConnection) {
	if live.Query == "" && live.Find == "" {
		c.fail(at, finding{FieldRequired, "nothing is asked of the database", "add find: for one person, or query: for everybody"})
	}
	c.question(at, "find", live.Find, PlaceIdentifier)
	c.question(at, "query", live.Query, PlaceAfter, PlaceLimit)
	if (live.Query == "") != (live.After == "") {
		c.fail(at, finding{FieldRequired, "query: and after: belong together", "name the column by which the query is ordered as after:"})
	}
	if live.Start != "" && live.After == "" {
		c.fail(at.at("start"), finding{ConnectionInvalid, "there is a start without after:", "remove it"})
	}
	u, err := url.Parse(live.URL)
	if err != nil {
		return
	}
	if u.Scheme == "sqlite" {
		if name := u.Opaque; name == "" || strings.ContainsAny(name, `/\:?%`) || strings.HasPrefix(name, ".") {
			c.fail(at.at("url"), finding{ConnectionInvalid, "the file is not named as one of the directory of sources", "write sqlite:NAME.db, and put the file into the directory that serve --source-files names"})
		}
		return
	}
	if live.Secret == "" || u.User.Username() == "" {
		c.fail(at, finding{FieldRequired, "the database is asked by nobody", "write the account into the address, user@host, and name its password by secret:"})
	}
	if strings.HasSuffix(u.Host, ":") {
		c.fail(at.at("url"), finding{ConnectionInvalid, "the address has an empty port", "write host:port, or host"})
	}
}

// question lets in one question that changes nothing. The database is asked in a
// transaction that only reads all the same.
func (c *checker) question(at spot, key, text string, places ...string) {
	if text == "" {
		return
	}
	at = at.at(key)
	words := strings.Fields(strings.ToLower(text))
	switch {
	case len(text) > maxAsked:
		c.fail(at, finding{OutOfBounds, "the statement is too long", fmt.Sprintf("write at most %d bytes", maxAsked)})
	case len(words) == 0 || words[0] != "select" && words[0] != "with":
		c.fail(at, finding{ConnectionInvalid, "the statement does not begin with select or with", "ask a question"})
	case strings.Contains(text, ";"):
		c.fail(at, finding{ConnectionInvalid, "there is a semicolon", "ask one question"})
	case key == "query" && !strings.Contains(strings.Join(words, " "), "order by"):
		c.fail(at, finding{ConnectionInvalid, "the query is in no order", "add order by the column that after: names"})
	}
	for _, place := range places {
		if !strings.Contains(text, ":"+place) {
			c.fail(at, finding{ConnectionInvalid, "the statement has no :" + place, "write :" + place + " where its value goes"})
		}
	}
}
