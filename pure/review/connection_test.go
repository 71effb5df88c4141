package review_test

import (
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// reached is a migration that asks an earlier system as people sign in.
const reached = `---
kind: migration
name: old
source: {format: csv}
key: id
map: [{from: email, to: email, verified: emailVerified}]
connection: {kind: keycloak, url: https://id.old.example, realm: customers, client: sallyport, secret: old-client, ca: old.pem, network: ["id.old.example:443"]}
jit: {until: 2027-03-31}
`

const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

// reachedAs is that tree with texts replaced, and with what the file of certificates holds.
func reachedAs(t *testing.T, text, ca string, pairs ...string) *config.Snapshot {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q", pairs[i])
		}
	}
	files := map[string][]byte{"tree.yaml": []byte(strings.NewReplacer(pairs...).Replace(text)), "billing.openapi.yaml": []byte(document)}
	for _, name := range []string{"old.pem", "other.pem"} {
		files[name] = []byte(ca)
	}
	parsed, _ := config.Parse(files)
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		t.Fatal(problems)
	}
	return s
}

func TestWhoeverAnswersForAnEarlierSystemIsTakenForIt(t *testing.T) {
	whole := tree + reached
	connection := reached[strings.Index(reached, "connection:"):]
	for _, test := range []struct {
		name    string
		ca      string // of the second tree
		pairs   []string
		says    string
		widens  bool
		section review.Section
	}{
		{"another address", certificate, []string{"https://id.old.example", "https://evil.example"}, "connection.url was https://id.old.example, and is now https://evil.example", true, review.Credentials},
		{"another client", certificate, []string{"client: sallyport", "client: other"}, "connection.client", true, review.Credentials},
		{"another secret that it is shown", certificate, []string{"old-client", "signing"}, "connection.secret", true, review.Credentials},
		{"another realm", certificate, []string{"realm: customers", "realm: master"}, "connection.realm", true, review.Credentials},
		{"a private address more", certificate, []string{`network: ["id.old.example:443"]`, `network: ["id.old.example:443", "10.0.0.1:443"]`}, "10.0.0.1:443", true, review.Credentials},
		{"other members of its answers", certificate, []string{"realm: customers", "realm: customers, record: {mail: email}"}, "connection.record", true, review.Credentials},
		{"certificates of others under the same name", strings.Replace(certificate, "MIIB", "MIIC", 1), nil, "connection.ca", true, review.Credentials},
		{"no certificates of its own", certificate, []string{", ca: old.pem", ""}, "connection.ca", true, review.Credentials},
		{"more guesses", certificate, []string{"until: 2027-03-31", "until: 2027-03-31, identifier: {calls: 500, per: 1m, burst: 500}"}, "jit.identifier", true, review.Widening},
		{"fewer people who are asked about", certificate, []string{"until: 2027-03-31", "until: 2027-03-31, ask: staged"}, "jit.ask", false, review.Credentials},
		{"a later end", certificate, []string{"2027-03-31", "2028-03-31"}, "jit.until", true, review.Credentials},
		{"faster reading", certificate, []string{"realm: customers", "realm: customers, rate: {calls: 50, per: 1s}"}, "connection.rate", true, review.Widening},
		{"more time for an answer", certificate, []string{"realm: customers", "realm: customers, timeout: 9s"}, "connection.timeout", false, review.Neutral},
		{"nobody asks any more", certificate, []string{"jit: {until: 2027-03-31}\n", ""}, "jit.ask was sign-in", false, review.Credentials},
		{"no system at all", certificate, []string{connection, ""}, "connection.kind was keycloak", true, review.Credentials},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := compare(t, reachedAs(t, whole, certificate), reachedAs(t, whole, test.ca, test.pairs...))
			for _, l := range r.Lines {
				if strings.Contains(l.Sentence, test.says) {
					if l.Widens != test.widens || l.Section != test.section {
						t.Errorf("%q widens: %t, in section %v", l.Sentence, l.Widens, l.Section)
					}
					return
				}
			}
			t.Errorf("nothing says %q:\n%s", test.says, strings.Join(told(r), "\n"))
		})
	}
	t.Run("a file under another name", func(t *testing.T) {
		r := compare(t, reachedAs(t, whole, certificate), reachedAs(t, whole, certificate, "old.pem", "other.pem"))
		if r.Widens() {
			t.Error("the same certificates under another name widen:", told(r))
		}
	})
	t.Run("a new one says where it is", func(t *testing.T) {
		r := compare(t, reachedAs(t, tree, certificate), reachedAs(t, whole, certificate))
		if !r.Widens() || !strings.Contains(strings.Join(told(r), "\n"), "connection.url https://id.old.example; jit.ask sign-in") {
			t.Error(told(r))
		}
	})
}
