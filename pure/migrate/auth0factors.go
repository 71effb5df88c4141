package migrate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strings"

	"sallyport/pure/legacy"
)

// auth0Factors is the member that lists a user's second factors, in the shape of
// Auth0's bulk import.
const auth0Factors = "mfa_factors"

// maxFactors bounds what one user may have.
const maxFactors = 64

// factorsKey begins the ledger's key of second factors whose user is not there.
const factorsKey = "factors/"

// shortKey keeps a key within bounds.
func shortKey(key string) string {
	if len(key) <= MaxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return factorsKey + hex.EncodeToString(sum[:])
}

// factorsOf is the layout of the file of second factors.
func (o *objects) factorsOf(p *Plan) *objectLayout {
	return &objectLayout{
		plan: p, tree: o.apart, input: FactorsInput, finish: factorsRow,
		wants: "Auth0's second factors, a JSON object with " + auth0Key + " and " + auth0Factors + " on each line",
	}
}

// auth0Factor is one of a list. Exactly one member says what it is.
type auth0Factor struct {
	TOTP *struct {
		Secret string `json:"secret"`
	} `json:"totp"`
	Phone *struct {
		Value string `json:"value"`
	} `json:"phone"`
	Email *struct {
		Value string `json:"value"`
	} `json:"email"`
}

// factorsRow completes a row of second factors.
func factorsRow(p *Plan, r *Record, whole []byte) (fault string) {
	if len(whole) == 0 || whole[0] != '[' {
		return auth0Factors + " is missing, or no list"
	}
	var read struct {
		List []auth0Factor `json:"list"`
	}
	if err := legacy.Decode(slices.Concat([]byte(`{"list":`), whole, []byte("}")), &read); err != nil {
		return auth0Factors + " does not hold what it should"
	}
	if len(read.List) > maxFactors {
		return auth0Factors + " has too many entries"
	}
	for _, f := range read.List {
		factor, known := f.factor()
		switch {
		case !known:
			r.left = append(r.left, legacy.Left{What: "unknown-factor", Why: "a second factor of a kind that Auth0's own import does not take"})
		case factor.Kind == legacy.TOTP && len(factor.Secret) == 0:
			return "the secret of an app is not base32"
		default:
			r.factors = append(r.factors, factor)
		}
	}
	return ""
}

func (f auth0Factor) factor() (factor legacy.Factor, known bool) {
	switch {
	case f.TOTP != nil:
		return legacy.Factor{Kind: legacy.TOTP, Secret: base32Key(f.TOTP.Secret)}, true
	case f.Phone != nil && f.Phone.Value != "":
		return legacy.Factor{Kind: legacy.Phone, Address: f.Phone.Value}, true
	case f.Email != nil && f.Email.Value != "":
		return legacy.Factor{Kind: legacy.Email, Address: f.Email.Value}, true
	}
	return factor, false
}

// base32Key reads a key as apps show it, nil if it is none.
func base32Key(text string) []byte {
	text = strings.TrimRight(strings.ToUpper(strings.ReplaceAll(text, " ", "")), "=")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return nil
	}
	return key
}

// jointFactors names the rows of second factors of a user: they are the user's
// own, not those of a linked login.
func (o *objects) jointFactors(p *Plan, r *Record) []string {
	if key := r.at(p.key); keyFault(key) == "" {
		return []string{key}
	}
	return nil
}

// settleFactors takes the second factors over. Without their file it is only known
// that there are some.
func (o *objects) settleFactors(r *Record, out *Outcome) {
	if dispute := r.disputes[FactorsInput]; dispute != "" {
		out.hold(DuplicateFactors, dispute)
		return
	}
	out.Factors, out.Left = r.factors, r.left
	if len(r.left) > 0 || len(r.factors) == 0 && r.at(o.factors) != "" {
		out.warn(FactorLeft, "multifactor")
	}
}
