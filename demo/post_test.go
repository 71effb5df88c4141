package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestThePostTakesWhatIsSignedOnceAndShowsItAsNothingMoreThanPaper(t *testing.T) {
	p, err := newPages("")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	mux := http.NewServeMux()
	(&post{secret: []byte("key"), now: func() time.Time { return now }, pages: p}).routes(mux)
	ask := func(at time.Time, key, body string) int {
		r := httptest.NewRequest(http.MethodPost, "/deliver", strings.NewReader(body))
		stamp := strconv.FormatInt(at.Unix(), 10)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte("m1." + stamp + "." + body))
		r.Header.Set("webhook-id", "m1")
		r.Header.Set("webhook-timestamp", stamp)
		r.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code
	}
	const order = `{"id":"m1","channel":"email","to":"dana@harbourlight.example","subject":"Your code","text":"1","html":"<script>alert(1)</script>204 981"}`
	for name, got := range map[string]int{
		"another key": ask(now, "other", order), "an old order": ask(now.Add(-6*time.Minute), "key", order), "another id": ask(now, "key", strings.Replace(order, "m1", "m2", 1)),
	} {
		if got/100 != 4 {
			t.Errorf("%s: %d", name, got)
		}
	}
	if first, again := ask(now, "key", order), ask(now, "key", order); first != 200 || again != 200 {
		t.Errorf("%d, then %d", first, again)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	if text := get("/inbox").Body.String(); strings.Count(text, "/messages/m1") != 1 || strings.Contains(text, "alert") {
		t.Errorf("%s", text)
	}
	if text := get("/phone").Body.String(); !strings.Contains(text, `id="empty"`) {
		t.Errorf("%s", text)
	}
	if w := get("/messages/m1"); !strings.Contains(w.Body.String(), "204 981") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(w.Header().Get("Content-Security-Policy"), "allow-scripts") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}
