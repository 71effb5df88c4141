package config

import (
	"fmt"

	"sallyport/pure/message"
)

// Message is what a kind of message says in one language, in place of what is built
// in: `kind: message`. What is left out stays as it is built in.
type Message struct {
	Meta     `yaml:",inline"`
	Template string `yaml:"template"` // which kind of message, such as sign-in-code
	Language string `yaml:"language"` // BCP 47 tag, such as es or es-MX
	Brand    string `yaml:"brand"`    // whose messages; absent: those of every brand without words of its own
	Subject  string `yaml:"subject"`
	Body     string `yaml:"body"`   // paragraphs, parted by empty lines
	Button   string `yaml:"button"` // label of the link
	Text     string `yaml:"text"`   // of text messages
	Speech   string `yaml:"speech"` // of calls
}

func (m *Message) sheet() message.Sheet {
	return message.Sheet{Subject: m.Subject, Body: m.Body, Button: m.Button, Text: m.Text, Speech: m.Speech}
}

// message checks one.
func (c *checker) message(at spot, m *Message) {
	c.snapshot.Messages[m.Name] = m
	if m.Brand != "" {
		c.known(at.at("brand"), "the message", "brand", m.Brand, c.names(KindBrand))
	}
	if tag := message.Language(m.Language).Canonical(); c.required(at, "language", m.Language) && string(tag) != m.Language {
		c.fail(at.at("language"), finding{MessageInvalid, fmt.Sprintf("%.40q is no tag of a language", m.Language), or(suggestTag(tag), "write it es, or es-MX")})
	}
	if !c.required(at, "template", m.Template) {
		return
	}
	kind, known := message.Lookup(message.Name(m.Template))
	if !known {
		var names []string
		for _, k := range message.Kinds() {
			names = append(names, string(k.Name))
		}
		c.oneOf(at.at("template"), "message", m.Template, names...)
		return
	}
	for _, mistake := range m.sheet().Check(kind) {
		fix := mistake.Fix
		if mistake.Unknown != "" {
			fix = or(suggest(mistake.Unknown, kind.Placeholders()), fix)
		}
		c.fail(at.at(string(mistake.Part)), finding{MessageInvalid, mistake.What, fix})
	}
	c.wholeMessage(at, m, kind)
}

func suggestTag(tag message.Language) string {
	if tag == "" {
		return ""
	}
	return "write it " + string(tag)
}

// wholeMessage misses what neither the tree nor we say in the language: a message
// half of which is in another one helps nobody.
func (c *checker) wholeMessage(at spot, m *Message, kind message.Kind) {
	below, _ := message.Builtin(kind.Name, message.Language(m.Language).Base())
	sheet := m.sheet().Over(below)
	for _, by := range kind.Channels {
		if !sheet.Speaks(by) {
			need := map[message.Channel]string{message.Email: "subject and body", message.Letter: "subject and body", message.SMS: "text", message.Voice: "speech"}[by]
			c.fail(at, finding{MessageInvalid, fmt.Sprintf("nothing is built in for %s, so the message says nothing by %s", m.Language, by), "add " + need})
			return
		}
	}
}

// messageOverlaps refuses to say one thing in two ways.
func (c *checker) messageOverlaps() {
	taken := map[[3]string]string{}
	each(c, func(at spot, m *Message) {
		key := [3]string{m.Template, m.Language, m.Brand}
		if other, found := taken[key]; found {
			c.fail(at, finding{MessageInvalid, fmt.Sprintf("the message %q says the same already", other), "keep one of them, or give it another brand or language"})
			return
		}
		taken[key] = m.Name
	})
}

// Sheet gives what a kind of message says to somebody who wants a language, and in
// which it does: the brand's own words, else those of every brand, else the built-in
// ones.
func (s *Snapshot) Sheet(kind message.Name, brand string, wanted message.Language) (message.Sheet, message.Language) {
	written := map[message.Language]message.Sheet{}
	there := message.Languages()
	for _, of := range []string{"", brand} { // the brand's own last, so that they stand
		for _, m := range s.Messages {
			if m.Template == string(kind) && m.Brand == of {
				written[message.Language(m.Language)] = m.sheet().Over(written[message.Language(m.Language)])
				there = append(there, message.Language(m.Language))
			}
		}
	}
	language := message.Choose(wanted, there)
	below, _ := message.Builtin(kind, language.Base()) // es-MX says in es what it does not say itself
	return written[language].Over(below), language
}
