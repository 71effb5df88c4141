// Package interop holds the tests in which other people's programs use Sallyport:
// Go and JavaScript clients, a browser, an accessibility checker, a PostgreSQL with
// two nodes on it. It is empty but for its tests; package harness runs the binary for
// them.
//
// Each test starts a demo or servers of its own, so a test may change whatever it likes.
package interop
