package design

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestPagesTellTheirLanguageAndDirection(t *testing.T) {
	form := Parse(`{{define "body"}}<h1>x</h1>{{end}}`)
	for language, want := range map[string]string{
		"": `<html lang="en">`, "es": `<html lang="es">`, "ar": `<html lang="ar" dir="rtl">`, "he-IL": `<html lang="he-IL" dir="rtl">`,
		"fa": `<html lang="fa" dir="rtl">`, "az-Arab": `<html lang="az-Arab" dir="rtl">`, "ku-Latn-TR": `<html lang="ku-Latn-TR">`,
		"ur-Latn": `<html lang="ur-Latn">`, `"><script>`: `<html lang="en">`, "AR": `<html lang="en">`,
	} {
		recorder := httptest.NewRecorder()
		page := Page{Title: "x", Frame: Frame{Language: language}}
		if err := form.Render(recorder, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, page); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(recorder.Body.String(), want+"\n") {
			t.Errorf("%q: want %s in %.120s", language, want, recorder.Body)
		}
	}
}

// Left and right are the beginning and the end of a line in one half of the world
// alone, so the style sheets name neither.
func TestStyleSheetsNameNoSide(t *testing.T) {
	side := regexp.MustCompile(`(?:^|[\s;{-])(?:left|right)\b[^;}]*`)
	shorthand := regexp.MustCompile(`(?:padding|margin|inset|border-width):\s*([^\s;}]+)\s+([^\s;}]+)\s+([^\s;}]+)\s+([^\s;}]+)\s*[;}]`)
	comment := regexp.MustCompile(`(?s)/\*.*?\*/`)
	for name, sheet := range map[string][]byte{"sallyport.css": styles, "components.css": componentStyles, "console.css": consoleStyles} {
		text := comment.ReplaceAllString(string(sheet), "")
		for _, found := range side.FindAllString(text, -1) {
			t.Errorf("%s: %s", name, found)
		}
		for _, m := range shorthand.FindAllStringSubmatch(text, -1) {
			if m[2] != m[4] {
				t.Errorf("%s: the sides differ in %s", name, m[0])
			}
		}
	}
}
