package console

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sallyport/service/operator"
	"sallyport/store"
)

// upload sends a form with a file as a browser does: the file last.
func (s *site) upload(path string, values url.Values, name, content string) *httptest.ResponseRecorder {
	s.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	values.Set(formField, s.bound())
	for key := range values {
		s.must(form.WriteField(key, values.Get(key)))
	}
	file, err := form.CreateFormFile("file", name)
	s.must(err)
	_, err = file.Write([]byte(content))
	s.must(err)
	s.must(form.Close())
	r := httptest.NewRequest(http.MethodPost, host+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.send(r)
}

const (
	oldPlace  = "/e/harbourlight/production/migrations/old"
	oldExport = "id,LOGIN,<b>TARIFF\nana.bell,x,green\nben,,blue\notis,z,green\notis,z,green\n"
)

func TestAnExportIsAssessedInTheConsole(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	if page := s.open(oldPlace + "/assess"); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `enctype="multipart/form-data"`) {
		t.Fatal(page.Code, page.Body)
	}
	page := s.upload(oldPlace+"/assess", url.Values{"as": {"page"}}, "old.csv", oldExport)
	text := page.Body.String()
	for _, want := range []string{"What the export holds", "Gaps", "duplicate-key", "&lt;b&gt;TARIFF"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %d:\n%s", want, page.Code, text)
		}
	}
	if strings.Contains(text, "ana.bell") || strings.Contains(text, "<b>TARIFF") {
		t.Error("a value, or a name as it is, stands on the page")
	}
	file := s.upload(oldPlace+"/assess", url.Values{"as": {"html"}}, "old.csv", oldExport)
	if !strings.Contains(file.Header().Get("Content-Disposition"), `attachment; filename="harbourlight-production-assessment-old.html"`) || !strings.Contains(file.Body.String(), "<!DOCTYPE html>") {
		t.Error(file.Header(), file.Body)
	}
	data := s.upload(oldPlace+"/assess", url.Values{"as": {"json"}}, "old.csv", oldExport)
	if !strings.Contains(data.Body.String(), `"version": 1`) {
		t.Error(data.Body)
	}
	for name, content := range map[string]string{"nothing": "", "columns that do not fit": "a,b\n1,2\n", "another kind": "{}\n"} {
		if got := s.upload(oldPlace+"/assess", url.Values{}, "x", content); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
}

func TestWhoMayNotReadRecordsIsToldNoKey(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight") // may run migrations
	if page := s.upload(oldPlace+"/assess", url.Values{"as": {"json"}}, "old.csv", oldExport); page.Code != http.StatusOK || strings.Contains(page.Body.String(), `"key"`) {
		t.Error(page.Code, page.Body)
	}
}

var sampleID = regexp.MustCompile(`name="sample" value="([A-Z2-7]+)"`)

func TestAMappingIsTriedOnASampleAndProposed(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	page := s.upload(oldPlace+"/workbench", url.Values{}, "old.csv", oldExport)
	text := page.Body.String()
	for _, want := range []string{"a••.b•••", "g••••", "&lt;b&gt;TARIFF", "Propose it"} {
		if !strings.Contains(text, want) {
			t.Fatalf("%q is missing in %d:\n%s", want, page.Code, text)
		}
	}
	if strings.Contains(text, "ana.bell") || strings.Contains(text, "<b>TARIFF") {
		t.Error("a value stands on the page as it is")
	}
	id := sampleID.FindStringSubmatch(text)[1]
	edit := url.Values{
		"sample": {id}, "name0": {"id"}, "to0": {"username"}, "required0": {"yes"}, "name1": {"LOGIN"}, "to1": {"name"}, "required1": {"yes"}, "steps1": {"lower"},
		"name2": {"<b>TARIFF"}, "to2": {"keep:drop"}, "why2": {"the tariff lives in billing"},
	}
	tried := s.post(oldPlace+"/workbench", edit).Body.String()
	if !strings.Contains(tried, "missing-field") || !strings.Contains(tried, `value="lower"`) {
		t.Errorf("the edited mapping was not used:\n%s", tried)
	}
	edit.Set("to1", "nonsense")
	if wrong := s.post(oldPlace+"/workbench", edit); wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body.String(), "nonsense") {
		t.Errorf("%d", wrong.Code)
	}
	edit.Set("to1", "name")
	edit.Set("base", "1")
	edit.Set("title", "Leave the tariff behind")
	if again := s.post(oldPlace+"/propose", edit); again.Code != http.StatusUnprocessableEntity || !strings.Contains(again.Body.String(), "There is a problem") {
		t.Errorf("a proposal without a reason: %d", again.Code)
	}
	edit.Set("reason", "it is billing's")
	proposed := s.post(oldPlace+"/propose", edit)
	if proposed.Code != http.StatusSeeOther || !strings.Contains(proposed.Header().Get("Location"), "/changes/") {
		t.Fatalf("%d %s", proposed.Code, proposed.Body)
	}
}

func TestASampleIsForItsSessionAlone(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	id := sampleID.FindStringSubmatch(s.upload(oldPlace+"/workbench", url.Values{}, "old.csv", oldExport).Body.String())[1]
	if own := s.post(oldPlace+"/workbench", url.Values{"sample": {id}}); !strings.Contains(own.Body.String(), "a••.b•••") {
		t.Fatal("it was forgotten at once")
	}
	s.has.ID = store.SessionID{7, 7, 7}
	if other := s.post(oldPlace+"/workbench", url.Values{"sample": {id}}); strings.Contains(other.Body.String(), "a••.b•••") || other.Code != http.StatusUnprocessableEntity {
		t.Errorf("another session is shown it: %d", other.Code)
	}
}

func TestDeskMayNotSeeTheMapping(t *testing.T) {
	s := newSite(t)
	s.as(operator.Desk, "harbourlight") // may read records, and no configuration
	if page := s.upload(oldPlace+"/workbench", url.Values{}, "old.csv", oldExport); page.Code != http.StatusForbidden {
		t.Errorf("%d", page.Code)
	}
}

func TestMaskedValuesKeepTheirForm(t *testing.T) {
	for value, want := range map[string]string{
		"ana.bell@harbourlight.test": "a••.b•••@h•••••••••••.t•••", "+44 20 7946": "+## ## ####", "2019-03-04": "####-##-##", "true": "true",
		"Müller": "M•••••", "": "", "a\x00b": "a\uFFFDb",
	} {
		if got := masked(value); got != want {
			t.Errorf("%q is shown as %q, not %q", value, got, want)
		}
	}
	if got := masked(strings.Repeat("x", 100)); len([]rune(got)) != 41 {
		t.Errorf("%q", got)
	}
}
