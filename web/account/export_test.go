package account

import "sallyport/service/audit"

// Routes tells what lies where, below the root.
func Routes() map[string]struct{ Shows, Does bool } {
	all := map[string]struct{ Shows, Does bool }{}
	for at, r := range routes {
		all[at] = struct{ Shows, Does bool }{r.show != nil, r.do != nil}
	}
	return all
}

// Decided lists the types of events that customers see, and those they do not.
func Decided() (shown, hidden []audit.Type) {
	for kind := range sentences {
		shown = append(shown, kind)
	}
	for kind := range untold {
		hidden = append(hidden, kind)
	}
	return shown, hidden
}

// Described is what pages in English call a browser.
func Described(agent string) string {
	return described(func(text string, with ...any) string { return words.Say("en", text, with...) }, agent)
}

// What pages say.
var (
	Masked = masked
)
