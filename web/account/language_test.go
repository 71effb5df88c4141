package account_test

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/web/design/wordstest"
)

func TestNoPageOfTheAccountHasEnglishLeftInIt(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	known := []string{"Error:", "dana", "@mail.test", "Privacy", "Terms", "Harbourlight Energy", "My Account", "No", "See bills", "sunshare"}
	for _, at := range []string{
		"", "/sessions", "/ways", "/password", "/app", "/recovery-codes", "/applications", "/activity", "/addresses", "/addresses/add",
		"/addresses/username", "/accounts", "/agreements", "/data", "/data/download", "/data/delete", "/sign-out-everywhere", "/passkey/add",
		"/phone/add", "/accounts/one", "/nothing",
	} {
		english := v.open("/account" + at)
		spanish := v.send(http.MethodGet, "/account"+at, nil, "Accept-Language", "es-AR")
		if english.StatusCode == http.StatusSeeOther {
			continue // there is nothing to see yet
		}
		if !strings.Contains(spanish.text, `<html lang="es">`) || spanish.StatusCode != english.StatusCode {
			t.Errorf("%s answers %d and %d: %.100s", at, english.StatusCode, spanish.StatusCode, spanish.text)
		}
		for _, text := range wordstest.Left(english.text, spanish.text, known...) {
			t.Errorf("%s says %q in Spanish too", at, text)
		}
	}
}

func TestWhatCustomersDidIsToldInTheirLanguage(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	page := v.send(http.MethodGet, "/account/activity", nil, "Accept-Language", "es")
	page.shows(t, 200, "Inició sesión", "22 de noviembre de 2026", "Actividad reciente")
}
