package message

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sheet is what a kind of message says in one language. What is empty is not said
// by that channel.
type Sheet struct {
	Subject string // of mails and letters; one line, at most 200 characters
	Body    string // of mails and letters; at most 8000 characters
	Button  string // label of the link; one line, at most 80 characters
	Text    string // of text messages; one line, at most 400 characters
	Speech  string // of calls; one line, at most 1000 characters
}

// Part names a part of a sheet, as configuration spells it.
type Part string

// The parts.
const (
	PartSubject Part = "subject"
	PartBody    Part = "body"
	PartButton  Part = "button"
	PartText    Part = "text"
	PartSpeech  Part = "speech"
)

// part is one part with its rules.
type part struct {
	name    Part
	text    *string
	most    int
	lines   bool
	channel Channel // that it alone speaks for; empty: it does not stand alone
}

func (s *Sheet) parts() []part {
	return []part{
		{PartSubject, &s.Subject, 200, false, ""},
		{PartBody, &s.Body, 8000, true, Email},
		{PartButton, &s.Button, 80, false, ""},
		{PartText, &s.Text, 400, false, SMS},
		{PartSpeech, &s.Speech, 1000, false, Voice},
	}
}

// Over gives s with what it leaves empty taken from below.
func (s Sheet) Over(below Sheet) Sheet {
	under := below.parts()
	for i, p := range s.parts() {
		if *p.text == "" {
			*p.text = *under[i].text
		}
	}
	return s
}

// Speaks tells whether the sheet has what a channel needs.
func (s Sheet) Speaks(by Channel) bool {
	switch by {
	case Email, Letter:
		return s.Subject != "" && s.Body != ""
	case SMS:
		return s.Text != ""
	case Voice:
		return s.Speech != ""
	}
	return false
}

// Mistake is what is wrong with a sheet.
type Mistake struct {
	Part    Part
	What    string
	Fix     string
	Unknown string // the placeholder that there is not; empty for other mistakes
}

// Check finds what is wrong with what a sheet has. A part that hands out a code or a
// link must say it: without it, whoever reads it cannot go on.
func (s Sheet) Check(k Kind) (mistakes []Mistake) {
	for _, p := range s.parts() {
		if *p.text == "" {
			continue
		}
		mistakes = append(mistakes, p.check(k)...)
	}
	return mistakes
}

func (p part) check(k Kind) (mistakes []Mistake) {
	add := func(what, fix, unknown string) { mistakes = append(mistakes, Mistake{p.name, what, fix, unknown}) }
	if n := utf8.RuneCountInString(*p.text); n > p.most {
		add(fmt.Sprintf("the %s has %d characters", p.name, n), fmt.Sprintf("write at most %d", p.most), "")
		return mistakes
	}
	if i := strings.IndexFunc(*p.text, func(r rune) bool { return hidden(r) && (r != '\n' || !p.lines) }); i >= 0 {
		add(fmt.Sprintf("the %s has a line break or an invisible character", p.name), "write it on one line of visible characters", "")
	}
	used := map[string]bool{}
	for _, piece := range pieces(*p.text) {
		switch {
		case piece.open:
			add(fmt.Sprintf("the %s has a brace that is no placeholder", p.name), "write {name}, with one of "+strings.Join(k.Placeholders(), ", "), "")
		case piece.name != "":
			if _, known := k.Value(piece.name); !known {
				add(fmt.Sprintf("the %s has the placeholder {%.40s}, which %s does not have", p.name, piece.name, k.Name),
					"use one of "+strings.Join(k.Placeholders(), ", "), piece.name)
			}
			used[piece.name] = true
			if p.name == PartSubject && k.tells(piece.name) {
				add(fmt.Sprintf("the subject says {%s}, and servers of mail write subjects into their logs", piece.name), "leave it to the body", "")
			}
		}
	}
	if p.channel == "" || p.channel == Voice && !k.Travels(Voice) {
		return mistakes
	}
	for _, name := range k.must() {
		if !used[name] {
			add(fmt.Sprintf("the %s does not say {%s}, without which nobody can go on", p.name, name), fmt.Sprintf("put {%s} into it", name), "")
		}
	}
	return mistakes
}

// tells tells whether a placeholder stands for something that lets whoever has it go on.
func (k Kind) tells(name string) bool {
	v, _ := k.Value(name)
	return k.Secret && (v.Form == Code || v.Form == Lines || v.Form == Link && name != "help")
}

// piece is text, or the name of a placeholder, or a brace that is none.
type piece struct {
	text, name string
	open       bool
}

// pieces parts text at its placeholders.
func pieces(text string) (all []piece) {
	for text != "" {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			return append(all, piece{text: text})
		}
		if i > 0 {
			all = append(all, piece{text: text[:i]})
		}
		end := strings.IndexByte(text[i:], '}')
		if text[i] == '}' || end < 0 || !isName(text[i+1:i+end]) {
			all = append(all, piece{open: true, text: text[i : i+1]})
			text = text[i+1:]
			continue
		}
		all = append(all, piece{name: text[i+1 : i+end]})
		text = text[i+end+1:]
	}
	return all
}

func isName(text string) bool {
	return text != "" && len(text) <= 40 && !strings.ContainsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' && r != '-' })
}

// hidden tells whether a character shows nothing or moves others about: controls,
// line breaks, marks of direction.
func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

// Choose gives the language to speak: of those there are, the one that is wanted, else
// its plain form (es for es-MX), else one that shares that; else English if it is
// there, else the first.
func Choose(wanted Language, there []Language) Language {
	wanted = wanted.Canonical()
	for _, tag := range []Language{wanted, wanted.Base()} {
		if tag != "" && slices.Contains(there, tag) {
			return tag
		}
	}
	for _, tag := range there {
		if wanted != "" && tag.Base() == wanted.Base() {
			return tag
		}
	}
	if len(there) == 0 || slices.Contains(there, English) {
		return English
	}
	return there[0]
}

// Base is the language without region and script.
func (l Language) Base() Language {
	plain, _, _ := strings.Cut(string(l), "-")
	return Language(plain)
}

// Canonical is the tag as it is compared: es-mx and ES_MX are es-MX. What is no tag
// is empty.
func (l Language) Canonical() Language {
	parts := strings.Split(strings.ReplaceAll(string(l), "_", "-"), "-")
	if len(l) > 35 {
		return ""
	}
	for i, p := range parts {
		if len(p) == 0 || len(p) > 8 || strings.ContainsFunc(p, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			return ""
		}
		p = strings.ToLower(p)
		switch {
		case i > 0 && len(p) == 2:
			p = strings.ToUpper(p)
		case i > 0 && len(p) == 4 && p[0] > '9':
			p = strings.ToUpper(p[:1]) + p[1:]
		}
		parts[i] = p
	}
	if len(parts[0]) < 2 || len(parts[0]) > 3 {
		return ""
	}
	return Language(strings.Join(parts, "-"))
}

// rightToLeft tells how a language is written.
func (l Language) rightToLeft() bool {
	return slices.Contains([]Language{"ar", "fa", "he", "ur", "ps", "yi", "dv", "ckb"}, l.Base())
}
