//go:build !testhooks

package main

import "time"

// now is the clock of the whole program.
func now() time.Time { return time.Now() }

// crashHook is for test builds.
func crashHook() func(point string) { return nil }
