package review

import "strings"

// Headline is what becomes of access, without the contexts, operations and causes
// that stand in the line's other fields: "sunshare can now get payments.write.posting
// of enterprise". Of other lines it is the whole sentence.
func (l *Line) Headline() string {
	if len(l.Who) == 0 {
		return l.Sentence
	}
	does := l.does(l.what(), l.Server)
	if strings.HasPrefix(does, "can ") {
		return who(l.Application) + " " + does
	}
	return who(l.Application) + ": " + does
}
