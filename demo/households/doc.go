// Package households is where Harbourlight and Orchard Valley keep who has which
// account: a number, premises, a meter, a bill, and how the customer is reached. It is
// the invented back office behind `kind: records` of the demo's tree, in which its
// tables lie as accounts.csv and orchard-accounts.csv.
//
// Whoever imported customers come from has the same numbers, addresses and phones
// there; a few more people wait for being played. Nobody of them exists.
//
//go:generate go run ./generate
package households
