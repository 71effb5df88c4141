// Package board gives those who answer for scopes what they must see before they say
// yes to a change: for every scope that comes, goes or is declared otherwise, what it
// is, whether its name can be told apart, what it opens, who gains it, what else it
// would open, how long tokens become, and what is missing.
//
//	before ┐
//	after  ├─Of──▶ Board: scopes with their facts, servers with budget and sizes
//	review ┘
//
// It owns no rules. What a scope opens is pure/reach's to say, who uses it and how
// long tokens are pure/govern's, who gains it is read from the review of the same
// change, so that the board and everybody else look at the same lines, with the same
// customers counted. What it adds is which scopes concern a board, and what of them
// is missing.
//
// The package reads no clock and counts nobody; a service fills in how many customers
// gave their consent. Its callers are promotion and the faces that show changes. A
// Board may be shared as long as nobody writes to it.
package board
