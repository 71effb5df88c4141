package passkey

import (
	"encoding/base64"
	"encoding/json"
	"time"
)

// Creation asks a browser for a new credential: what
// PublicKeyCredential.parseCreationOptionsFromJSON of WebAuthn §5.1 reads.
type Creation struct {
	Challenge []byte
	RPID      string // the host of the page, or a domain above it
	RPName    string
	Handle    []byte // names the person to the authenticator: 1 to 64 bytes that tell nothing about them
	Name      string // by which the person knows which of theirs it is
	Timeout   time.Duration
	// Alone asks for one that signs in by itself, without a name, and makes sure that it
	// is its owner who uses it. False asks for one that stands behind a password.
	Alone   bool
	Exclude []Allowed // they have these: an authenticator that holds one makes no other
}

// algorithms are those for which new keys are asked, the best known first: ES256,
// EdDSA, RS256 (COSE numbers).
var algorithms = [...]int{-7, -8, -257}

// MarshalJSON writes it as browsers read it. Which model of authenticator it is is not
// asked for: nothing here depends on it, and it would tell people apart.
func (c Creation) MarshalJSON() ([]byte, error) {
	type kind struct {
		Type      string `json:"type"`
		Algorithm int    `json:"alg"`
	}
	type excluded struct {
		Type       string   `json:"type"`
		ID         string   `json:"id"`
		Transports []string `json:"transports,omitempty"`
	}
	type named struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName,omitempty"`
	}
	type selection struct {
		ResidentKey      string `json:"residentKey"`
		RequireResident  bool   `json:"requireResidentKey"`
		UserVerification string `json:"userVerification"`
	}
	text := struct {
		Challenge   string     `json:"challenge"`
		RP          named      `json:"rp"`
		User        named      `json:"user"`
		Kinds       []kind     `json:"pubKeyCredParams"`
		Timeout     int64      `json:"timeout"`
		Exclude     []excluded `json:"excludeCredentials,omitempty"`
		Selection   selection  `json:"authenticatorSelection"`
		Attestation string     `json:"attestation"`
	}{
		Challenge: base64.RawURLEncoding.EncodeToString(c.Challenge), RP: named{ID: c.RPID, Name: c.RPName}, Timeout: c.Timeout.Milliseconds(),
		User:      named{base64.RawURLEncoding.EncodeToString(c.Handle), c.Name, c.Name},
		Selection: selection{"discouraged", false, "discouraged"}, Attestation: "none",
	}
	if c.Alone {
		text.Selection = selection{"required", true, "required"}
	}
	for _, algorithm := range algorithms {
		text.Kinds = append(text.Kinds, kind{"public-key", algorithm})
	}
	for _, e := range c.Exclude {
		text.Exclude = append(text.Exclude, excluded{"public-key", base64.RawURLEncoding.EncodeToString(e.ID), transports(e.Transports)})
	}
	return json.Marshal(text)
}
