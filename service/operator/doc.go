// Package operator knows the people who work in the console: who they are, what
// each may do and where, and the links by which they come in.
//
//	link ──SetUp──▶ operator ──signs in through service/signin──▶ Find ──▶ May
//
// Operators live in the environment store.System, as people who sign in there;
// they are in no customer directory. What a role may do is one table
// ([Operator.May]); a role holds at a place: everywhere, in a tenant, in an
// environment, or for one authorization server.
//
// Nobody becomes an operator but by a link, which works once and for 24 hours.
// The first is made by the server when there is no operator, later ones on the host
// or by operators, who give no more than they hold ([Operator.MayGive],
// [Operator.Outranks]); a link ends with its maker's right to it. That is also how a
// lost password is recovered. Every change is recorded in the system environment.
//
// Signing in is service/signin's work; this package makes passwords only when
// a link is used.
package operator
