package issue

import (
	"cmp"
	"slices"

	"sallyport/pure/claim"
)

// Source says of a claim where its value is from, and what it takes.
type Source struct {
	Claim string      `json:"claim"`
	In    claim.Place `json:"in"`
	From  string      `json:"from"`  // in words, such as "attribute tariff"
	Bytes int         `json:"bytes"` // of the payload: name, value, colon and comma
	Most  int         `json:"most"`  // that it may take; 0 of what the server says itself
}

// LeftOut is a configured claim that is not told, although there is something to tell.
type LeftOut struct {
	Claim  string       `json:"claim"`
	In     claim.Place  `json:"in"`
	Reason claim.Reason `json:"reason"` // TooLong, or why it failed
}

// TooLong: the value takes more bytes than it may.
const TooLong claim.Reason = "overage"

// sources tells of every claim of a payload, in its order.
func (i *issuance) sources(place claim.Place, payload Claims) []Source {
	result, computed := i.told[place]
	if !computed {
		result.own = len(payload)
	}
	all := make([]Source, 0, len(payload))
	for n, member := range payload {
		source := Source{Claim: member.Name, In: place, Bytes: bytesOf(member)}
		if n < result.own || member.Name == claim.Overage {
			source.From = cmp.Or(ownSources[member.Name], "the server")
		} else if at := slices.IndexFunc(result.Values, func(v claim.Value) bool { return v.Name == member.Name }); at >= 0 {
			c := i.server.Told.At(result.Values[at].From)
			source.From, source.Most = c.Source(), c.Bound()
		}
		all = append(all, source)
	}
	return all
}

func bytesOf(member Claim) int {
	encoded, err := claim.AppendJSON(claim.AppendString(nil, member.Name), member.Value)
	if err != nil {
		return 0
	}
	return len(encoded) + len(":,")
}

// leftOut lists what is not told, by place.
func (i *issuance) leftOut() []LeftOut {
	var all []LeftOut
	for _, place := range []claim.Place{claim.Access, claim.ID, claim.Userinfo} {
		for _, name := range i.told[place].Overage {
			all = append(all, LeftOut{name, place, TooLong})
		}
		for _, failure := range i.told[place].Failures {
			all = append(all, LeftOut{failure.Claim, place, failure.Reason})
		}
	}
	return all
}

// ownSources say where the server's own claims are from.
var ownSources = map[string]string{
	"iss": "the server's issuer", "sub": "who the token speaks of", "aud": "the server's audience; of an ID token, the application",
	"client_id": "the application", "azp": "the application", "iat": "the instant", "exp": "the rule's lifetime, or the server's",
	"jti": "the token's own number", "scope": "what was granted", "auth_time": "the sign-in", "acr": "the sign-in", "amr": "the sign-in",
	"sid": "the customer's session", "nonce": "the request", "at_hash": "the access token", "rev": "the revision of the configuration",
	claim.Rate: "the rule's rate", claim.Overage: "claims that are too long",
	"name": "the customer's name", "preferred_username": "the customer's username", "updated_at": "the last change of the customer",
	"email": "the customer's e-mail address", "email_verified": "the customer's e-mail address",
	"phone_number": "the customer's phone number", "phone_number_verified": "the customer's phone number",
}
