//go:build !linux

package job

import "math"

// roomIn is not known here: a disk that is full says so when it is written to.
func roomIn(string) (left, all int64, err error) { return math.MaxInt64, math.MaxInt64, nil }
