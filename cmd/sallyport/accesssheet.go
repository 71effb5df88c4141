package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/expect"
	"sallyport/web/admin"
)

func newAccessImport(s streams) *cobra.Command {
	var list expect.List
	var into string
	c := &cobra.Command{
		Use: "import SHEET.csv", Short: "Make a file of expectations of a spreadsheet of who should and should not get what", Args: takes("SHEET.csv"),
		Long: `Import checks a sheet, copies it into a tree and writes the object that names it.
The first row names scopes after its first cell; each other row is an application
with yes (y, x, should, must), no (n, -, should not, must not) or nothing in each
cell. It writes no file that is there already.`,
		Example: `  sallyport access import who.csv --into ./tree --authserver apps --owner "scope board" --reason "The list of May"
  sallyport access test ./tree`,
		RunE: func(c *cobra.Command, args []string) error {
			for name, text := range map[string]string{"authserver": list.Server, "owner": list.Owner, "reason": list.Reason} {
				if strings.TrimSpace(text) == "" {
					return usage(c, fmt.Errorf("--%s is needed: somebody must answer for the list, and say why", name))
				}
			}
			if list.Name == "" {
				list.Name = nameOfFile(args[0])
			}
			return importSheet(s, args[0], into, list)
		},
	}
	flags := c.Flags()
	flags.StringVar(&list.Server, "authserver", "", "authorization server of the scopes")
	flags.StringVar(&list.Owner, "owner", "", "who answers for the list")
	flags.StringVar(&list.Reason, "reason", "", "why it says what it says")
	flags.StringVar(&list.Name, "name", "", "name of the object (default: by the file's)")
	flags.StringVar(&into, "into", ".", "directory of the tree")
	return c
}

var unnamed = regexp.MustCompile(`[^a-z0-9]+`)

// nameOfFile makes a name of an object of a file's.
func nameOfFile(path string) string {
	base := strings.ToLower(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
	name := strings.Trim(unnamed.ReplaceAllString(base, "-"), "-")
	if name == "" || name[0] < 'a' {
		name = strings.TrimSuffix("sheet-"+name, "-")
	}
	return name[:min(len(name), 63)]
}

func importSheet(s streams, path, into string, list expect.List) error {
	sheet, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	cells, err := access.ParseSheet(sheet, list.Owner)
	if err != nil {
		return fmt.Errorf("%s cannot be read:\n  %s", path, strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	if len(cells) == 0 {
		return fmt.Errorf("%s says nothing: every cell is empty", path)
	}
	list.Sheet = list.Name + ".csv"
	file := filepath.Join(into, list.Name+".yaml")
	if err := create(file, expect.File(list)); err != nil {
		return err
	}
	// The sheet may lie in the tree already.
	if err := create(filepath.Join(into, list.Sheet), sheet); err != nil && !sameFile(path, filepath.Join(into, list.Sheet)) {
		return errors.Join(err, os.Remove(file))
	}
	fmt.Fprintf(s.out, "%s: %s\n", file, count(int64(len(cells)), "expectation"))
	fmt.Fprintf(s.err, "next: sallyport access test %s\n", into)
	return nil
}

// create writes a file that is not there yet.
func create(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already\n  fix: choose another --name, or remove it", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func sameFile(a, b string) bool {
	one, err1 := os.Stat(a)
	other, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, other)
}

func newAccessExport(s streams) *cobra.Command {
	var f stateFlags
	var server string
	c := &cobra.Command{
		Use: "export [DIR]", Short: "Write what every application can obtain as a spreadsheet, to start a list from", Args: takesUpTo(0, "DIR"),
		Long: `Export writes the access matrix of one authorization server in the form that import
reads: yes where a scope can be obtained in some context, no where in none. With DIR
it proves a tree, which needs no store and no server.`,
		Example: `  sallyport access export --env preview --authserver apps > who.csv
  sallyport access export ./tree --env preview --authserver apps > who.csv`,
		RunE: func(c *cobra.Command, args []string) error {
			if f.json {
				return usage(c, errors.New("the sheet is CSV; sallyport access matrix --json gives JSON"))
			}
			if len(args) > 0 {
				return exportTree(s, args[0], f.env, server)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{}
				if server != "" {
					query.Set("server", server)
				}
				var m admin.Matrices
				if err := talk.get(talk.here("/access/matrix"), query, &m); err != nil {
					return err
				}
				return writeSheet(s, m.Servers)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&server, "authserver", "", "authorization server (default: the only one)")
	return c
}

func exportTree(s streams, dir, environment, server string) error {
	tree, err := loadTree(dir)
	if err != nil {
		return err
	}
	_, environment, err = whichEnvironment(tree, environment)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	snapshot, problems := config.Compile(tree, environment, standInVariables())
	if snapshot == nil {
		return errors.New(config.Render(problems, tree.Files()))
	}
	var all []*access.Matrix
	for name, live := range snapshot.Servers {
		if server != "" && server != name {
			continue
		}
		matrix, err := access.Prove(live.Access, access.Options{From: now()})
		if err != nil {
			return err
		}
		all = append(all, matrix)
	}
	return writeSheet(s, all)
}

func writeSheet(s streams, servers []*access.Matrix) error {
	if len(servers) != 1 {
		return &exitError{exitUsage, fmt.Errorf("a sheet is of one authorization server, and there are %d\n  fix: add --authserver NAME", len(servers))}
	}
	_, err := s.out.Write(expect.Sheet(servers[0]))
	return err
}
