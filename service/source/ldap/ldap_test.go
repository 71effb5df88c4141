package ldap_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/egress"
	"sallyport/service/source"
	"sallyport/service/source/ldap"
	"sallyport/service/source/sourcetest"
)

// people are some of the directory, and more of them than fit into a page.
func people(many int) string {
	var b strings.Builder
	b.WriteString(`dn: uid=ana,ou=people,dc=old,dc=example
objectClass: inetOrgPerson
uid: ana
cn: Ana
sn: Ana
mail: ana@old.example
mail: ana.b@old.example
userPassword: right for Ana

dn: uid=bo,ou=people,dc=old,dc=example
objectClass: inetOrgPerson
uid: bo
cn:: QsO2
sn: Bo
mail: shared@old.example
userPassword: right for Bo

dn: uid=cy,ou=people,dc=old,dc=example
objectClass: inetOrgPerson
uid: cy
cn: Cy
sn: Cy
mail: shared@old.example
userPassword: right for Cy

dn: cn=mute,ou=people,dc=old,dc=example
objectClass: inetOrgPerson
uid: mute
cn: mute
sn: Mute

`)
	for i := range many {
		fmt.Fprintf(&b, "dn: uid=p%d,ou=people,dc=old,dc=example\nobjectClass: inetOrgPerson\nuid: p%d\ncn: P\nsn: P\ncreateTimestamp: %s\n\n", i, i,
			time.Date(2020, 1, 1, 0, i, 0, 0, time.UTC).Format("20060102150405Z"))
	}
	return b.String()
}

func spec(d sourcetest.Directory) *source.Spec {
	return &source.Spec{
		Connection: &config.Connection{
			Kind: config.ConnectLDAP, URL: "ldaps://" + d.Secure, Base: sourcetest.Suffix, Bind: d.Bind, Secret: "ldap", TLS: config.TLSRequired,
			Filter: "(|(uid={identifier})(mail={identifier}))", People: "(objectClass=inetOrgPerson)", Timeout: config.Duration(5 * time.Second),
		},
		Format: "ldif", Private: []string{d.Plain, d.Secure}, CAPEM: d.CA,
	}
}

func open(t *testing.T, s *source.Spec, secret string) *source.System {
	t.Helper()
	system, err := ldap.Open(t.Context(), s, source.Deps{
		Private: egress.Everywhere(),
		Secret:  func(context.Context, string) ([]byte, error) { return []byte(secret), nil }, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return system
}

func TestOpenLDAPSaysWhoseAPasswordIs(t *testing.T) {
	d := sourcetest.StartDirectory(t, people(0), 500)
	secure := open(t, spec(d), d.Password)
	for _, test := range []struct {
		name, identifier, password string
		want                       source.Verdict
		reason                     source.Reason
	}{
		{"by uid", "ana", "right for Ana", source.Match, ""},
		{"by another of several addresses, in any case", "ANA.B@old.example", "right for Ana", source.Match, ""},
		{"a wrong password", "ana", "wrong", source.NoMatch, source.WrongPassword},
		{"somebody else's password", "ana", "right for Bo", source.NoMatch, source.WrongPassword},
		// RFC 4513 §5.1.2: the server would say yes.
		{"no password is never sent", "ana", "", source.NoMatch, source.WrongPassword},
		{"nobody", "zoe", "x", source.NoMatch, source.UnknownThere},
		{"an entry without a password", "mute", "x", source.NoMatch, source.WrongPassword},
		{"an address of two people", "shared@old.example", "right for Bo", source.Unavailable, source.Unexpected},
		{"a filter for everybody", "*", "right for Ana", source.NoMatch, source.UnknownThere},
		{"a filter that closes the first", "ana)(uid=*", "right for Ana", source.NoMatch, source.UnknownThere},
		{"a filter of another person", "zoe)(|(uid=ana", "right for Ana", source.NoMatch, source.UnknownThere},
		{"a NUL", "ana\x00", "right for Ana", source.NoMatch, source.UnknownThere},
		{"a backslash", `\61na`, "right for Ana", source.NoMatch, source.UnknownThere},
		{"nothing", "", "right for Ana", source.NoMatch, source.UnknownThere},
		{"no text", "\xff", "right for Ana", source.NoMatch, source.UnknownThere},
		{"more than a name", strings.Repeat("a", 5000), "x", source.NoMatch, source.UnknownThere},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := secure.Verifier.Verify(t.Context(), source.Login{Identifier: test.identifier, Password: []byte(test.password)})
			if got.Verdict != test.want || got.Reason != test.reason {
				t.Errorf("%s %s, want %s %s", got.Verdict, got.Reason, test.want, test.reason)
			}
			if (got.Element != nil) != (test.want == source.Match) {
				t.Errorf("element %v", got.Element)
			}
			if got.Element != nil && !bytes.HasPrefix(got.Element.Raw, []byte("dn: uid=ana,ou=people,dc=old,dc=example\n")) {
				t.Errorf("element %q", got.Element.Raw)
			}
		})
	}
}

func TestALockIsNotAWrongPassword(t *testing.T) {
	d := sourcetest.StartDirectory(t, people(0), 500)
	system := open(t, spec(d), d.Password)
	verify := func(password string) source.Answer {
		return system.Verifier.Verify(t.Context(), source.Login{Identifier: "ana", Password: []byte(password)})
	}
	for range 3 {
		verify("wrong")
	}
	if got := verify("right for Ana"); got.Verdict != source.Unavailable || got.Reason != source.LockedThere {
		t.Errorf("the right password of a locked entry: %s %s", got.Verdict, got.Reason)
	}
}

func TestHowTheDirectoryIsReached(t *testing.T) {
	d := sourcetest.StartDirectory(t, people(0), 500)
	for _, test := range []struct {
		name   string
		change func(*source.Spec)
		secret string
		want   source.Verdict
		reason source.Reason
	}{
		{"by StartTLS", func(s *source.Spec) { s.URL = "ldap://" + d.Plain }, d.Password, source.Match, ""},
		{"in clear on this machine", func(s *source.Spec) { s.URL, s.TLS = "ldap://"+d.Plain, config.TLSNone }, d.Password, source.Match, ""},
		{"by a certificate of nobody", func(s *source.Spec) { s.CAPEM = sourcetest.NewCertificate(t).CA }, d.Password, source.Unavailable, source.BadTLS},
		{"by StartTLS with a certificate of nobody", func(s *source.Spec) { s.URL, s.CAPEM = "ldap://"+d.Plain, sourcetest.NewCertificate(t).CA }, d.Password, source.Unavailable, source.BadTLS},
		{"at an address that is not listed", func(s *source.Spec) { s.Private = nil }, d.Password, source.Unavailable, source.Guarded},
		{"with a wrong secret", func(*source.Spec) {}, "wrong", source.Unavailable, source.BadClient},
		{"with an empty secret", func(*source.Spec) {}, "", source.Unavailable, source.NotConfigured},
		{"as an account that is not there", func(s *source.Spec) { s.Bind = "cn=nobody," + sourcetest.Suffix }, d.Password, source.Unavailable, source.BadClient},
		{"below what is not there", func(s *source.Spec) { s.Base = "ou=none," + sourcetest.Suffix }, d.Password, source.Unavailable, source.NotConfigured},
		{"where nobody listens", func(s *source.Spec) { s.URL, s.Private = "ldaps://127.0.0.1:1", []string{"127.0.0.1:1"} }, d.Password, source.Unavailable, source.Refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := spec(d)
			test.change(s)
			got := open(t, s, test.secret).Verifier.Verify(t.Context(), source.Login{Identifier: "ana", Password: []byte("right for Ana")})
			if got.Verdict != test.want || got.Reason != test.reason {
				t.Errorf("%s %s, want %s %s", got.Verdict, got.Reason, test.want, test.reason)
			}
		})
	}
}

func TestSomebodyIsFoundWithoutAPassword(t *testing.T) {
	d := sourcetest.StartDirectory(t, people(0), 500)
	system := open(t, spec(d), d.Password)
	found, is, err := system.Finder.Find(t.Context(), "ana@old.example")
	if err != nil || !is || !bytes.Contains(found.Raw, []byte("\nmail: ana.b@old.example\n")) || !bytes.Contains(found.Raw, []byte("\nentryUUID: ")) {
		t.Errorf("%v %t %v", found, is, err)
	}
	if _, is, err := system.Finder.Find(t.Context(), "zoe"); is || err != nil {
		t.Errorf("nobody: %t %v", is, err)
	}
}

// fetched reads everybody from a cursor on, until stop says so.
func fetched(t *testing.T, system *source.System, from source.Cursor, stop func(n int) bool) (dns []string, last source.Cursor, err error) {
	t.Helper()
	var since []string // behind the last cursor
	n := 0
	err = system.Fetcher.Fetch(t.Context(), from, func(line []byte, next source.Cursor) error {
		if stop(n) {
			return errStop
		}
		n++
		if len(line) > 0 {
			dn, _, _ := strings.Cut(string(line), "\n")
			since = append(since, dn)
		}
		if next != nil {
			dns, since, last = append(dns, since...), nil, slices.Clone(next)
		}
		return nil
	})
	return dns, last, err
}

var errStop = errors.New("stop")

func TestEverybodyIsReadOnceHoweverOftenItStops(t *testing.T) {
	const many = 5000
	d := sourcetest.StartDirectory(t, people(many), 3000) // fewer than there are
	system := open(t, spec(d), d.Password)
	var all []string
	var from source.Cursor
	for round := 0; ; round++ {
		dns, last, err := fetched(t, system, from, func(n int) bool { return n == 1700 })
		all = append(all, dns...)
		if last != nil {
			from = last
		}
		if err == nil {
			break
		}
		if !errors.Is(err, errStop) {
			t.Fatal(err)
		}
		if round > 20 {
			t.Fatal("it comes to no end")
		}
	}
	if len(all) != many+4 {
		t.Errorf("%d people", len(all))
	}
	slices.Sort(all)
	if again := slices.Compact(slices.Clone(all)); len(again) != len(all) {
		t.Errorf("%d came twice", len(all)-len(again))
	}
}

func TestWhoMayReadHashesGetsThem(t *testing.T) {
	d := sourcetest.StartDirectory(t, people(0), 500)
	var lines []string
	err := open(t, spec(d), d.Password).Fetcher.Fetch(t.Context(), nil, func(line []byte, _ source.Cursor) error {
		lines = append(lines, string(line))
		return nil
	})
	text := strings.Join(lines, "\n")
	if err != nil || !strings.Contains(text, "\nuserPassword: right for Ana\n") || !strings.Contains(text, "\ncn:: QsO2\n") {
		t.Errorf("%v\n%s", err, text)
	}
}
