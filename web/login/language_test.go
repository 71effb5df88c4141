package login_test

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/service/signin"
	"sallyport/web/design/wordstest"
)

// What is the same in both languages: people, and what the configuration says.
var names = []string{
	"Error:", "dana", "otis", "ana@mail.test", "Privacy", "Terms of service", "Terms", "People in your household",
	"Harbourlight Energy", "Preview", "Pay your bills.", "Tell us when you move.",
}

func TestNoPageHasEnglishLeftInIt(t *testing.T) {
	english := story(t)
	speaking = "es-MX, en;q=0.5"
	defer func() { speaking = "" }()
	for name, page := range story(t) {
		if !strings.Contains(page.text, `<html lang="es">`) {
			t.Errorf("%s is not in Spanish: %.100s", name, page.text)
		}
		for _, text := range wordstest.Left(english[name].text, page.text, names...) {
			t.Errorf("%s says %q in Spanish too", name, text)
		}
		if page.StatusCode != english[name].StatusCode {
			t.Errorf("%s: status %d, want %d", name, page.StatusCode, english[name].StatusCode)
		}
		checkTree(t, page.text)
	}
}

func TestTheLanguageIsWhatTheCustomerChoseThenWhatTheApplicationWants(t *testing.T) {
	s := newSite(t, nil)
	spanish := func(page seen) bool { return strings.Contains(page.text, `<html lang="es">`) }
	wants := func(tags ...string) string {
		return s.ticket(func(t *signin.Ticket) { t.Languages = tags })
	}
	v := newVisitor(t)
	if spanish(v.open(s.ticket())) {
		t.Error("without a wish it is in Spanish")
	}
	if !spanish(v.send(http.MethodGet, s.ticket(), nil, "Accept-Language", "fr, es;q=0.7, en;q=0.3")) {
		t.Error("a browser that prefers Spanish among what there is gets another language")
	}
	if !spanish(v.send(http.MethodGet, wants("fr-CA", "es-419"), nil, "Accept-Language", "en")) {
		t.Error("ui_locales count less than what the browser prefers")
	}
	if spanish(v.send(http.MethodGet, wants("fr"), nil, "Accept-Language", "x y z, es")) {
		t.Error("a header that cannot be read counts")
	}
	page := wants("es")
	if !spanish(v.open(page)) {
		t.Fatal("ui_locales do not count")
	}
	answer := v.open(page + "&language=en")
	back := answer.Header.Get("Location")
	if answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(back, "?t=") || strings.Contains(back, "language") {
		t.Fatalf("choosing a language answers %d and leads to %q", answer.StatusCode, back)
	}
	if spanish(v.open(page)) {
		t.Error("what the customer chose does not count")
	}
	if got := v.open(page + "&language=tlh"); got.StatusCode != http.StatusOK || got.Header.Get("Set-Cookie") != "" && strings.Contains(got.Header.Get("Set-Cookie"), "language") {
		t.Errorf("a language that there is not answers %d with %v", got.StatusCode, got.Header)
	}
}
