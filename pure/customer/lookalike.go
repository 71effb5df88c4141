package customer

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ErrLookalike: a name that can be taken for another one.
var ErrLookalike = errors.New("letters that look like others")

// Register normalises an identifier that somebody newly chooses, as [Normalise] does,
// and refuses names that can be taken for somebody else's: [ErrLookalike]. Names that
// are here already, or come from an earlier system, are kept as they are: their owners
// cannot be asked to spell them differently.
//
// The policy is that of UTS #39 for a username and for each part of an address between
// its dots and its @:
//
//   - after NFKC with case folded, all letters are of one script ("highly restrictive":
//     Japanese, Korean and Chinese may each mix theirs, with Latin too);
//   - all digits are of one system;
//   - a name in another script than Latin has a letter that no Latin one looks like, so
//     that раура is refused and парус is not (what browsers ask of domains);
//   - no mark is put on another mark thrice, and none stands first.
func Register(kind IdentifierKind, raw, region string) (Identifier, error) {
	id, err := Normalise(kind, raw, region)
	if err != nil || kind == Phone {
		return id, err
	}
	for _, part := range strings.FieldsFunc(norm.NFKC.String(id.Value), func(r rune) bool { return r == '.' || r == '@' || r == ' ' }) {
		if mixed(part) || disguised(part) || stacked(part) {
			return Identifier{}, fmt.Errorf("%s: %w", kind, ErrLookalike)
		}
	}
	return id, nil
}

// together are scripts that are written in one word.
var together = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"},
	{"Latin", "Han", "Hangul"},
	{"Latin", "Han", "Bopomofo"},
}

// mixed tells whether letters of several scripts, or digits of several systems, stand
// in one word.
func mixed(word string) bool {
	scripts, zeros := map[string]bool{}, map[rune]bool{}
	for _, r := range word {
		if unicode.Is(unicode.Nd, r) {
			zeros[zeroOf(r)] = true
		}
		if s := scriptOf(r); s != "" {
			scripts[s] = true
		}
	}
	if len(zeros) > 1 {
		return true
	}
	if len(scripts) < 2 {
		return false
	}
	for _, set := range together {
		if within(scripts, set) {
			return false
		}
	}
	return true
}

func within(scripts map[string]bool, set []string) bool {
	found := 0
	for _, s := range set {
		if scripts[s] {
			found++
		}
	}
	return found == len(scripts)
}

// zeroOf gives the zero of the system that a digit is of: systems stand in runs of ten.
func zeroOf(r rune) rune {
	for _, run := range unicode.Nd.R16 {
		if low := rune(run.Lo); low <= r && r <= rune(run.Hi) {
			return r - (r-low)%10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if low := rune(run.Lo); low <= r && r <= rune(run.Hi) {
			return r - (r-low)%10
		}
	}
	return r
}

// scriptOf names the script of a letter; empty for what belongs to all.
func scriptOf(r rune) string {
	if r < 0x80 {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return "Latin"
		}
		return ""
	}
	for name, table := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && unicode.Is(table, r) {
			return name
		}
	}
	return ""
}

// latinLike are letters of other scripts that a Latin one looks like in most typefaces:
// those of the confusables of UTS #39 for which browsers show a domain in its xn-- form.
const latinLike = "" +
	"\u0430\u0441\u0501\u0435\u050d\u04bb\u0456\u044e\u0458\u04cf\u043e\u0440\u0517\u051b\u0455\u051d\u0445\u0443\u044a\u044c\u04bd\u043f\u0433\u0475\u0461" + // Cyrillic
	"\u03b1\u03b9\u03ba\u03bd\u03c1\u03c5\u03c9\u03b7\u03bf\u03c4" + // Greek
	"\u0561\u0563\u0566\u0567\u056c\u0570\u0575\u0578\u057d\u0582" + // Armenian
	"\u10d8\u10dd\u10e7\u10eb\u10ee" + // Georgian
	"\u05d3\u05d5\u05d7\u05d9\u05df\u05e1" // Hebrew

// disguised tells whether a word that is not Latin could be read as one: whether each
// of its letters looks like a Latin one.
func disguised(word string) bool {
	foreign := false
	for _, r := range norm.NFD.String(word) {
		if r < 0x80 || unicode.Is(unicode.Mn, r) {
			if 'a' <= r && r <= 'z' {
				return false // Latin, and of one script
			}
			continue
		}
		if !strings.ContainsRune(latinLike, r) {
			return false
		}
		foreign = true
	}
	return foreign
}

// stacked tells whether marks pile up, or begin a word.
func stacked(word string) bool {
	run, first := 0, true
	for _, r := range norm.NFD.String(word) {
		if !unicode.Is(unicode.Mn, r) {
			run, first = 0, false
			continue
		}
		if run++; first || run > 3 {
			return true
		}
	}
	return false
}
