package demo

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"sallyport/web/design"
)

func TestEveryPageOfTheUtilityIsWhole(t *testing.T) {
	p, err := newPages("/help")
	if err != nil {
		t.Fatal(err)
	}
	got := reply{Method: "GET", Path: "/billing/bills/current", Status: 403, Body: "{}"}
	for name, test := range map[string]struct {
		data any
		want []string
	}{
		"start": {
			startPage{Imported: "2000 records", MyAccount: "http://localhost:1", Calls: []partnerCall{{Name: "payright", Title: "PayRight posts"}}, People: design.Table{Columns: design.Columns("Who"), Rows: []design.Row{{Cells: []design.Cell{design.Text("Dana")}}}}, Console: "http://localhost:2/console"},
			[]string{`id="imported">2000 records`, `id="customers"`, `id="open-my-account"`, `id="call-payright"`, `id="open-console" href="http://localhost:2/console"`},
		},
		"outcome": {map[string]any{"Call": partnerCall{Title: "A"}, "Outcome": outcome{Token: "No token", Reply: &got}}, []string{`id="token-outcome"`, `id="outcome"`, "403 Forbidden"}},
		"welcome": {map[string]any{"Start": "/"}, []string{`id="sign-in"`}},
		"account": {homePage{Name: "Dana", Bill: &bill{Amount: 4205}, Reply: got}, []string{`id="customer-name">Dana`, `id="bill"`, `id="pay">Pay $42.05`, `id="sign-out"`, `id="sign-in-again"`, `id="subject"`}},
		"paid":    {got, []string{`id="outcome"`, "That was not paid"}},
		"bank":    {bankPage{End: "1042"}, []string{`id="bank"`, "1042"}},
		"problem": {map[string]any{"What": "It broke", "Why": "so"}, []string{`id="problem">It broke`}},
		"help":    {nil, []string{phone}},
		"post":    {trayPage{Title: "Inbox", Letters: []letter{{ID: "a", To: "b@c.example", Subject: "Your code"}}}, []string{`href="/messages/a"`, "b@c.example"}},
	} {
		w := httptest.NewRecorder()
		p.show(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, page{file: name, title: "T", data: test.data})
		for _, want := range append(test.want, "Harbourlight Energy", "</html>") {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("the page %s lacks %s:\n%s", name, want, w.Body)
			}
		}
	}
}

func TestThePagesWearWhatTheTreeTellsOfTheBrand(t *testing.T) {
	content, err := os.ReadFile("harbourlight/tenant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`accent: "` + accent + `"`, `accent_dark: "` + accentDark + `"`, `phone: "` + phone + `"`} {
		if !strings.Contains(string(content), want) {
			t.Errorf("the tree has no %s", want)
		}
	}
}
