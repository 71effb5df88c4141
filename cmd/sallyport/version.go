package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(s streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Print the version of this program", Args: noArgs,
		Example: `  sallyport version
  sallyport version --json`,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return writeJSON(s.out, map[string]any{
					"version": 1, "program": programVersion(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
				})
			}
			_, err := fmt.Fprintln(s.out, versionLine())
			return err
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// versionLine is what people are told, by the command and by --version.
func versionLine() string {
	return fmt.Sprintf("sallyport %s (%s, %s/%s)", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// programVersion is that of the module, or the commit that was built.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version, dirty := info.Main.Version, ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision" && len(setting.Value) >= 12 && (version == "" || version == "(devel)"):
			version = setting.Value[:12]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			dirty = "+changes"
		}
	}
	if version == "" {
		return "(devel)"
	}
	if len(version) == 12 {
		return version + dirty
	}
	return version
}
