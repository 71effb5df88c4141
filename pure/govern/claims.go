package govern

import (
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
)

// claims are what the server's own claims take at worst. Which of them are told
// can depend on scopes; those are all that the application obtains.
func (t *token) claims(place claim.Place) int {
	granted := slices.Concat(t.joint.Any, access.OIDCScopes())
	if t.person() {
		return t.live.Told.Bound(place, granted)
	}
	n := 0
	for i := range t.live.Told.Len() {
		spec := &t.live.Claims[i]
		if c := t.live.Told.At(i); c.In(place, granted) && spec.Attribute == "" && spec.Groups == (config.GroupFilter{}) {
			n += c.Bound()
		}
	}
	if n > 0 {
		n += len(`,"":[]`) + len(claim.Overage)
	}
	return n
}
