// Package sourcetest starts earlier systems for tests: OpenLDAP, MariaDB and PostgreSQL as
// Debian has them, on loopback ports of their own, in folders that go with the test.
//
// A machine that lacks one skips the tests that need it by name; with CI=true it fails.
package sourcetest
