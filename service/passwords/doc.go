// Package passwords judges new passwords: by the rules of pure/password, with the
// configuration's lengths and words, and by filters of passwords that are known from
// breaches (pure/breach), which it also builds.
//
//	signin, operator ──Customer, Operator──▶ rules, then NAME.filter of the folder
//	sallyport passwords build ──Build──▶ NAME.filter
//
// Nothing is asked of anybody on the network, and nothing is loaded: a filter is opened
// for each question, of which two megabytes are read however long its list is. So a
// process holds nothing of it, starts no later for it, and sees a new file at once.
//
// # Fail closed
//
// A configuration that names a filter says that no breached password is to be taken. If
// the file is missing, damaged or cannot be read, that cannot be known, and no password
// is taken: password.ErrUnavailable. Nobody is kept from signing in by it, and the log says
// which filter is meant and why.
package passwords
