package keycloak

import (
	"encoding/json"

	"sallyport/service/source"
)

// claims are what userinfo says under other names than a representation does.
var claims = map[string]string{
	"sub": "id", "preferred_username": "username", "email": "email", "email_verified": "emailVerified",
	"given_name": "firstName", "family_name": "lastName",
}

// plain are claims that are made of others.
var plain = map[string]bool{"name": true, "updated_at": true, "iss": true, "aud": true}

// represented makes a representation of what userinfo says. What it has besides
// are attributes.
func represented(info []byte) (json.RawMessage, error) {
	var said map[string]any
	if json.Unmarshal(info, &said) != nil || said == nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "userinfo is no JSON object"}
	}
	user, attributes := map[string]any{"enabled": true}, map[string][]string{}
	for name, value := range said {
		text, is := value.(string)
		switch {
		case claims[name] != "":
			user[claims[name]] = value
		case is && !plain[name]:
			attributes[name] = []string{text}
		}
	}
	if len(attributes) > 0 {
		user["attributes"] = attributes
	}
	return written(user)
}

// with adds a member to an object.
func with(raw json.RawMessage, name string, value json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "a user is no JSON object"}
	}
	members[name] = value
	return written(members)
}

func written(value any) (json.RawMessage, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "a user cannot be written"}
	}
	return raw, nil
}
