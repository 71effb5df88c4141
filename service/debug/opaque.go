package debug

import (
	"slices"

	"sallyport/pure/config"
	"sallyport/service/issue"
)

// opaque tells whether the access token would be sealed: its application could not
// read it, and is not to read it here.
func (a Answer) opaque() bool { return a.Preview.AccessFormat == config.TokensOpaque }

// holders leaves of an opaque token what introspection tells its own application.
func holders(claims issue.Claims) issue.Claims {
	return slices.DeleteFunc(slices.Clone(claims), func(c issue.Claim) bool { return !issue.Reserved(c.Name) })
}

// ofHolder leaves the sources of those.
func ofHolder(all []ClaimSource) []ClaimSource {
	return slices.DeleteFunc(all, func(s ClaimSource) bool { return s.In == AccessToken && !issue.Reserved(s.Claim) })
}
