package review

import (
	"strings"

	"sallyport/pure/access"
)

// said is the sentence of a line of access: who, in which contexts, can now do what,
// because of which edits.
func (l *Line) said(server string) string {
	if l.Kind == Kind(access.OtherExcess.String()) {
		return "any application of " + server + ": what is asked above the ceilings was treated as " + or(l.Before, "refuse") + ", and is now as " + or(l.After, "refuse")
	}
	var b strings.Builder
	b.WriteString(who(l.Application) + ": ")
	for i, w := range l.Who {
		if i > 0 {
			b.WriteString("; or ")
		}
		b.WriteString(w.Text)
	}
	b.WriteString(", " + l.does(l.what(), server))
	if len(l.Opens) > 0 {
		names := make([]string, len(l.Opens))
		for i, o := range l.Opens {
			names[i] = o.String()
		}
		b.WriteString(", which opens " + listed(names))
	}
	if len(l.Claims) > 0 {
		b.WriteString(", with the claims " + listed(l.Claims))
	}
	for i, cause := range l.Causes {
		b.WriteString(map[bool]string{true: "; because ", false: ", and "}[i == 0] + cause)
	}
	return b.String()
}

// what is what the line is about.
func (l *Line) what() string {
	switch {
	case len(l.Scopes) == 0:
		return "a sign-in"
	case l.Together:
		return joined(l.Scopes, " together with ")
	}
	names := make([]string, len(l.Scopes))
	for i, s := range l.Scopes {
		names[i] = string(s)
	}
	return listed(names)
}

// does is what becomes of it, in words.
func (l *Line) does(what, server string) string {
	scopes, with := what+" of "+server, " with "+what+" of "+server
	if len(l.Scopes) == 0 {
		scopes, with = "a token of "+server+" to sign in by", " of "+server+" to sign in by"
	}
	lives := func(of string) string {
		return of + with + " now lives for up to " + l.After + " instead of " + l.Before
	}
	switch string(l.Kind) {
	case access.NewAccess.String():
		return "can now get " + scopes
	case access.WiderAccess.String():
		return "can now get " + scopes + " too"
	case access.WeakerAssurance.String():
		return "can now get " + scopes + " without stronger assurance"
	case access.OlderSignIn.String():
		return "can now get " + scopes + " without a fresher sign-in"
	case access.FresherSignIn.String():
		return "can get " + scopes + " only with a fresher sign-in"
	case access.HigherRate.String(), access.LowerRate.String():
		return "calls with " + scopes + " are now limited to " + l.After + " instead of " + l.Before
	case access.LongerAccess.String(), access.ShorterAccess.String():
		return lives("an access token")
	case access.LongerRefresh.String(), access.ShorterRefresh.String():
		return lives("a refresh family")
	case access.LongerIdle.String(), access.ShorterIdle.String():
		return lives("an unused refresh token")
	case access.LostAccess.String(), access.NarrowerAccess.String():
		return "can no longer get " + scopes
	case access.StrongerAssurance.String():
		return "can get " + scopes + " only with stronger assurance"
	case access.OtherDefaults.String():
		return "asking " + server + " for no scope, gets " + l.yields()
	}
	return "has " + l.After + " instead of " + l.Before + " for " + scopes
}

// yields is what a request without scopes yields otherwise.
func (l *Line) yields() string {
	gained, gone := strings.TrimPrefix(l.Before, "without "), strings.TrimPrefix(l.After, "without ")
	switch {
	case gained == "" && gone == "":
		return "the same for another time"
	case gone == "":
		return gained + " too, which could be asked for by name"
	case gained == "":
		return "no longer " + gone
	}
	return gained + " instead of " + gone
}
