package subscribe

import (
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/route"
)

// Check names what refuses a call at the gateway, as far as configuration and
// what the caller shows decide it. The names are those of the gateway's answers.
type Check string

// The checks, in the order in which the gateway makes them.
const (
	CheckKey     Check = "key"     // the operation needs a subscription key
	CheckProduct Check = "product" // the subscription's product does not open it
	CheckToken   Check = "token"   // the operation needs a token of a server of its API
	CheckBinding Check = "binding" // key and token belong to different applications
	CheckScope   Check = "scope"   // the token lacks scopes
)

// Admission is whether a call passes; the zero Admission says that it does.
type Admission struct {
	Check Check  `json:"check,omitempty"` // that refused; empty for none
	Text  string `json:"text,omitempty"`  // why, as the caller is told
}

// Passes tells whether nothing refused.
func (v Admission) Passes() bool { return v.Check == "" }

// Shown is what a caller shows: a subscription key, a good token, both or neither.
type Shown struct {
	Keyed       bool
	Product     string // of the key's subscription
	Application string // that the key belongs to; empty for a standalone key
	Token       *Bearer
}

// Bearer is a token that is good: signed, not expired, not revoked.
type Bearer struct {
	Server      string // that issued it
	Application string
	Holds       func(route.Scope) bool
}

// Judge tells what the gateway says to a call of an operation by a caller who is
// within their limits and whose request fits the description. It asks the very
// functions that the gateway's steps ask, in their order. The operation is one of
// the snapshot's Routes.
func Judge(s *config.Snapshot, o *route.Operation, by Shown) Admission {
	api := s.APIs[string(o.API)]
	if api == nil {
		return Admission{CheckProduct, textNoAPI}
	}
	if v := Keyed(o, by.Keyed); !v.Passes() {
		return v
	}
	if by.Keyed {
		if v := Included(s.Products[by.Product], by.Application, api.Name); !v.Passes() {
			return v
		}
	}
	if o.Security.Public {
		return Admission{}
	}
	if by.Token == nil {
		return Admission{CheckToken, TextNoToken}
	}
	if !slices.Contains(api.Servers, by.Token.Server) {
		return Admission{CheckToken, TextOtherServer}
	}
	if v := Bound(by.Application, by.Token.Application); !v.Passes() {
		return v
	}
	return Opened(o, by.Token.Holds)
}

// What the gateway says where there is nothing to compare.
const (
	TextNoToken     = "This operation needs an access token, in the header Authorization."
	TextOtherServer = "The access token is of an authorization server that does not count for this API."

	textNoAPI = "The API is not in the catalogue."
)

// Keyed tells whether an operation may be called with or without a key: a public
// one may without.
func Keyed(o *route.Operation, has bool) Admission {
	if has || o.Security.Public {
		return Admission{}
	}
	return Admission{CheckKey, "This API needs a subscription key, in the header Subscription-Key."}
}

// Included tells whether a product, which may be gone, still admits the
// application of a subscription to it and has the API that is called.
func Included(product *config.Product, application, api string) Admission {
	switch {
	case product == nil || !Admits(product, application):
		return Admission{CheckProduct, "The subscription's product is not offered to this application."}
	case !slices.Contains(product.APIs, api):
		return Admission{CheckProduct, "The subscription's product does not include this API."}
	}
	return Admission{}
}

// Bound tells whether a key and a token, by the applications that they belong
// to, go together. A standalone key goes with none.
func Bound(key, token string) Admission {
	switch {
	case key == "":
		return Admission{CheckBinding, "This subscription key belongs to no application and opens only operations that need no token."}
	case token != key:
		return Admission{CheckBinding, "The access token was issued to another application than the subscription key."}
	}
	return Admission{}
}

// Opened tells whether what a token holds opens an operation.
func Opened(o *route.Operation, holds func(route.Scope) bool) Admission {
	if o.Security.Satisfied(holds) {
		return Admission{}
	}
	return Admission{CheckScope, "The access token does not have the scopes that this operation needs."}
}
