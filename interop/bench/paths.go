package main

import "context"

// path is a way through the product that has a budget.
type path struct {
	name, yardstick string
	budget          budget
	measure         func(context.Context, *world) (row, error)
}

// paths are in the order in which they are measured: the idle server first.
var paths = []path{
	{"cold start to ready", "", budget{Absolute: 100}, coldStart},
	{"idle memory", "", budget{Absolute: 45}, idleMemory},
	{"sign-in page, all parts", "", budget{Absolute: 14}, signInPage},
	{"token: client credentials", "token floor", budget{Ratio: 1.5}, clientCredentials},
	{"token: code and PKCE", "its requests, 2 signatures, 2 commits", budget{Ratio: 2}, codeFlow},
	{"token: refresh", "request, signature, commit", budget{Ratio: 2}, refresh},
	{"userinfo", "request and one verification", budget{Ratio: 1.2}, userinfo},
	{"discovery", "bare handler", budget{Ratio: 1.3}, discovery},
	{"jwks", "bare handler", budget{Ratio: 1.3}, jwks},
	{"gateway: token seen before", "bare proxy over mutual TLS", budget{Ratio: 1.25}, gatewaySeen},
	{"gateway: every token new", "bare proxy and one verification", budget{Ratio: 1.5}, gatewayNew},
	{"sign-in with a password", "Argon2id alone", budget{Ratio: 1.1}, passwordSignIn},
	{"token p99 in a storm of sign-ins", "token p99 when quiet", budget{Ratio: 5}, storm},
	{"token p99 in a flood of guesses", "token p99 when quiet", budget{Ratio: 5}, floodTokens},
	{"memory in a flood of guesses", "", budget{Absolute: 256}, floodMemory},
	{"known and unknown: a wrong password", "a name that nobody has", budget{Ratio: 1.02}, alike(wrongPassword)},
	{"known and unknown: a recovery", "an address that nobody has", budget{Ratio: 1.02}, alike(codeFor("recovery"))},
	{"known and unknown: a registration", "an address that nobody has", budget{Ratio: 1.02}, alike(codeFor("registration"))},
	{"import of hashed customers", "raw insert of the same rows", budget{Ratio: 2}, importing},
	{"coming along just in time, over one hash", "", budget{Absolute: 10}, comingAlong},
	{"access matrix, 300 × 200 × 200 × 8", "", budget{Absolute: 100}, accessMatrix},
	{"access matrix, 1,000 × 500 × 500 × 10", "", budget{Absolute: 5000}, largeMatrix},
	{"access difference, one rule edited of 300 × 200 × 200 × 8", "", budget{Absolute: 250}, accessDifference},
}

// sizes of a contest, by how much is asked for.
func (w *world) sized(workers, operations, rounds int) contest {
	if w.options.small {
		operations, rounds = max(operations/10, 2*workers), 2
	}
	return contest{workers: workers, operations: operations, rounds: rounds}
}
