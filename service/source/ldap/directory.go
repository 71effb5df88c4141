package ldap

import (
	"context"
	"crypto/tls"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"sallyport/service/source"
)

// directory is one that is asked. It is safe for concurrent use: each question has a
// connection of its own.
type directory struct {
	spec       *source.Spec
	deps       source.Deps
	pace       *source.Pace
	address    string
	implicit   bool // TLS from the first byte
	upgrade    bool // by StartTLS
	tls        *tls.Config
	names      []assertion // by which the filter knows people
	attributes []string
}

// assertion is a part of the filter: an attribute has a text around the identifier.
type assertion struct{ attribute, before, after string }

// asserted finds the parts of a filter in which the identifier is.
var asserted = regexp.MustCompile(`\(([A-Za-z][A-Za-z0-9.-]*)=([^()*\\]*)\{identifier\}([^()*\\]*)\)`)

// told is what is read unless the connection says otherwise: all that is the
// person's, and what the directory keeps about the entry.
var told = [...]string{
	"*", "entryUUID", "nsUniqueId", "createTimestamp", "modifyTimestamp", "pwdAccountLockedTime", "pwdReset", "pwdChangedTime", "nsAccountLock", "memberOf",
}

const identifier = "{identifier}"

// maxIdentifier is the longest text that is looked for, in bytes.
const maxIdentifier = 512

// Open makes a system of a connection. It implements [source.Opener].
func Open(_ context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	d := &directory{spec: spec, deps: deps, pace: source.NewPace(spec), attributes: spec.Attributes}
	if err := d.place(); err != nil {
		return nil, err
	}
	for _, found := range asserted.FindAllStringSubmatch(spec.Filter, -1) {
		d.names = append(d.names, assertion{found[1], found[2], found[3]})
	}
	if len(d.names) == 0 || len(d.names) != strings.Count(spec.Filter, identifier) {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "filter: asks for more than that an attribute equals what was typed"}
	}
	if len(d.attributes) == 0 {
		d.attributes = told[:]
	}
	for _, a := range []string{spec.Filter, spec.People} {
		if _, err := ldap.CompileFilter(strings.ReplaceAll(a, identifier, "x")); err != nil {
			return nil, &source.Fault{Reason: source.NotConfigured, What: "a filter cannot be read"}
		}
	}
	return &source.System{Verifier: d, Finder: d, Fetcher: d, Identity: d.identity}, nil
}

// lookUp finds the one entry that has an identifier.
func (d *directory) lookUp(ctx context.Context, s *session, typed string) (*ldap.Entry, error) {
	if typed == "" || len(typed) > maxIdentifier || !utf8.ValidString(typed) {
		return nil, nil
	}
	request := ldap.NewSearchRequest(d.spec.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, 0, false,
		strings.ReplaceAll(d.spec.Filter, identifier, ldap.EscapeFilter(typed)), d.wanted(), nil)
	result, err := s.Search(request)
	if ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) && result != nil && len(result.Entries) > 1 {
		err = nil
	}
	switch {
	case err != nil:
		return nil, d.faultOf(ctx, s, err)
	case len(result.Entries) > 1:
		return nil, &source.Fault{Reason: source.Unexpected, What: "several entries have the identifier"}
	case len(result.Entries) == 0 && len(result.Referrals) > 0:
		return nil, &source.Fault{Reason: source.Redirected, What: "the directory knows of others, which are not asked"}
	case len(result.Entries) == 0:
		return nil, nil
	}
	entry := result.Entries[0]
	switch {
	case entry.DN == "": // to bind as nobody is to be let in as anybody
		return nil, &source.Fault{Reason: source.Malformed, What: "an entry has no name"}
	case !d.owns(entry, typed):
		return nil, &source.Fault{Reason: source.OtherPerson, What: "the entry does not have the identifier, or hides it"}
	}
	return entry, nil
}

// wanted are the attributes that are asked for: those by which people are found are
// among them.
func (d *directory) wanted() []string {
	all := slices.Clone(d.attributes)
	for _, name := range d.names {
		if !slices.ContainsFunc(all, func(a string) bool { return a == "*" || strings.EqualFold(a, name.attribute) }) {
			all = append(all, name.attribute)
		}
	}
	return all
}

// owns tells whether the entry has what was looked for.
func (d *directory) owns(entry *ldap.Entry, typed string) bool {
	return slices.ContainsFunc(d.names, func(n assertion) bool {
		return source.Owns(n.before+strings.TrimSpace(typed)+n.after, entry.GetEqualFoldAttributeValues(n.attribute)...)
	})
}

// Find implements [source.Finder].
func (d *directory) Find(ctx context.Context, typed string) (*source.Element, bool, error) {
	s, err := d.connect(ctx)
	if err != nil {
		return nil, false, err
	}
	defer s.close()
	entry, err := d.lookUp(ctx, s, typed)
	if err != nil || entry == nil {
		return nil, false, err
	}
	element, err := d.element(entry)
	return element, err == nil, err
}

// identity tells the directory by the id of the entry below which people are.
func (d *directory) identity(ctx context.Context) (string, error) {
	timed, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	s, err := d.connect(timed)
	if err != nil {
		return "", err
	}
	defer s.close()
	found, err := s.Search(ldap.NewSearchRequest(d.spec.Base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)",
		[]string{"entryUUID", "nsUniqueId", "objectGUID"}, nil))
	switch {
	case err != nil:
		return "", d.faultOf(timed, s, err)
	case len(found.Entries) != 1:
		return "", &source.Fault{Reason: source.NotConfigured, What: "base: names nothing that the account may see"}
	}
	var id strings.Builder
	for _, a := range found.Entries[0].Attributes {
		id.WriteString(strings.ToLower(a.Name) + "=" + strings.Join(a.Values, ",") + "\n")
	}
	return id.String(), nil
}
