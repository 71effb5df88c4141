// Package relational is what the SQL engines of the store share: the statements
// that both understand, how records become columns and back, the links of the
// audit chains, and the schema's version.
//
// It opens no database and owns no transaction: an engine gives it a [Conn] to
// read with and a [TxConn] for each transaction, and decides when a [Tx] is
// committed and in what order its events and feed entries are written. Only
// store/sqlite and store/postgres call it.
//
// Statements are written with ? for each argument, and without types that only
// one engine knows: integers, text and blobs, never NULL. Times are
// microseconds since 1970 in UTC, 0 for none, so that a hash over a time
// recomputes exactly. Lists and maps are JSON, or empty text if they are empty.
package relational
