//go:build large

package access_test

const differences = 20_000
