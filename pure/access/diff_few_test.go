//go:build !large

package access_test

// differences is how many random changes are tried; -tags large tries more.
const differences = 60
