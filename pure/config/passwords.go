package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sallyport/pure/password"
)

// PasswordSpec says which new passwords are taken, besides the rules that always hold.
// It is a key of the tenant. No password that somebody has is judged by it.
type PasswordSpec struct {
	Least  int      `yaml:"least"`              // characters of one that lets in by itself; default 15; 8 to 64
	Beside int      `yaml:"beside"`             // where a second factor is always asked for; default 8; 8 to least
	Filter string   `yaml:"filter"`             // name of a filter of breached passwords that the server has; empty: none is asked
	Words  []string `yaml:"words" config:"set"` // that whoever guesses here tries first; names of tenant and brands are among them anyway
}

// Characters is how many a new password has at least. beside says that a second factor
// is always asked for.
func (p PasswordSpec) Characters(beside bool) int {
	if beside {
		return cmp.Or(p.Beside, password.Beside)
	}
	return cmp.Or(p.Least, password.Alone)
}

const (
	leastCharacters = password.Beside
	mostCharacters  = 64 // beyond it, people write passwords down
	mostWords       = 100
)

// passwords sets and checks the lengths, the filter's name and the words.
func (c *checker) passwords(at spot, p *PasswordSpec) {
	p.Least = c.characters(at, "least", p.Least, password.Alone, mostCharacters)
	p.Beside = c.characters(at, "beside", p.Beside, min(password.Beside, p.Least), p.Least)
	if p.Filter != "" {
		c.key(at.at("filter"), p.Filter, "filter")
	}
	if len(p.Words) > mostWords {
		c.fail(at.at("words"), finding{PasswordsInvalid, fmt.Sprintf("there are %d words", len(p.Words)), fmt.Sprintf("keep those %d that are tried first", mostWords)})
		return
	}
	for i, word := range p.Words {
		if n := utf8.RuneCountInString(strings.TrimSpace(word)); n < 3 || n > 40 {
			c.fail(at.at("words", i), finding{PasswordsInvalid, fmt.Sprintf("%.40q is not compared with anything", word), "write words of 3 to 40 characters"})
		}
	}
	c.once(at.at("words"), slices.Clone(p.Words), "word")
}

// characters sets one length.
func (c *checker) characters(at spot, key string, value, fallback, most int) int {
	if !at.has(key) {
		return fallback
	}
	if value < leastCharacters || value > most {
		c.fail(at.at(key), finding{PasswordsInvalid, fmt.Sprintf("passwords of at least %d characters", value), fmt.Sprintf("choose between %d and %d", leastCharacters, most)})
		return fallback
	}
	return value
}
