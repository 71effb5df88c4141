package audit_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sallyport/service/audit"
	"sallyport/store"
)

// kept is a recorder that keeps what it gets, or fails.
type kept struct {
	events []store.Event
	err    error
}

func (k *kept) Record(_ context.Context, _ store.EnvironmentID, events ...store.Event) error {
	k.events = append(k.events, events...)
	return k.err
}

func newLog(to audit.Recorder) *audit.Log {
	return audit.New(to, func() time.Time { return at }, rand.Reader)
}

func TestAnEntryBecomesAnEvent(t *testing.T) {
	e := newLog(nil).Event(audit.Entry{
		Type: audit.TokenIssued, Actor: audit.Application("payright"), Application: "payright", Trace: "t",
		Detail: map[string]int{"revision": 7},
	})
	if !e.At.Equal(at) || e.Type != "token.issued" || e.Actor != "application/payright" || e.Result != audit.OK || e.Trace != "t" ||
		string(e.Body) != `{"detail":{"revision":7}}` || e.Personal != nil || e.Salt != nil {
		t.Errorf("event is %+v, body %s", e, e.Body)
	}
	e = newLog(nil).Event(audit.Entry{At: at.Add(time.Hour), Type: audit.TokenRefused, Result: "ceilings"})
	if !e.At.Equal(at.Add(time.Hour)) || e.Result != "ceilings" || string(e.Body) != "{}" {
		t.Errorf("event is %+v, body %s", e, e.Body)
	}
}

func TestAPersonalPartLiesBesideABodyThatCommitsToIt(t *testing.T) {
	log := newLog(nil)
	entry := audit.Entry{Type: audit.SignedIn, Personal: map[string]string{"address": "192.0.2.7"}}
	e, again := log.Event(entry), log.Event(entry)
	if strings.Contains(string(e.Body), "192.0.2.7") || string(e.Personal) != `{"address":"192.0.2.7"}` || len(e.Salt) != 16 {
		t.Errorf("event is %+v, body %s", e, e.Body)
	}
	sum := store.CommitPersonal(e.Salt, e.Personal)
	if string(e.Body) != `{"personal_sha256":"`+hex.EncodeToString(sum[:])+`"}` {
		t.Errorf("body is %s", e.Body)
	}
	if string(again.Body) == string(e.Body) {
		t.Error("two events with one address have one commitment: a guess could be tried on all at once")
	}
}

func TestNothingThatAStrangerSendsKeepsAnEventOut(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"\xff\xfe", "a\x00b", strings.Repeat("x", 1<<20), strings.Repeat("é", 200), strings.Repeat("\xff", 1000)} {
		entry := audit.Entry{
			Type: audit.TokenRefused, Actor: audit.Application(text), Application: text, Customer: text, Result: text, Trace: text,
			Detail: map[string]string{"asked": text[:min(len(text), 100)]}, Personal: map[string]string{"agent": text[:min(len(text), 100)]},
		}
		w.must(w.log().Record(w.ctx, w.env, entry))
		e := w.log().Event(entry)
		for _, field := range []string{e.Actor, e.Application, e.Customer, e.Result, e.Trace} {
			if len(field) > 256 || !utf8.ValidString(field) || field == "" {
				t.Errorf("%.20q became %.80q", text, field)
			}
		}
	}
	if v := w.verify(w.env); !v.OK() || v.Events != 5 {
		t.Errorf("verdict: %+v", v)
	}
}

func TestWhatIsNotDurableIsAnError(t *testing.T) {
	away := &kept{err: store.ErrUnavailable}
	err := newLog(away).Record(t.Context(), 1, audit.Entry{Type: audit.SignedIn}, audit.Entry{Type: audit.SignedOut})
	if !errors.Is(err, store.ErrUnavailable) || len(away.events) != 2 {
		t.Errorf("%d events, %v", len(away.events), err)
	}
}

func TestATraceIsSixteenCharactersThatNobodyConfuses(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		trace := newLog(nil).NewTrace()
		if seen[trace] || !regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{16}$`).MatchString(trace) {
			t.Fatalf("trace is %q", trace)
		}
		seen[trace] = true
	}
}

// types reads the catalogue from the source: the values of the constants of
// type Type, by name.
func types(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			value, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if name, ok := v.Type.(*ast.Ident); err != nil || !ok || name.Name != "Type" {
				t.Fatalf("%s is not a Type with a value", v.Names[0])
			}
			found[v.Names[0].Name] = value
		}
	}
	return found
}

func TestEveryTypeOfEventIsDocumentedAndNoOther(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/events.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, declared []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]+ \\| [^|]+ \\|$").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, m[1])
	}
	for name, value := range types(t) {
		declared = append(declared, value)
		if !regexp.MustCompile(`^[a-z]+\.[a-z]+(_[a-z]+)*$`).MatchString(value) {
			t.Errorf("%s is %q, not object.verb", name, value)
		}
	}
	slices.Sort(documented)
	slices.Sort(declared)
	if !slices.Equal(documented, declared) {
		t.Errorf("documented: %q\ndeclared:   %q", documented, declared)
	}
}

// A token's event, as service/issue makes it. The body costs at most 3 µs on
// the machine that the budgets were measured on.
func BenchmarkEvent(b *testing.B) {
	log := newLog(&kept{})
	entry := audit.Entry{
		Type: audit.TokenIssued, Actor: audit.Application("payright"), Application: "payright",
		Detail: struct {
			Server   string   `json:"server"`
			Revision int64    `json:"revision"`
			Grant    string   `json:"grant"`
			Scopes   []string `json:"scopes"`
			Rule     string   `json:"rule"`
			Token    string   `json:"token"`
		}{"enterprise", 7, "client_credentials", []string{"payments.write.posting", "usage.read.interval"}, "partners/post", "4f1c2e9a7b3d"},
	}
	b.ReportAllocs()
	for b.Loop() {
		log.Event(entry)
	}
}

func BenchmarkEventWithPersonalPart(b *testing.B) {
	log := newLog(&kept{})
	entry := audit.Entry{
		Type: audit.SignedIn, Actor: audit.Customer("cus_1"), Customer: "cus_1",
		Personal: struct {
			Address string `json:"address"`
		}{"192.0.2.7"},
	}
	b.ReportAllocs()
	for b.Loop() {
		log.Event(entry)
	}
}

// What a caller waits for, sixteen at a time on embedded storage.
func BenchmarkRecord(b *testing.B) {
	w := newWorld(b)
	log := w.log()
	b.SetParallelism(16)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := log.Record(w.ctx, w.env, audit.Entry{Type: audit.TokenIssued, Actor: audit.Application("payright")}); err != nil {
				b.Error(err)
			}
		}
	})
}
