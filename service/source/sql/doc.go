// Package sql asks the database of an earlier system: PostgreSQL, MySQL and MariaDB,
// SQL Server, SQLite.
//
//	identifier ──find:──▶ one row ──its hash, in this process──▶ match or not
//	everybody  ──query:, page by page behind the last key──▶ rows
//
// # Invariants
//
//   - Statements are the operator's, values are bound: nothing that somebody typed, and
//     nothing that a database gave, ever becomes part of a statement.
//   - Everything is asked within a transaction that reads, or is rolled back where a
//     database knows no such thing, and within a time limit that the server is told.
//   - Several rows for an identifier are nobody's, and a row that does not have it is
//     somebody else's.
//   - Values become texts exactly: numbers and instants are never rounded.
//   - What a driver says is not repeated: it may hold addresses, accounts and values. The
//     number that the database gives an error is.
//
// Tried for real against PostgreSQL, MariaDB and SQLite. SQL Server is spoken by
// Microsoft's driver and was never tried for real.
package sql
