//go:build !linux

package main

// unmapProgram does nothing where the system cannot be asked what a stretch of memory
// holds.
func unmapProgram() {}
