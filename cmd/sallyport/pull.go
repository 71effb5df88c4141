package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

// pulling is the wish of pull.
type pulling struct {
	dir        string
	revision   int64
	force, dry bool
}

func newPull(s streams) *cobra.Command {
	var f stateFlags
	var p pulling
	c := &cobra.Command{
		Use: "pull DIR", Short: "Bring a tree to what an environment's revision means", Args: takes("DIR"),
		Long: `Pull edits files only where their meaning differs, and keeps comments and layout.
It refuses (exit 3) to overwrite what was edited since the tree was last pulled or
applied, and shows what that is; --force goes on.`,
		Example: `  sallyport pull ./tree --env production
  sallyport pull ./tree --env production --revision 41   # to roll back: then apply`,
		RunE: func(c *cobra.Command, args []string) error {
			p.dir = args[0]
			local, err := localFiles(p.dir)
			if err != nil {
				return err
			}
			tree, _ := config.Parse(local)
			return f.within(c.Context(), s, tree.TenantName(), func(talk *session) error { return talk.pull(local, tree, p) })
		},
	}
	f.bindEnv(c)
	c.Flags().Int64Var(&p.revision, "revision", 0, "this revision (default: the newest)")
	c.Flags().BoolVar(&p.force, "force", false, "overwrite local edits")
	c.Flags().BoolVar(&p.dry, "dry-run", false, "only say what would be written")
	return c
}

// localFiles are the files of a tree that may not exist yet.
func localFiles(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return map[string][]byte{}, nil
	}
	return readTree(dir)
}

// pulled is the result of pull for programs.
type pulled struct {
	Version  int      `json:"version"`
	Place    string   `json:"environment"`
	Revision int64    `json:"revision"`
	Written  []string `json:"written"`
	Removed  []string `json:"removed"`
}

func (s *session) pull(local map[string][]byte, tree *config.Tree, p pulling) error {
	var from admin.RevisionFiles
	if err := s.get(s.here(fmt.Sprintf("/revisions/%d", p.revision)), nil, &from); err != nil {
		return err
	}
	target, problems := config.Parse(from.Files)
	if config.Refused(problems) {
		return fmt.Errorf("revision %d cannot be read by this program: %s", from.Number, problems[0])
	}
	if err := s.keepEdits(local, tree, target, p); err != nil {
		return err
	}
	write, remove := config.Pull(local, target)
	result := pulled{1, s.place, from.Number, sortedKeys(write), slices.Sorted(slices.Values(remove))}
	if !p.dry {
		if err := writeTree(p.dir, write, remove); err != nil {
			return err
		}
		base, err := s.newest(from.Number, p.revision)
		if err != nil {
			return err
		}
		if err := remember(p.dir, s.place, mark{base, digestText(target)}); err != nil {
			return err
		}
	}
	return s.reportPull(result, p)
}

// newest gives the revision that the next apply will follow: what was pulled, or
// the newest where an older one was asked for, so that rolling back is a pull
// and an apply.
func (s *session) newest(pulled, asked int64) (int64, error) {
	if asked == 0 {
		return pulled, nil
	}
	var head admin.RevisionFiles
	err := s.get(s.here("/revisions/0"), nil, &head)
	return head.Number, err
}

// keepEdits refuses to overwrite what nobody has seen but the author: a tree
// that differs from what it remembers to be.
func (s *session) keepEdits(local map[string][]byte, tree, target *config.Tree, p pulling) error {
	remembered, err := readMarker(p.dir)
	if err != nil {
		return err
	}
	is := digestText(tree)
	if p.force || p.dry || len(local) == 0 || is == remembered.Environments[s.place].Digest || is == digestText(target) {
		return nil
	}
	s.note("pulling would undo these edits:")
	if err := s.printChanges(changesBetween(target, tree)); err != nil {
		return err
	}
	return &exitError{exitDiffers, fmt.Errorf("%s was edited\n  fix: apply the edits first, or add --force to lose them", p.dir)}
}

func changesBetween(old, new *config.Tree) []admin.Change {
	return admin.Changes(config.Diff(old, new))
}

func (s *session) reportPull(r pulled, p pulling) error {
	if s.flags.json {
		return writeJSON(s.out, r)
	}
	for _, name := range r.Written {
		fmt.Fprintln(s.out, "wrote  ", filepath.Join(p.dir, filepath.FromSlash(name)))
	}
	for _, name := range r.Removed {
		fmt.Fprintln(s.out, "removed", filepath.Join(p.dir, filepath.FromSlash(name)))
	}
	verb := "is now"
	if p.dry {
		verb = "would be"
	}
	s.note("%s %s revision %d of %s", p.dir, verb, r.Revision, s.place)
	s.next("sallyport plan %s --env %s", p.dir, s.place)
	return nil
}

// writeTree writes and removes files below dir, and nowhere else whatever a
// revision calls them.
func writeTree(dir string, write map[string][]byte, remove []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range sortedKeys(write) {
		path := filepath.FromSlash(name)
		if parent := filepath.Dir(path); parent != "." {
			if err := root.MkdirAll(parent, 0o755); err != nil {
				return err
			}
		}
		if err := root.WriteFile(path, write[name], 0o644); err != nil {
			return err
		}
	}
	for _, name := range remove {
		if err := root.Remove(filepath.FromSlash(name)); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Sorted(maps.Keys(m))
	if keys == nil {
		return []string{}
	}
	return keys
}
