package oauth

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRFC6749_3_1_ParametersStandOnce(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "p%d=1&", i)
		}
		return b.String()
	}
	for name, test := range map[string]struct {
		raw     string
		want    url.Values // nil: refused
		mention string
	}{
		"nothing":                               {"", url.Values{}, ""},
		"two":                                   {"a=1&b=2", url.Values{"a": {"1"}, "b": {"2"}}, ""},
		"form encoding":                         {"a=x+y%26%C3%A9", url.Values{"a": {"x y&é"}}, ""},
		"an equals sign in a value":             {"a=b=c", url.Values{"a": {"b=c"}}, ""},
		"empty pairs":                           {"&&a=1&", url.Values{"a": {"1"}}, ""},
		"no value means omitted":                {"a=&b&c=1", url.Values{"c": {"1"}}, ""},
		"resource may repeat (RFC 8707 §2)":     {"resource=a&resource=b", url.Values{"resource": {"a", "b"}}, ""},
		"audience may repeat (RFC 8693 §2.1)":   {"audience=a&audience=b", url.Values{"audience": {"a", "b"}}, ""},
		"an empty resource beside another":      {"resource=&resource=b", url.Values{"resource": {"b"}}, ""},
		"twice":                                 {"scope=a&scope=b", nil, "scope"},
		"twice the same":                        {"client_id=a&client_id=a", nil, "client_id"},
		"twice, once encoded":                   {"scope=a&sc%6fpe=b", nil, "scope"},
		"twice, once without value":             {"scope=a&scope=", nil, "scope"},
		"twice, first without value":            {"scope&scope=a", nil, "scope"},
		"names have case":                       {"scope=a&Scope=b", url.Values{"scope": {"a"}, "Scope": {"b"}}, ""},
		"too many resources":                    {strings.Repeat("resource=a&", MaxRepeats+1), nil, "resource"},
		"64 parameters":                         {many(64), nil, "-"},
		"65 parameters":                         {many(65), nil, ""},
		"65 empty ones":                         {strings.Repeat("a=&", 65), nil, ""},
		"a hundred thousand ampersands":         {strings.Repeat("&", 60000), nil, ""},
		"more than 64 KiB":                      {"a=" + strings.Repeat("a", MaxParametersBytes), nil, ""},
		"a bad percent-encoding":                {"a=%zz", nil, "a"},
		"a bad percent-encoding in a name":      {"%z=a", nil, ""},
		"a semicolon":                           {"a=1;b=2", nil, "a"},
		"no name":                               {"=a", nil, ""},
		"a NUL":                                 {"a=%00", nil, "a"},
		"bytes that are not UTF-8":              {"a=%ff", nil, "a"},
		"a name that would break the quotation": {"a%22%5C%0a=1&a%22%5C%0a=2", nil, "a???"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := ParseParameters(test.raw)
			if test.mention == "-" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if test.want == nil {
				if CodeOf(err) != CodeInvalidRequest || !strings.Contains(err.Error(), test.mention) {
					t.Errorf("got %v, want invalid_request with %q", err, test.mention)
				}
				return
			}
			if diff := cmp.Diff(test.want, p.Values()); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
			again, err := ParametersFromValues(p.Values())
			if diff := cmp.Diff(test.want, again.Values()); err != nil || diff != "" {
				t.Errorf("from values: %v %s", err, diff)
			}
		})
	}
}

func TestParametersFromValuesKeepsTheSameRules(t *testing.T) {
	for name, values := range map[string]url.Values{
		"twice":              {"scope": {"a", "b"}},
		"more than 64":       {"resource": make([]string, 65)},
		"more than 64 KiB":   {"a": {strings.Repeat("a", MaxParametersBytes)}},
		"NUL":                {"a": {"\x00"}},
		"no name":            {"": {"a"}},
		"bytes not in UTF-8": {"a": {"\xff"}},
	} {
		if _, err := ParametersFromValues(values); CodeOf(err) != CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParametersAreNotChangedFromOutside(t *testing.T) {
	p, err := ParseParameters("resource=a&code=secret")
	if err != nil {
		t.Fatal(err)
	}
	p.All("resource")[0] = "b"
	p.Values().Set("resource", "c")
	if p.Get("resource") != "a" || !p.Has("code") || p.Has("nothing") || p.Get("nothing") != "" {
		t.Error("a copy was the original")
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", p, p, p, p); strings.Contains(shown, "secret") {
		t.Errorf("shows %s", shown)
	}
}

func TestRFC6749_3_3_Scopes(t *testing.T) {
	numbered := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "s%d ", i)
		}
		return b.String()
	}
	for name, test := range map[string]struct {
		scope string
		want  []Scope
		ok    bool
	}{
		"nothing":               {"", nil, true},
		"spaces":                {"   ", nil, true},
		"one":                   {"openid", []Scope{"openid"}, true},
		"order is kept":         {"b a c", []Scope{"b", "a", "c"}, true},
		"repetitions are not":   {"b a b a", []Scope{"b", "a"}, true},
		"spaces at either end":  {"  a   b ", []Scope{"a", "b"}, true},
		"case counts":           {"a A", []Scope{"a", "A"}, true},
		"every kind of mark":    {"!#[]~:/.*", []Scope{"!#[]~:/.*"}, true},
		"a quotation mark":      {`a"b`, nil, false},
		"a backslash":           {`a\b`, nil, false},
		"a tab":                 {"a\tb", nil, false},
		"a line break":          {"a\nb", nil, false},
		"a letter beyond ASCII": {"é", nil, false},
		"DEL":                   {"a\x7f", nil, false},
		"a NUL":                 {"a\x00", nil, false},
		"201":                   {numbered(201), nil, false},
		"201 times the same":    {strings.Repeat("a ", 201), nil, false},
		"8 KiB and a byte":      {strings.Repeat("a", MaxScopeBytes+1), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseScopes(test.scope)
			if (err == nil) != test.ok || (err != nil && CodeOf(err) != CodeInvalidScope) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got, err := ParseScopes(numbered(200)); err != nil || len(got) != 200 {
		t.Errorf("200 scopes: %d, %v", len(got), err)
	}
}

func TestHugeParametersAreRefusedCheaply(t *testing.T) {
	scope := strings.Repeat("a ", 50000)
	form := "scope=" + strings.Repeat("a+", 1<<20)
	best := time.Hour
	for range 3 { // the best of three, so that a busy machine does not count
		start := time.Now()
		if _, err := ParseScopes(scope); CodeOf(err) != CodeInvalidScope {
			t.Fatal(err)
		}
		if _, err := ParseParameters(form); CodeOf(err) != CodeInvalidRequest {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	if best > time.Millisecond {
		t.Errorf("it took %v", best)
	}
	allocations := testing.AllocsPerRun(10, func() { _, _ = ParseScopes(scope) })
	if allocations > 10 {
		t.Errorf("%v allocations to refuse 100 kB", allocations)
	}
}

func FuzzParseScopes(f *testing.F) {
	f.Add("openid profile")
	f.Add(" a  a\tb")
	f.Fuzz(func(t *testing.T, s string) {
		scopes, err := ParseScopes(s)
		if err != nil {
			if CodeOf(err) != CodeInvalidScope {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		formatted := FormatScopes(scopes)
		again, err := ParseScopes(formatted)
		if diff := cmp.Diff(scopes, again); err != nil || diff != "" {
			t.Errorf("%q: %v %s", formatted, err, diff)
		}
		seen := map[Scope]bool{}
		for _, scope := range scopes {
			if seen[scope] || !scope.Valid() {
				t.Errorf("scope %q", scope)
			}
			seen[scope] = true
		}
	})
}

// FuzzParseParameters: what we accept, the standard library reads the same; it accepts more.
func FuzzParseParameters(f *testing.F) {
	f.Add("a=1&b=2&resource=x&resource=y")
	f.Add("a=%00;&=&&a")
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := ParseParameters(raw)
		if err != nil {
			if CodeOf(err) != CodeInvalidRequest {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		want, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("accepts %q: %v", raw, err)
		}
		for name, all := range want {
			var present []string
			for _, value := range all {
				if value != "" {
					present = append(present, value)
				}
			}
			if diff := cmp.Diff(present, p.All(name)); diff != "" {
				t.Errorf("%q: %s", name, diff)
			}
			if len(all) > 1 && name != "resource" && name != "audience" {
				t.Errorf("%q is repeated", name)
			}
		}
	})
}
