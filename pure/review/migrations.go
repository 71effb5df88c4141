package review

import (
	"maps"

	"sallyport/pure/config"
)

func migrationKeys() map[string]key {
	all := map[string]key{
		"groups":         {judge: came, came: "every customer that it imports is put into %s", went: "customers that it imports are no longer put into %s"},
		"map":            {judge: anyChange}, // of groups, attributes and verified addresses
		"duplicates":     {judge: anyChange}, // of who becomes whom
		"drop":           {judge: anyChange}, // of who is not to come in
		"key":            {judge: anyChange}, // of who is taken for whom
		"backup":         {judge: anyChange}, // of whether there is a way back
		"states[]":       {judge: anyChange}, // of who may come in
		"legacy_id":      {judge: anyChange}, // of whom applications take somebody for
		"residency.from": {judge: anyChange}, "residency.values[]": {judge: anyChange}, "residency.accepts": {judge: anyChange}, "residency.otherwise": {judge: anyChange},
		"source.options[]": {judge: anyChange}, "source.secrets[]": secret(anyChange),
		"source.format": cosmetic, "source.delimiter": cosmetic, "source.null": cosmetic, "source.encoding": cosmetic,
		// What a password is compared with: another field may hold what anybody knows.
		"hash.from": secret(anyChange), "hash.scheme": secret(anyChange), "hash.salt": secret(anyChange),
		"hash.rounds": secret(anyChange), "hash.charset": secret(anyChange), "hash.key": secret(anyChange), "hash.pepper": secret(anyChange),
		"hash.scheme_from": secret(anyChange), "hash.schemes[]": secret(anyChange),
		"hash.order": secret(anyChange), "hash.encoding": secret(anyChange), "hash.salt_as": secret(anyChange),
	}
	maps.Copy(all, connectionKeys())
	return all
}

// connectionKeys are those of running systems. Whoever answers there says whose
// password is right, and is sent the secret of the vault that the connection names:
// another place, another account or another question is told among credentials.
func connectionKeys() map[string]key {
	all := map[string]key{
		"connection.finds":   {judge: ranked("", "true")}, // people come along whose password nobody saw
		"connection.rate":    {judge: rates},
		"connection.timeout": cosmetic,
		// Who is read, to be imported.
		"connection.people": {judge: anyChange}, "connection.query": {judge: anyChange}, "connection.after": {judge: anyChange},
		"connection.start": {judge: anyChange}, "connection.paging": {judge: anyChange}, "connection.attributes": {judge: anyChange},
		"jit.ask":       secret(ranked("", config.AskNever, config.AskStaged, config.AskSignIn)),
		"jit.on_outage": secret(ranked("", config.OutageTell, config.OutageNext)), // the next ones hear the password too
		// A password alone is enough, of whoever had a second factor.
		"jit.second_factor": secret(ranked("", config.FactorHold, config.FactorEnrol)),
		"jit.registration":  {judge: ranked("", config.RegistrationWait, config.RegistrationGoOn)}, // somebody may come to be there twice
		"jit.priority":      secret(anyChange),                                                     // of who hears it first
		"jit.until":         secret(later),
		"jit.limit":         {judge: rates}, "jit.source": {judge: rates}, "jit.identifier": {judge: rates},
		"jit.spread": {judge: larger}, "jit.remember": cosmetic,
	}
	for _, name := range [...]string{
		"kind", "url", "tls", "ca", "network", "tenant", "project", "region", "pool", "realm", "userinfo", // which system
		"secret", "lookup_secret", "client", "lookup_client", "authenticate", "bind", "scope", "audience", // who asks
		"base", "filter", "find", "record[]", // about whom
		"password", "key", "server", // and who else could read it
	} {
		all["connection."+name] = secret(anyChange)
	}
	return all
}
