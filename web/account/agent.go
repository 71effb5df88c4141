package account

import "strings"

// A token that User-Agent headers hold, and what people call that. The first
// that is found counts: browsers call themselves by the names of those that they
// descend from as well.
type token struct{ sign, name string }

var browserTokens = []token{
	{"Edg/", "Edge"},
	{"EdgA/", "Edge"},
	{"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"OPiOS/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Vivaldi/", "Vivaldi"},
	{"YaBrowser/", "Yandex Browser"},
	{"FxiOS/", "Firefox"},
	{"CriOS/", "Chrome"},
	{"Firefox/", "Firefox"},
	{"HeadlessChrome/", "Chrome"},
	{"Chrome/", "Chrome"},
	{"Chromium/", "Chromium"},
	{"Trident/", "Internet Explorer"},
	{"MSIE ", "Internet Explorer"},
	{"Safari/", "Safari"},
}

var systemTokens = []token{
	{"iPhone", "an iPhone"},
	{"iPad", "an iPad"},
	{"Android", "Android"},
	{"Windows", "Windows"},
	{"CrOS", "ChromeOS"},
	{"Macintosh", "a Mac"},
	{"Mac OS X", "a Mac"},
	{"Linux", "Linux"},
}

// described says what a browser that calls itself agent is, in our own words:
// nothing of what a stranger wrote is repeated. A browser can call itself
// anything, so it is a hint and no proof.
func described(say speaker, agent string) string {
	browser, system := named(browserTokens, agent), named(systemTokens, agent)
	switch {
	case browser == "" && system == "":
		return say("A browser")
	case browser == "":
		return say("A browser on %s", say(system))
	case system == "":
		return browser
	}
	return say("%s on %s", browser, say(system))
}

func named(tokens []token, agent string) string {
	for _, t := range tokens {
		if strings.Contains(agent, t.sign) {
			return t.name
		}
	}
	return ""
}
