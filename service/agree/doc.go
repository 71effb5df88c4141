// Package agree holds no code, but tests that no other package can hold: those that
// draw whole configurations at random and ask everything that says who gets what
// about each of them. The token service, its preview, the decision, its explanation,
// the matrix, reach and the gateway must say the same, and the same as a second,
// plain reading of the rules that shares nothing with them; a review of two
// configurations must tell every widening, and none that is none.
//
// A configuration is drawn from a seed. A disagreement is told with its seed and with
// the smallest configuration that still shows it.
package agree
