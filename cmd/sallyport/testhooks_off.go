//go:build !testhooks

package main

import "github.com/spf13/cobra"

// testCommands are those of test builds.
func testCommands(streams) []*cobra.Command { return nil }
