package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Bounds of the claims parameter.
const (
	maxClaimsBytes  = 8 << 10
	maxClaimsDepth  = 6
	maxClaims       = 100
	maxClaimChoices = 100
)

// ClaimName names a claim (OpenID Connect Core §5.1).
type ClaimName string

// ClaimsRequest is the claims parameter (OpenID Connect Core §5.5). The zero
// value asks for nothing.
type ClaimsRequest struct {
	UserInfo map[ClaimName]ClaimRequest
	IDToken  map[ClaimName]ClaimRequest
}

// ClaimRequest asks for one claim (OpenID Connect Core §5.5.1).
type ClaimRequest struct {
	// Essential claims are needed for the task at hand; the others are voluntary.
	Essential bool
	// Value, if not nil, is the one value wanted, as JSON.
	Value json.RawMessage
	// Values, if not nil, are the values wanted in order of preference, as JSON.
	Values []json.RawMessage
}

// ParseClaimsRequest reads a claims parameter. The empty string asks for nothing. Unknown
// members are ignored (§5.5); malformed JSON, a repeated name, nesting beyond six
// levels, or more than 8 KiB or 100 claims is an *Error with invalid_request.
func ParseClaimsRequest(s string) (ClaimsRequest, error) {
	if s == "" {
		return ClaimsRequest{}, nil
	}
	request, err := parseClaimsRequest(s)
	if err != nil {
		return ClaimsRequest{}, InvalidRequest("claims: " + err.Error())
	}
	return request, nil
}

func parseClaimsRequest(s string) (request ClaimsRequest, err error) {
	if len(s) > maxClaimsBytes {
		return ClaimsRequest{}, fmt.Errorf("longer than %d bytes", maxClaimsBytes)
	}
	if jsonDepth(s) > maxClaimsDepth {
		return ClaimsRequest{}, errors.New("nested too deeply")
	}
	members, err := splitObject([]byte(s))
	if err != nil {
		return ClaimsRequest{}, err
	}
	if request.UserInfo, err = parseClaims(members["userinfo"]); err != nil {
		return ClaimsRequest{}, err
	}
	request.IDToken, err = parseClaims(members["id_token"])
	return request, err
}

func parseClaims(raw json.RawMessage) (map[ClaimName]ClaimRequest, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	members, err := splitObject(raw)
	if err != nil {
		return nil, err
	}
	if len(members) > maxClaims {
		return nil, fmt.Errorf("more than %d claims", maxClaims)
	}
	claims := make(map[ClaimName]ClaimRequest, len(members))
	for name, raw := range members {
		claim, err := parseClaim(raw)
		if err != nil {
			return nil, err
		}
		claims[ClaimName(name)] = claim
	}
	return claims, nil
}

// parseClaim reads null, which asks for a voluntary claim, or an object.
func parseClaim(raw json.RawMessage) (claim ClaimRequest, err error) {
	if string(raw) == "null" {
		return ClaimRequest{}, nil
	}
	members, err := splitObject(raw)
	if err != nil {
		return ClaimRequest{}, err
	}
	if essential, found := members["essential"]; found {
		if json.Unmarshal(essential, &claim.Essential) != nil {
			return ClaimRequest{}, errors.New("essential is not a boolean")
		}
	}
	claim.Value = members["value"]
	if values, found := members["values"]; found {
		if json.Unmarshal(values, &claim.Values) != nil || len(claim.Values) == 0 || len(claim.Values) > maxClaimChoices {
			return ClaimRequest{}, fmt.Errorf("values is not an array of 1 to %d", maxClaimChoices)
		}
	}
	if claim.Value != nil && claim.Values != nil {
		return ClaimRequest{}, errors.New("value and values exclude each other")
	}
	return claim, nil
}

// jsonDepth counts how deeply brackets nest, before anything recursive reads s.
func jsonDepth(s string) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// splitObject gives the members of a JSON object; it tells names apart by case and refuses
// repeated ones.
func splitObject(data []byte) (map[string]json.RawMessage, error) {
	errMalformed := errors.New("not a JSON object")
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errMalformed
	}
	members := make(map[string]json.RawMessage)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, errMalformed
		}
		name, _ := token.(string)
		if _, repeated := members[name]; repeated {
			return nil, errors.New("a member is repeated")
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil, errMalformed
		}
		members[name] = value
	}
	if _, err := decoder.Token(); err != nil || len(bytes.TrimSpace(data[decoder.InputOffset():])) > 0 {
		return nil, errMalformed
	}
	return members, nil
}
