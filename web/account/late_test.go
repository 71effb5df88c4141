package account_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/signin"
)

// late is a form that somebody sends slowly: what before does comes before it.
type late struct {
	before func()
	form   *strings.Reader
}

func (l *late) Read(p []byte) (int, error) {
	if l.before != nil {
		l.before()
		l.before = nil
	}
	return l.form.Read(p)
}

// Headers come at once and a form may take its time: who sends it is asked for when
// it is there.
func TestAFormThatWasOnItsWayDuringACutIsNotTaken(t *testing.T) {
	for at, fields := range forms {
		t.Run(at, func(t *testing.T) {
			s := newSite(t, nil)
			v, id := s.dana()
			form := url.Values{"form": {v.open("/account").token()}}
			if form.Get("form") == "" {
				form.Set("form", v.open("/account/sessions").token())
			}
			maps.Copy(form, fields)
			body := &late{form: strings.NewReader(form.Encode()), before: func() {
				s.Pass(time.Second)
				if err := s.Directory.SignOut(t.Context(), s.Live.ID, id, audit.System); err != nil {
					t.Error(err)
				}
			}}
			r := httptest.NewRequest(http.MethodPost, s.url+at, body)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: signin.CookieName(s.Live.ID, false), Value: v.cookie()})
			answer := httptest.NewRecorder()
			s.handler.ServeHTTP(answer, r)
			if to := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || !strings.Contains(to, "/signin?t=") {
				t.Errorf("got %d, leading to %q:\n%s", answer.Code, to, answer.Body)
			}
		})
	}
}
