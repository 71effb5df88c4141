// Package meterman is the export of MeterMan, the customer system that the
// invented utility Harbourlight Energy leaves in demonstrations, guides and
// tests. Nobody in it exists: names are combined from lists, addresses end in
// .test or .example, and phone numbers are of the 555-01xx kind that is kept for
// fiction.
//
// The file meterman.csv.gz is made by [Export] (go generate writes it), always
// with the same content. It looks as such exports do: salted SHA-1 passwords,
// names in capitals here and there, phone numbers in four spellings, and what
// goes wrong in real life: addresses that households share, passwords that were
// damaged, people who have not been seen for years.
//
// Columns: CUST_NO, LOGIN, EMAIL, EMAIL_OK (Y or N), PHONE, FULL_NAME, SEGMENT
// (R homes, C businesses, L landlords), STATUS (A active, D dormant, X locked),
// CREATED (RFC 3339), PW_SHA1 (hex of SHA-1 of salt and password), PW_SALT,
// ACCOUNT_NO, PREMISE_TOWN.
//
// Everybody's password follows from their login by the published [Password], so
// that a demonstration can sign in as anybody. These are passwords of people who
// do not exist and open nothing but a demonstration: the product has no default
// secret.
package meterman

//go:generate go run ./generate
