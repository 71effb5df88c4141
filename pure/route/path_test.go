package route_test

import (
	"errors"
	"strings"
	"testing"

	"sallyport/pure/route"
)

func TestCanonicaliseGivesOneForm(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{"the root stays", "/", "/"},
		{"a plain path stays", "/bills/2026-11", "/bills/2026-11"},
		{"a trailing slash stays, since it is another resource", "/bills/", "/bills/"},
		{"encoded unreserved characters are decoded", "/%62ills/%7Ejo", "/bills/~jo"},
		{"hexadecimal digits become capitals", "/a%c3%a9", "/a%C3%A9"},
		{"an encoded space stays encoded", "/a%20b", "/a%20b"},
		{"reserved characters keep their form", "/a:b@c,d=1+2%2B2", "/a:b@c,d=1+2%2B2"},
		{"three dots are a name", "/.../a..b", "/.../a..b"},
		{"an encoded percent sign before other text stays", "/100%25!", "/100%25!"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := route.Canonicalise(test.raw)
			if err != nil || got != test.want {
				t.Errorf("Canonicalise(%q) = %q, %v; want %q", test.raw, got, err, test.want)
			}
		})
	}
}

func TestCanonicaliseRefusesWhatTwoServersCouldReadDifferently(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		want      route.PathReason
	}{
		{"nothing", "", route.PathNotAbsolute},
		{"a relative path", "bills", route.PathNotAbsolute},
		{"an absolute URL", "http://host/bills", route.PathNotAbsolute},
		{"two slashes at the start name a host to some", "//host/bills", route.PathEmptySegment},
		{"two slashes inside", "/a//b", route.PathEmptySegment},
		{"two slashes at the end", "/a//", route.PathEmptySegment},
		// The form of GHSA-p224-6x5r-fjpm: a public prefix, then up and over.
		{"a parent segment", "/public/../admin", route.PathDotSegment},
		{"a parent segment at the end", "/public/..", route.PathDotSegment},
		{"a dot segment", "/a/./b", route.PathDotSegment},
		{"an encoded parent segment", "/public/%2e%2e/admin", route.PathDotSegment},
		{"a half-encoded parent segment", "/public/.%2E/admin", route.PathDotSegment},
		{"an encoded slash", "/a%2fb", route.PathEncodedSlash},
		{"an encoded backslash", "/a%5Cb", route.PathEncodedSlash},
		{"a backslash", `/a\..\b`, route.PathBackslash},
		{"a matrix parameter, which some servers cut off", "/admin;x=1", route.PathParameter},
		{"a semicolon that hides a parent segment", "/public/..;/admin", route.PathParameter},
		{"an encoded semicolon", "/admin%3bx", route.PathParameter},
		{"a NUL", "/a%00.pdf", route.PathControl},
		{"a raw line feed", "/a\nb", route.PathControl},
		{"an encoded line feed", "/a%0ab", route.PathControl},
		{"an encoded delete", "/a%7F", route.PathControl},
		{"a lone percent sign", "/100%", route.PathMalformed},
		{"a percent sign before one digit", "/a%2", route.PathMalformed},
		{"a percent sign before letters", "/a%zz", route.PathMalformed},
		{"a slash encoded twice", "/a%252fb", route.PathDoubleEncoding},
		{"a dot encoded twice in pieces", "/a/%25%32e", route.PathDoubleEncoding},
		{"an overlong slash", "/a%c0%afb", route.PathNotUTF8},
		{"a cut character", "/a%c3", route.PathNotUTF8},
		{"a raw letter outside ASCII", "/b\u00fcro", route.PathNotASCII},
		{"a fragment", "/a#b", route.PathDelimiter},
		{"a query", "/a?b", route.PathDelimiter},
		{"a raw space", "/a b", route.PathCharacter},
		{"a brace", "/{bill}", route.PathCharacter},
		{"too many bytes", "/" + strings.Repeat("a", route.MaxPath), route.PathTooLong},
		{"too many segments", strings.Repeat("/a", route.MaxSegments+1), route.PathTooDeep},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := route.Canonicalise(test.raw)
			var refused *route.PathError
			if !errors.As(err, &refused) || refused.Reason != test.want || got != "" {
				t.Errorf("Canonicalise(%q) = %q, %v; want a path that %s", test.raw, got, err, test.want)
			}
		})
	}
}

func TestAnErrorDoesNotRepeatThePath(t *testing.T) {
	_, err := route.Canonicalise("/customers/ada@harbourlight.example/../x")
	if err == nil || strings.Contains(err.Error(), "ada") {
		t.Errorf("error is %v", err)
	}
}

func TestCanonicaliseDoesNotAllocateForACanonicalPath(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { route.Canonicalise("/billing/v1/bills/2026") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzCanonicalise holds every accepted path to the properties on which matching
// and forwarding rely.
func FuzzCanonicalise(f *testing.F) {
	for _, seed := range []string{"/", "/a/b", "/%2e%2e/x", "/a%2541", "/%25%34%31", "/a%c3%a9/", "/a;b", "//", "/a%20b/%7e", "/.%2e/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, err := route.Canonicalise(raw)
		if err != nil {
			return
		}
		again, err := route.Canonicalise(path)
		if err != nil || again != path {
			t.Fatalf("%q became %q, and then %q, %v", raw, path, again, err)
		}
		if path[0] != '/' || strings.Contains(path, "//") || strings.ContainsAny(path, "\\;?#\x00 ") {
			t.Fatalf("%q became %q", raw, path)
		}
		for segment := range strings.SplitSeq(path, "/") {
			if segment == "." || segment == ".." {
				t.Fatalf("%q became %q", raw, path)
			}
		}
		lower := strings.ToLower(path)
		for _, never := range []string{"%2f", "%5c", "%2e", "%00", "%3b", "%252"} {
			if strings.Contains(lower, never) {
				t.Fatalf("%q became %q", raw, path)
			}
		}
	})
}
