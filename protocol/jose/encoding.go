package jose

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// base64url refuses padding and stray bits in the last character. It would
// still skip line breaks, therefore decodeBase64url.
var base64url = base64.RawURLEncoding.Strict()

var errBase64url = errors.New("not base64url without padding")

// decodeBase64url accepts exactly one spelling of each byte string (RFC 7515 §2).
func decodeBase64url(s string) ([]byte, error) {
	return appendBase64url(make([]byte, 0, base64url.DecodedLen(len(s))), s)
}

// appendBase64url decodes s behind dst.
func appendBase64url(dst []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if s[i] == '\r' || s[i] == '\n' {
			return nil, errBase64url
		}
	}
	decoded, err := base64url.AppendDecode(dst, []byte(s))
	if err != nil {
		// The library's text quotes a position in what may be a secret.
		return nil, errBase64url
	}
	return decoded, nil
}

// parseObject splits a JSON object into its members. Unlike json.Unmarshal it
// tells names apart by case and refuses a repeated name (RFC 7515 §4, RFC 7517
// §4) and anything behind the object.
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	object := make(map[string]json.RawMessage)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, errors.New("malformed JSON")
		}
		name, _ := token.(string)
		if _, repeated := object[name]; repeated {
			return nil, errors.New("a member is repeated")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errors.New("malformed JSON")
		}
		object[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("malformed JSON")
	}
	if rest := bytes.TrimLeft(data[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes behind the JSON object", len(rest))
	}
	return object, nil
}
