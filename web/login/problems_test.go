package login

import (
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/web/design"
)

func TestWaitsAreToldInWordsAndNeverTooShort(t *testing.T) {
	english := func(text string, with ...any) string { return words.Say(design.English, text, with...) }
	for d, want := range map[time.Duration]string{
		time.Second: "a minute", time.Minute: "a minute", time.Minute + 1: "2 minutes", time.Hour: "60 minutes",
		time.Hour + 1: "2 hours", 24*time.Hour + 1: "2 days",
	} {
		if got := inWords(english, d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestEveryProblemHasWords(t *testing.T) {
	for _, p := range []journey.Problem{
		journey.IdentifierMissing, journey.IdentifierTooLong, journey.PasswordMissing, journey.NotRecognised,
		journey.TooManyAttempts, journey.CheckUnavailable, journey.Interrupted, noCookies,
	} {
		if told, found := problems[p]; !found || told.what == "" || !told.field && told.fix == "" {
			t.Errorf("%s has no words, or no way out", p)
		}
	}
}
