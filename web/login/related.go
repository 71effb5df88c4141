package login

import (
	"encoding/json"
	"net/http"

	"sallyport/web/design"
)

// relatedPath is where browsers ask which pages elsewhere may ask for passkeys of
// this host (WebAuthn §5.11).
const relatedPath = "/.well-known/webauthn"

// showRelated tells it, as it is configured; nothing where nothing is.
func (x *exchange) showRelated() {
	origins := x.snapshot.Passkeys().Origins
	if len(origins) == 0 || x.snapshot.URL.Path != "" || x.r.Method == http.MethodPost {
		x.next(x.w, x.r, x.frame())
		return
	}
	text, err := json.Marshal(map[string][]string{"origins": origins})
	if err != nil {
		x.broken(err)
		return
	}
	h := x.w.Header()
	design.Policy{}.Apply(h)
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=300")
	_, _ = x.w.Write(text) // who left does not read it
}
