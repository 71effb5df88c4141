// Package backup writes a whole installation into one encrypted file, and proves
// that such a file can be restored.
//
//	store ──Copy──▶ Writer ──gzip, age──▶ file ──Reader──▶ a new store ──Examine──▶ Finding
//
// It owns the file's format and what a test restore looks at. The rows are the
// store's, which copies itself as of one instant (store.Copier); which engine
// restores them is decided in cmd. Operators' commands call it.
//
// # The file
//
// An age file (age-encryption.org/v1) for one or several recipients, in it gzip, in
// it lines of JSON in UTF-8:
//
//	{"sallyport-backup":1,"schema":17,"created":"2026-11-22T10:00:00Z"}
//	{"table":"customers","columns":["env","id","state",…]}
//	[2,":AZOz…","=active",…]        a row: whole numbers, "=" and text, ":" and base64
//	{"end":{"customers":2263,…},"sha256":"…"}
//
// The last line counts the rows of each table and digests every line before it; age
// authenticates all of it. A file that was cut, damaged or joined from two is
// refused as a whole.
//
// # Invariants
//
//   - Nothing is written unencrypted, and whoever makes backups cannot read them:
//     only the public half of a recipient's key is needed for that.
//   - What is sealed in the store stays sealed in the file. A backup without the
//     master key brings people back and no secret; keep the key elsewhere.
//   - A backup counts as verified when a restored copy of that very file was opened,
//     its ledgers held together and its secrets opened; never because it was written.
package backup
