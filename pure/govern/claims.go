package govern

import (
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Where a configured claim can stand, as configuration spells it.
const (
	inAccess = "access"
	inID     = "id"
)

// usual is how long the value of a claim from the directory is taken to be.
const usual = 256

// claims are what the server's own claims take at worst. Which of them are told
// can depend on scopes; those are all that the application obtains.
func (t *token) claims(place string) int {
	granted := make([]string, 0, len(t.joint.Any)+len(access.OIDCScopes()))
	for _, s := range t.joint.Any {
		granted = append(granted, string(s))
	}
	for _, s := range access.OIDCScopes() {
		granted = append(granted, string(s))
	}
	n := 0
	for i := range t.live.Claims {
		c := &t.live.Claims[i]
		if !slices.Contains(c.In, place) || len(c.Scopes) > 0 && !meets(c.Scopes, granted) {
			continue
		}
		n += t.claim(c)
	}
	return n
}

func (t *token) claim(c *config.ClaimSpec) int {
	around := len(`,"":""`) + quoted(c.Name)
	switch {
	case c.Value != "":
		return around + quoted(c.Value)
	case !t.person():
		return 0
	}
	return around + usual
}
