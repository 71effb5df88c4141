package signin

import (
	"strconv"
	"time"

	"sallyport/store"
)

// CookieName names the session cookie of an environment. Under TLS the prefix
// binds it to this very host: no sibling of it can plant one (RFC 6265bis
// §4.1.3). Browsers refuse that prefix over plain http. Customers can see the name, so it
// is no product's.
func CookieName(env store.EnvironmentID, secure bool) string {
	name := "signin-" + strconv.FormatInt(int64(env), 10)
	if secure {
		return "__Host-" + name
	}
	return name
}

// Cookie is what a browser is asked to keep, or to forget if Value is empty. It
// belongs to the whole host, is hidden from scripts, and is sent along when
// another site leads here (SameSite=Lax), as applications do.
type Cookie struct {
	Name, Value string
	Life        time.Duration // zero: until the browser closes
}
