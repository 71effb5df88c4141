package message

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrChannel: the kind says nothing by the channel.
var ErrChannel = errors.New("nothing is said by this channel")

// Look is of whom a message comes and how it looks.
type Look struct {
	Brand      string
	Accent     string // #rrggbb on white; empty: the default
	AccentDark string // #rrggbb on the dark ground; empty: the default
	Help       string // address where help is
	Phone      string
	Language   Language // in which the sheet speaks
	To         []string // the lines of a letter's address
}

// Rendered is a message as it travels. What its channel does not need is empty.
type Rendered struct {
	Subject string
	Text    string // of mails and letters the plain form, of text messages and calls all
	HTML    string
}

// Render fills a sheet. [*ValueError], [ErrChannel].
func Render(k Kind, s Sheet, by Channel, given map[string]string, look Look) (Rendered, error) {
	values, err := k.Clean(given)
	if err != nil {
		return Rendered{}, err
	}
	if !k.Travels(by) || !s.Speaks(by) {
		return Rendered{}, fmt.Errorf("%s by %s: %w", k.Name, by, ErrChannel)
	}
	values["brand"], values["help"], values["phone"] = oneLine(look.Brand, maxWord), look.Help, oneLine(look.Phone, maxWord)
	f := filler{kind: k, values: values}
	switch by {
	case SMS:
		return Rendered{Text: f.line(s.Text)}, nil
	case Voice:
		f.spoken = true
		return Rendered{Text: f.line(s.Speech)}, nil
	}
	blocks := f.blocks(s)
	return Rendered{Subject: f.line(s.Subject), Text: plain(blocks, look), HTML: page(blocks, look, f.line(s.Subject), by == Letter)}, nil
}

// filler puts values into text.
type filler struct {
	kind   Kind
	values map[string]string
	spoken bool // digits of a code are told one by one
}

// line fills one line; what is left out leaves no gap, and no line break gets in.
func (f filler) line(text string) string {
	var b strings.Builder
	for _, p := range pieces(text) {
		switch {
		case p.name == "":
			b.WriteString(p.text)
		case f.spoken && f.form(p.name) == Code:
			b.WriteString(oneByOne(f.values[p.name]))
		default:
			b.WriteString(f.values[p.name])
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (f filler) form(name string) Form {
	v, _ := f.kind.Value(name)
	return v.Form
}

// oneByOne parts the characters of a code, for a voice.
func oneByOne(code string) string {
	var all []string
	for _, r := range code {
		if !unicode.IsSpace(r) && r != '-' {
			all = append(all, string(r))
		}
	}
	return strings.Join(all, ", ")
}

// block is a paragraph.
type block struct {
	form  Form // Text for words; Code, Link and Lines stand alone
	text  string
	label string // of a link
}

// blocks parts a body into paragraphs and leaves out what speaks of nothing.
func (f filler) blocks(s Sheet) (all []block) {
	for _, paragraph := range strings.Split(strings.ReplaceAll(s.Body, "\r\n", "\n"), "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" || f.speaksOfNothing(paragraph) {
			continue
		}
		if parts := pieces(paragraph); len(parts) == 1 && parts[0].name != "" {
			form := f.form(parts[0].name)
			if form == Code || form == Link || form == Lines {
				all = append(all, block{form, f.values[parts[0].name], f.line(s.Button)})
				continue
			}
		}
		var lines []string
		for _, line := range strings.Split(paragraph, "\n") {
			lines = append(lines, f.line(line))
		}
		all = append(all, block{form: Text, text: strings.Join(lines, "\n")})
	}
	return f.announced(all)
}

// speaksOfNothing tells whether a paragraph has placeholders and none of them stands
// for anything.
func (f filler) speaksOfNothing(paragraph string) bool {
	names := 0
	for _, p := range pieces(paragraph) {
		if p.name == "" {
			continue
		}
		if names++; f.values[p.name] != "" {
			return false
		}
	}
	return names > 0
}

// announced drops a paragraph that ends in a colon and announces nothing any more,
// such as "Or press the button:".
func (f filler) announced(all []block) []block {
	kept := all[:0:0]
	for i, b := range all {
		last := i+1 == len(all)
		if b.form == Text && i > 0 && strings.HasSuffix(b.text, ":") && (last || all[i+1].form == Text) {
			continue
		}
		kept = append(kept, b)
	}
	return kept
}

// plain is the text part of a mail.
func plain(blocks []block, look Look) string {
	var b strings.Builder
	for _, block := range blocks {
		switch block.form {
		case Code:
			b.WriteString("    " + block.text)
		case Link:
			if block.label != "" {
				b.WriteString(block.label + ":\n")
			}
			b.WriteString(block.text)
		default:
			b.WriteString(block.text)
		}
		b.WriteString("\n\n")
	}
	b.WriteString("-- \n" + oneLine(look.Brand, maxWord) + "\n")
	w := wordsOf(look.Language)
	if look.Phone != "" {
		b.WriteString(strings.TrimSpace(w.phone+" "+oneLine(look.Phone, maxWord)) + "\n")
	}
	if look.Help != "" {
		b.WriteString(strings.TrimSpace(w.help+" "+look.Help) + "\n")
	}
	if w.because != "" {
		b.WriteString("\n" + w.because + "\n")
	}
	return b.String()
}
