package design

import (
	"regexp"
	"strings"
)

// rightToLeft are the languages that are written from right to left, by their first
// subtag (BCP 47), unless a script says otherwise.
const rightToLeft = " ar arc ckb dv fa he ks ps sd syr ug ur yi "

// languageTag is as much of BCP 47 as pages are in.
var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?$`)

// Lang is the language of the page as BCP 47 writes it: English unless Language says
// another.
func (p Page) Lang() string {
	if !languageTag.MatchString(p.Language) {
		return "en"
	}
	return p.Language
}

// Dir is the direction in which the page's language is written, rtl or ltr.
func (p Page) Dir() string {
	language, rest, _ := strings.Cut(p.Lang(), "-")
	switch script, _, _ := strings.Cut(rest, "-"); {
	case script == "Arab" || script == "Hebr" || script == "Thaa":
		return "rtl"
	case len(script) == 4: // any other
		return "ltr"
	case strings.Contains(rightToLeft, " "+language+" "):
		return "rtl"
	}
	return "ltr"
}
