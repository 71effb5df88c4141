//go:build !peers

package sources

import "testing"

// crowd is how many people are brought over.
func crowd(testing.TB) int { return 50 }
