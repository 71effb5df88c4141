package design

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"sallyport/pure/message"
)

// rightToLeft are the languages that are written from right to left, by their first
// subtag (BCP 47), unless a script says otherwise.
const rightToLeft = " ar arc ckb dv fa he ks ps sd syr ug ur yi "

// languageTag is as much of BCP 47 as pages are in.
var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?$`)

// Lang is the language of the page as BCP 47 writes it: English unless its frame says
// another.
func (p Page) Lang() string {
	if !languageTag.MatchString(p.Frame.Language) {
		return English
	}
	return p.Frame.Language
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

// Tongue is a language in which a page can be had, and where.
type Tongue struct{ Tag, Name, URL string }

// The languages by their own names.
var tongues = map[string]string{English: "English", "es": "Español"}

// languageKey is the name of the cookie that keeps which language a customer chose
// here, and of the value in an address by which they do.
const languageKey = "language"

// maxAccepted bounds what is read of what a browser prefers.
const maxAccepted = 512

// Speak gives the frame in the language in which r is answered, with the ways to the
// page in others. It is what the customer chose on a page of ours; else the first of
// wanted that there is, best first; else what the browser prefers; else the brand's;
// else English. A language does for another of its kind: whoever asks for es-MX gets es.
func (w *Words) Speak(f Frame, r *http.Request, wanted ...string) Frame {
	there := w.Languages()
	all := append([]string{Chosen(r)}, wanted...)
	all = append(append(all, accepted(r)...), f.own())
	f.Language, f.Others = first(all, there), nil
	query := r.URL.Query()
	for name := range query {
		if !slices.Contains(w.keeps, name) && name != languageKey {
			return f // no page repeats what a stranger may have written into its address
		}
	}
	if r.Method != http.MethodGet {
		return f // a form's answer cannot be asked for again
	}
	for _, tag := range there {
		if tag == f.Language {
			continue
		}
		query.Set(languageKey, tag)
		f.Others = append(f.Others, Tongue{Tag: tag, Name: tongues[tag], URL: "?" + query.Encode()})
	}
	return f
}

// first gives the first of the languages wanted that is there; English for none.
func first(wanted, there []string) string {
	for _, tag := range wanted {
		canonical := message.Language(tag).Canonical()
		for _, one := range []message.Language{canonical, canonical.Base()} {
			if one != "" && slices.Contains(there, string(one)) {
				return string(one)
			}
		}
	}
	return English
}

// accepted is what the browser prefers, best first (RFC 9110 §12.5.4); nothing where
// that cannot be read.
func accepted(r *http.Request) []string {
	header := r.Header.Get("Accept-Language")
	if len(header) > maxAccepted {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	all := make([]string, len(tags))
	for i, tag := range tags {
		all[i] = tag.String()
	}
	return all
}

// Chosen is the language that the customer chose on a page of ours, as a tag that may
// be of a language that there is not; empty if they chose none.
func Chosen(r *http.Request) string {
	cookie, err := r.Cookie(languageKey)
	if err != nil {
		return ""
	}
	return string(message.Language(cookie.Value).Canonical())
}

// Choose keeps which language a customer chooses by an address of [Words.Speak], and
// leads back to the page. It tells whether it answered: another request is none of its.
func (w *Words) Choose(out http.ResponseWriter, r *http.Request, secure bool) bool {
	query := r.URL.Query()
	chosen := query.Get(languageKey)
	if r.Method != http.MethodGet || !slices.Contains(w.Languages(), chosen) {
		return false
	}
	query.Del(languageKey)
	http.SetCookie(out, &http.Cookie{
		Name: languageKey, Value: chosen, Path: "/", MaxAge: 365 * 24 * 60 * 60, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	Policy{}.Apply(out.Header())
	out.Header().Set("Location", "?"+query.Encode()) // wherever this page is
	out.WriteHeader(http.StatusSeeOther)
	return true
}
