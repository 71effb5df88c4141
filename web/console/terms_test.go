package console

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testKeys = []string{"tag", "owner"}

func TestASearchIsWordsAndKeysWithValues(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []term
	}{
		"nothing":                             {"  ", nil},
		"words by themselves":                 {"my account", []term{{"", "my"}, {"", "account"}}},
		"a key is lower case, a value is not": {"TAG:Pii", []term{{"tag", "Pii"}}},
		"quotation marks keep spaces":         {`owner:"Digital channels" x`, []term{{"owner", "Digital channels"}, {"", "x"}}},
		"the first colon makes the key":       {"tag:a:b", []term{{"tag", "a:b"}}},
		"a quoted colon makes none":           {`"10:30"`, []term{{"", "10:30"}}},
		"a key may stand there twice":         {"tag:a tag:b", []term{{"tag", "a"}, {"tag", "b"}}},
	} {
		got, err := parseTerms(test.text, testKeys...)
		if err != nil || !cmp.Equal(got, test.want, cmp.AllowUnexported(term{})) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestWhatIsWrongWithASearchIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		"colour:red":                   `"colour:" is not one of tag:, owner:`,
		"tag:":                         "tag: has no value",
		":x":                           "nothing stands before the colon",
		`owner:"Digital`:               "never closed",
		strings.Repeat("x", 400):       "longer than",
		strings.Repeat("x ", 21):       "more than 20 words",
		"\xff":                         "no text",
		strings.Repeat("k", 99) + ":v": "kkk…",
	} {
		_, err := parseTerms(text, testKeys...)
		if !errors.Is(err, errTyped) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestAChipIsPutInAndTakenOut(t *testing.T) {
	had := []term{{"tag", "a"}, {"", "x"}}
	if with, was := toggle(had, term{"owner", "o p"}); was || write(with) != `tag:a x owner:"o p"` {
		t.Error(with)
	}
	if without, was := toggle(had, term{"tag", "A"}); !was || write(without) != "x" {
		t.Error(without)
	}
}

// What is written out is read back as the same.
func FuzzTermsAreReadBack(f *testing.F) {
	for _, seed := range []string{"", "tag:pii text", `owner:"Digital channels"`, `"10:30" tag:a:b`, `a"b c"d`, "tag:\u00a0x", `tag:""`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms, err := parseTerms(text, testKeys...)
		if err != nil {
			if !errors.Is(err, errTyped) || len(err.Error()) > 300 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		written := write(terms)
		if len(written) > maxTyped {
			return // quotation marks made it longer than can be typed
		}
		again, err := parseTerms(written, testKeys...)
		if err != nil || !cmp.Equal(again, terms, cmp.AllowUnexported(term{})) {
			t.Fatalf("%q became %q: %v, %v", text, written, again, err)
		}
	})
}
