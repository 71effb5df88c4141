package signin

import "sallyport/pure/message"

// maxLanguages bounds how many of an application's wishes are kept: a ticket is an
// address.
const maxLanguages = 4

// tags keeps the first of what are tags of languages.
func tags(all []string) []string {
	var kept []string
	for _, tag := range all {
		if canonical := message.Language(tag).Canonical(); canonical != "" && len(kept) < maxLanguages {
			kept = append(kept, string(canonical))
		}
	}
	return kept
}

// language is in which the customer is written to, and what they agree to is shown:
// what they chose, what the application wants, what the browser prefers.
func (r *run) language() string {
	switch {
	case r.visit.Chosen != "":
		return r.visit.Chosen
	case len(r.ticket.Languages) > 0:
		return r.ticket.Languages[0]
	}
	return r.visit.Language
}
