//go:build large

package review_test

import "testing"

// Thousands of edits, of every key by every value that another object has for it.
func TestLargeEveryEditOfTheConfigurationIsTold(t *testing.T) { tellsEdits(t, true) }
