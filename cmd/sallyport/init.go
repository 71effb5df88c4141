package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// starter is the tree that init writes, with exampleTenant for the tenant.
//
//go:embed starter
var starter embed.FS

const exampleTenant = "example-tenant"

var tenantForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

func newInit(s streams) *cobra.Command {
	var tenant string
	c := &cobra.Command{
		Use: "init DIR", Short: "Write a small commented configuration tree to start from", Args: takes("DIR"),
		Long: `Init writes a tree that is valid as it stands: a tenant with one environment, an
authorization server, two applications and an API. Nothing is overwritten.`,
		Example: `  sallyport init ./tree
  sallyport init ./tree --tenant harbourlight`,
		RunE: func(c *cobra.Command, args []string) error {
			dir := args[0]
			if tenant == "" {
				tenant = tenantFrom(dir)
			}
			if !tenantForm.MatchString(tenant) {
				return usage(c, fmt.Errorf("--tenant %q: use lower-case letters, digits and dashes, beginning with a letter", tenant))
			}
			written, err := writeStarter(dir, tenant)
			if err != nil {
				return err
			}
			for _, name := range written {
				fmt.Fprintln(s.out, filepath.Join(dir, name))
			}
			fmt.Fprintf(s.err, "next: sallyport validate %s\nthen: sallyport serve --config %s\n", dir, dir)
			return nil
		},
	}
	c.Flags().StringVar(&tenant, "tenant", "", "name of your organisation (default: the name of the directory)")
	return c
}

// tenantFrom makes a name of a directory's.
func tenantFrom(dir string) string {
	path, err := filepath.Abs(dir)
	if err != nil {
		return exampleTenant
	}
	name := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(path)), "-")
	name = strings.TrimLeft(strings.Trim(name, "-"), "0123456789-")
	if !tenantForm.MatchString(name) {
		return exampleTenant
	}
	return name
}

// writeStarter writes the files, none of which may exist.
func writeStarter(dir, tenant string) (written []string, err error) {
	files, err := fs.Sub(starter, "starter")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s exists already\n  fix: choose an empty directory", filepath.Join(dir, name))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		content = []byte(strings.ReplaceAll(string(content), exampleTenant, tenant))
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return nil, err
		}
	}
	return names, nil
}
