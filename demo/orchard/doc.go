// Package orchard is what Auth0 handed out to Orchard Valley Power, the invented
// sister of Harbourlight Energy, when it asked to leave: the users export and,
// from support, the password hashes. Nobody in it exists: names are combined
// from lists, addresses end in .test or .example, and phone numbers are of the
// 555-01xx kind that is kept for fiction.
//
// The two files are made by [Users] and [Hashes] (go generate writes them). They
// look as such files do: NDJSON, joined by user id, in different orders, with
// people who sign in by a social network, second factors, blocked users, one
// address in two connections, users without a hash and hashes without a user.
// The users are always the same; hashes have random salts, so that the committed
// ones are kept.
//
// Everybody's password follows from their address by the published [Password].
// These are passwords of people who do not exist and open nothing but a
// demonstration.
package orchard

//go:generate go run ./generate
