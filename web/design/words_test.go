package design

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestCataloguesArePairsOfLines(t *testing.T) {
	got, err := ParseCatalogue("# a comment\n\nYes\n\tSí\nStep %d of %d\n\tPaso %d de %d\n")
	if diff := cmp.Diff(map[string]string{"Yes": "Sí", "Step %d of %d": "Paso %d de %d"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for text, want := range map[string]string{
		"\tSí\n":              "line 1: there is no text above it",
		"Yes\nNo\n\tNo\n":     "line 2: the text above it is not said",
		"Yes\n\tSí\nYes\n\tS": `line 3: "Yes" is there twice`,
		"Yes\n":               `"Yes" is not said`,
	} {
		if _, err := ParseCatalogue(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzParseCatalogue(f *testing.F) {
	f.Add("Yes\n\tSí\n")
	f.Add("# x\n\nStep %d\n\tPaso %d")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParseCatalogue(text)
		if err != nil {
			return
		}
		var written strings.Builder
		for english, said := range all {
			if said == "" || strings.TrimSpace(english) != english {
				t.Errorf("%q is %q", english, said)
			}
			written.WriteString(english + "\n\t" + said + "\n")
		}
		if again, err := ParseCatalogue(written.String()); err != nil || !cmp.Equal(all, again) {
			t.Errorf("written again it is %v, %v", again, err)
		}
	})
}

func spanish() *Words {
	return NewWords(fstest.MapFS{"es.txt": {Data: []byte("Hello %s\n\tHola, %s\nThen [change it] for %s.\n\t[Cámbielo] para %s.\nBold\n\tNegrita\n")}})
}

func TestTextsAreSaidInTheLanguageOfThePage(t *testing.T) {
	w := spanish()
	form := w.Parse(`{{define "body"}}<h1>{{say "Hello %s" .}}</h1>{{with parts "Then [change it] for %s." .}}<p>{{.Before}}<a href="/x">{{.Inside}}</a>{{.After}}</p>{{end}}{{say "Unknown"}}{{end}}`)
	for language, want := range map[string]string{
		"":   `<h1>Hello &lt;b&gt;[100%s]</h1><p>Then <a href="/x">change it</a> for &lt;b&gt;[100%s].</p>Unknown`,
		"es": `<h1>Hola, &lt;b&gt;[100%s]</h1><p><a href="/x">Cámbielo</a> para &lt;b&gt;[100%s].</p>Unknown`,
		"fr": `<h1>Hello &lt;b&gt;[100%s]</h1>`,
	} {
		recorder := httptest.NewRecorder()
		page := Page{Title: "x", Frame: Frame{Language: language}, Data: "<b>[100%s]"}
		if err := form.Render(recorder, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, page); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("%q: want %s in %s", language, want, recorder.Body)
		}
	}
	if got := w.Say("es", "100%s of a name"); got != "100%s of a name" {
		t.Errorf("what has no values is said as %q", got)
	}
}

func TestTheLanguageIsTheFirstThatSomebodyWantsAndThereIs(t *testing.T) {
	w := spanish()
	for name, c := range map[string]struct {
		cookie, header, brand string
		wanted                []string
		want                  string
	}{
		"nobody says anything":                    {want: "en"},
		"the customer chose":                      {cookie: "es", header: "en", wanted: []string{"en"}, want: "es"},
		"what they chose is no tag":               {cookie: `"><script>`, header: "es", want: "es"},
		"the application wants":                   {header: "en", wanted: []string{"fr", "es-419"}, want: "es"},
		"the browser prefers what there is":       {header: "fr;q=0.9, en;q=0.2, es-AR;q=0.7", want: "es"},
		"the browser says it in a strange way":    {header: "es;;q=x, en", want: "en"},
		"the browser says it at length":           {header: "es" + strings.Repeat(", es", 200), want: "en"},
		"the brand has one for whoever is silent": {brand: "es", want: "es"},
		"the brand's counts least":                {brand: "es", header: "en-GB", want: "en"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", c.header)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "language", Value: c.cookie})
		}
		frame := Frame{Brand: brand()}
		own := *frame.Brand.Brand
		own.Language = c.brand
		frame.Brand.Brand = &own
		if got := w.Speak(frame, r, c.wanted...).Language; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

var quoted = regexp.MustCompile(`\b(?:say|parts) "([^"]+)"`)

func TestTheOwnCatalogueIsThatOfTheLayout(t *testing.T) {
	for text, said := range own.Catalogue("es") {
		if strings.Count(text, "%") != strings.Count(said, "%") {
			t.Errorf("%q is %q", text, said)
		}
	}
	for _, name := range []string{"components/layout.html", "components/forms.html", "components/data.html", "error.html", "signout.html"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			if _, known := own.Lookup("es", m[1]); !known {
				t.Errorf("%s: es.txt lacks %q", name, m[1])
			}
		}
	}
}
