//go:build !linux

package job

import "math"

// roomIn is not known here: a disk that is full says so when it is written to.
func roomIn(string) (int64, error) { return math.MaxInt64, nil }
