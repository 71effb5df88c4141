// Package peers holds real systems of other makers against the binary: people are
// brought over from a Keycloak that the test starts, fills and asks to export, and
// others sign in here while that Keycloak still has their password.
//
// Everything that starts such a system has the build tag peers, because it fetches
// a distribution from its registry and takes minutes; `make peers` runs it. A small
// form over what such a run exported is among the tests of pure/legacy/keycloak. What Debian
// has (slapd, PostgreSQL, MariaDB) is held against the binary by interop/sources.
//
// Everything listens on loopback, lives in folders that the test removes, and ends
// with the test.
package peers
