package review

import (
	"strings"

	"sallyport/pure/config"
)

// key says what a change of one key of an object means.
type key struct {
	judge judge // nil: told elsewhere, or no part of what the object means
	// credential keys are told in [Credentials], whatever their direction.
	credential bool
	// came and went say an entry of a list that came or went, with the entry in place
	// of %s. Without them, and for all but lists, the key's name and both texts are
	// said.
	came, went string
}

var (
	elsewhere = key{}
	cosmetic  = key{judge: neutral}
)

// judged is the table of what keys mean, by kind and path without names. A key that
// is missing is told as widening, until somebody thinks about it here.
func judged(kind, path string) key {
	if k, known := common()[path]; known {
		return k
	}
	if kind == string(config.KindServer) && strings.HasPrefix(path, "claims[].") {
		return elsewhere // whole, with who can get them
	}
	if k, known := keys()[config.Kind(kind)][path]; known {
		return k
	}
	return key{judge: anyChange}
}

// common are those that every object has.
func common() map[string]key {
	return map[string]key{"name": elsewhere, "title": cosmetic, "notes": cosmetic, "tags[]": cosmetic}
}

func keys() map[config.Kind]map[string]key {
	return map[config.Kind]map[string]key{
		config.KindTenant: tenantKeys(), config.KindServer: serverKeys(), config.KindApplication: applicationKeys(),
		config.KindAPI: apiKeys(), config.KindProduct: productKeys(), config.KindBrand: brandKeys(),
		config.KindJourney: journeyKeys(), config.KindMigration: migrationKeys(),
		config.KindExpectations: expectationKeys(), config.KindHook: hookKeys(),
		config.KindSender: senderKeys(), config.KindMessage: messageKeys(),
		config.KindDocument: documentKeys(), config.KindPurpose: purposeKeys(),
		config.KindRecords: recordKeys(),
	}
}

// secret is a key that is told among credentials.
func secret(j judge) key { return key{judge: j, credential: true} }

func applicationKeys() map[string]key {
	return map[string]key{
		"protocol":              secret(anyChange),
		"type":                  secret(types),
		"authentication":        secret(ranked("private_key_jwt", "client_secret_basic", "client_secret_post", "none")),
		"jwks.keys":             {came, true, "who has the key %s is taken for it", "the key %s is no longer its"},
		"pkce":                  secret(ranked("required", "optional")),
		"redirects":             {came, true, "codes can now be sent to %s", "codes can no longer be sent to %s"},
		"post_logout_redirects": {came, true, "browsers can now be sent to %s after signing out", "browsers can no longer be sent to %s after signing out"},
		"origins":               {came, true, "pages of %s can now call for it", "pages of %s can no longer call for it"},
		"consent":               secret(ranked("required", "implicit")),
		"max_age":               secret(longer(forever)),
		"assigned[]":            elsewhere,
		"grants":                elsewhere,
		"introspects":           {judge: came, came: "it can now look into every token of %s", went: "it can no longer look into tokens of %s that are not its own"},
		"id_token_algorithm":    secret(neutral),
		"brand":                 cosmetic,
		"access_tokens":         elsewhere,         // told in effect, with the server's
		"rate":                  elsewhere,         // told in effect, with the server's
		"home":                  secret(anyChange), // pages lead customers there
		"owner":                 cosmetic,
	}
}

func serverKeys() map[string]key {
	all := map[string]key{
		"audience":             secret(anyChange),
		"signing.algorithm":    secret(neutral),
		"signing.rotate_every": secret(longer(0)),
		"access_tokens":        secret(ranked("opaque", "jwt")),
		"hooks":                {judge: anyChange, came: "the hook %s is now asked, and told of whom a token is for", went: "the hook %s is no longer asked, and takes nothing away"},
		"limits.source":        {judge: rates}, "limits.application": {judge: rates}, "limits.authorize": {judge: rates},
		"scope_budget":              {judge: larger},
		"scopes[].title":            cosmetic,
		"scopes[].tags[]":           cosmetic,
		"scopes[].maturity":         cosmetic,
		"scopes[].until":            cosmetic,
		"scopes[].instead":          cosmetic,
		"scopes[].consent":          secret(ranked("required", "")),
		"policies[].title":          cosmetic,
		"policies[].tags[]":         cosmetic,
		"policies[].rules[].tags[]": cosmetic,
	}
	for _, told := range []string{
		"excess", "fall_through", "lifetimes.access", "lifetimes.refresh", "lifetimes.idle", "entitlements[]",
		"scopes[].name", "scopes[].kind", "scopes[].default", "scopes[].parent",
		"policies[].name", "policies[].applications", "policies order", "policies[].rules order",
		"policies[].rules[].name", "policies[].rules[].effect", "policies[].rules[].grants",
		"policies[].rules[].groups.any", "policies[].rules[].groups.none", "policies[].rules[].networks",
		"policies[].rules[].times", "policies[].rules[].assurance", "policies[].rules[].scopes",
		"policies[].rules[].lifetimes.access", "policies[].rules[].lifetimes.refresh", "policies[].rules[].lifetimes.idle",
		"policies[].rules[].max_age", "policies[].rules[].rate", "policies[].rules[].attributes order",
		"policies[].rules[].attributes[].name", "policies[].rules[].attributes[].is", "policies[].rules[].attributes[].not",
		"policies[].rules[].attributes[].at_least", "policies[].rules[].attributes[].below",
	} {
		all[told] = elsewhere // by access.Diff
	}
	all["claims order"] = cosmetic
	return all
}

func apiKeys() map[string]key {
	return map[string]key{
		"openapi":          cosmetic, // what it means for callers is told by operation, see also requests.go
		"servers":          cosmetic,
		"path":             elsewhere,
		"backend.url":      secret(anyChange),
		"backend.timeout":  cosmetic,
		"backend.identity": {judge: ranked("", "true")},
		"public":           elsewhere,
		"validate":         {judge: ranked("true", "")},
		"maturity":         cosmetic,
		"until":            cosmetic,
		"data":             cosmetic, // told by operation
	}
}

func productKeys() map[string]key {
	return map[string]key{
		"apis":         {judge: came, came: "its subscribers can now call %s", went: "its subscribers can no longer call %s"},
		"applications": {judge: came, came: "%s can now subscribe", went: "%s can no longer subscribe"},
		"rate":         {judge: rates},
	}
}

func brandKeys() map[string]key {
	return map[string]key{
		"logo": cosmetic, "accent": cosmetic, "accent_dark": cosmetic, "default": cosmetic, "language": cosmetic,
		// Whoever is signing in trusts where these lead.
		"help": secret(anyChange), "phone": secret(anyChange), "links": secret(anyChange),
		"hosts": secret(anyChange), // they sign in there
	}
}

func journeyKeys() map[string]key {
	return map[string]key{"purpose": secret(anyChange), "steps": secret(steps), "session": secret(longer(0)), "groups": {judge: came, came: "whoever registers is put into %s", went: "whoever registers is no longer put into %s"}}
}

// What nobody demands any more stops no change: a demand that goes is told as
// widening. Of a sheet it cannot be seen whether one went.
func expectationKeys() map[string]key {
	return map[string]key{
		"server": {judge: anyChange}, "owner": cosmetic, "reason": cosmetic, "sheet": {judge: anyChange},
		"statements": {judge: demands, came: "it now demands: %s", went: "it no longer demands: %s"},
	}
}

func hookKeys() map[string]key {
	return map[string]key{
		"url":        secret(anyChange),
		"timeout":    cosmetic,
		"on_failure": {judge: ranked("refuse", "without", "allow")},
		"points":     {judge: went, came: "it is now asked at %s", went: "it is no longer asked at %s"},
		"events":     {judge: came, came: "it is now told of %s", went: "it is no longer told of %s"},
		"server":     secret(anyChange),
		"judges":     {judge: went, came: "it can now take away %s", went: "it can no longer take away %s"},
		"sends":      {judge: came, came: "it is now told the customer's %s", went: "it is no longer told the customer's %s"},
	}
}

// Whoever delivers messages reads the codes in them, and whoever writes them can have
// customers give theirs away.
func senderKeys() map[string]key {
	return map[string]key{
		"channel": secret(anyChange), "url": secret(anyChange), "username": secret(anyChange), "secret": secret(anyChange),
		"from": secret(anyChange), "from_name": secret(anyChange), "reply_to": secret(anyChange), "brands": secret(anyChange),
		"timeout": cosmetic, "network": {came, true, "it may be at %s, which is inside", "it may no longer be at %s"},
		"ca": secret(anyChange), "tls": secret(ranked("required", "none")),
	}
}

func messageKeys() map[string]key {
	return map[string]key{
		"template": secret(anyChange), "language": secret(anyChange), "brand": secret(anyChange), "subject": secret(anyChange),
		"body": secret(anyChange), "button": secret(anyChange), "text": secret(anyChange), "speech": secret(anyChange),
	}
}

// tenantKeys are those of the tenant. Of environments only the one that is compared
// counts, under environments[]; see [comparison.tenantPath].
func tenantKeys() map[string]key {
	return map[string]key{
		"environments[].url":       elsewhere, // told as issuers
		"environments[].gateway":   elsewhere,
		"environments[].protected": secret(ranked("true", "")),
		"environments[].approvals": secret(fewer),
		"environments[].accepts":   {judge: came, came: "what is %s is accepted here", went: "what is %s is no longer accepted here"},
		"environments[].passkeys.rp_ids": {
			judge: came, credential: true, came: "passkeys of %s are asked for here", went: "passkeys of %s are no longer asked for here",
		},
		"environments[].passkeys.origins": {
			judge: came, credential: true, came: "%s may ask for passkeys of this host", went: "%s may no longer ask for passkeys of this host",
		},
		"environments[].phones.countries": {judge: came, came: "phones of %s are texted and called here", went: "phones of %s are no longer texted and called here"},
		"environments[].phones.texts":     {judge: most(config.DefaultTexts)},
		"environments[].phones.calls":     {judge: most(config.DefaultCalls)},
		"environments[].phones":           cosmetic, // its keys are told
		"environments[].title":            cosmetic,
		"environments[].tags[]":           cosmetic,
		"environments[].variables[]":      cosmetic, // what they fill in is told where it is
		"environments[]":                  cosmetic,
		"other":                           cosmetic,
		"groups[].name":                   cosmetic,
		"groups[].title":                  cosmetic,
		"groups[].tags[]":                 cosmetic,
		"attributes[].name":               cosmetic,
		"attributes[].title":              cosmetic,
		"attributes[].type":               cosmetic, // what rules make of it is told by access.Diff
		"attributes[].owner":              cosmetic,
		"attributes[].purpose":            cosmetic,
		"attributes[].tags[]":             cosmetic,
		"attributes[].retention":          cosmetic,
		"attributes[].of":                 {judge: anyChange},
		"attributes[].self_service":       {judge: ranked("", "true")}, // customers say it themselves
		"attributes[].classification":     {judge: ranked("sensitive", "personal", "internal", "public", "")},
		"passwords.least":                 {judge: fewer},
		"passwords.beside":                {judge: fewer},
		"passwords.filter":                {judge: anyChange}, // nobody here knows what is in them
		"passwords.words":                 {judge: demands, came: "new passwords may no longer be made of %s", went: "new passwords may be made of %s again"},
		"governance.scopes":               {judge: larger}, // what governance refused is let through
		"governance.token.target":         cosmetic, "governance.token.warn": {judge: larger},
		"governance.token.review": {judge: larger}, "governance.token.refuse": {judge: larger},
	}
}
