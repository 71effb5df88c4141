package passkey

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// Request asks a browser for an assertion: what
// PublicKeyCredential.parseRequestOptionsFromJSON of WebAuthn §5.1 reads.
type Request struct {
	Challenge []byte
	RPID      string
	Timeout   time.Duration
	Verify    bool      // the authenticator must make sure that it is its owner
	Allow     []Allowed // empty: whichever the authenticator finds by itself
}

// Allowed names a credential that may answer.
type Allowed struct {
	ID         []byte
	Transports []string // known ones of WebAuthn §5.8.4; others are left out
}

// MarshalJSON writes it as browsers read it. Where the owner need not be verified
// they are not asked to be: a PIN beside a password proves nothing more.
func (r Request) MarshalJSON() ([]byte, error) {
	type allowed struct {
		Type       string   `json:"type"`
		ID         string   `json:"id"`
		Transports []string `json:"transports,omitempty"`
	}
	text := struct {
		Challenge        string    `json:"challenge"`
		RPID             string    `json:"rpId"`
		Timeout          int64     `json:"timeout"`
		UserVerification string    `json:"userVerification"`
		Allow            []allowed `json:"allowCredentials,omitempty"`
	}{base64.RawURLEncoding.EncodeToString(r.Challenge), r.RPID, r.Timeout.Milliseconds(), "discouraged", nil}
	if r.Verify {
		text.UserVerification = "required"
	}
	for _, a := range r.Allow {
		text.Allow = append(text.Allow, allowed{"public-key", base64.RawURLEncoding.EncodeToString(a.ID), transports(a.Transports)})
	}
	return json.Marshal(text)
}

func transports(said []string) (known []string) {
	for _, name := range said {
		switch name {
		case "usb", "nfc", "ble", "smart-card", "hybrid", "internal":
			known = append(known, name)
		}
	}
	return known
}

// Usable tells whether pages of a host may ask for a relying party's credentials
// without the other's consent: its id is the host itself or a domain above it
// (WebAuthn §5.1.4.1, step 8). Whether that domain is one under which anybody can
// register, such as "co.nz", is known to browsers, which refuse it then.
func Usable(rpID, host string) bool {
	rpID, host = strings.ToLower(rpID), strings.ToLower(strings.TrimSuffix(host, "."))
	if rpID == "" || strings.HasPrefix(rpID, ".") {
		return false
	}
	return rpID == host || strings.Contains(rpID, ".") && strings.HasSuffix(host, "."+rpID)
}
