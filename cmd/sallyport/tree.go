package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/store"
)

// maxTreeFile bounds a file of a configuration tree before it is read; the
// parser has limits of its own for all of them together.
const maxTreeFile = 4 << 20

// readTree reads the files of a configuration tree by slash path. Hidden files
// and folders are no part of it.
func readTree(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if path == dir && errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no directory %s\n  start a tree: sallyport init %s", dir, dir)
		}
		if err != nil {
			return err
		}
		if path != dir && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > maxTreeFile {
			return fmt.Errorf("%s is larger than %d MiB", path, maxTreeFile>>20)
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			files[filepath.ToSlash(name)], err = os.ReadFile(path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no configuration\n  start one: sallyport init %s", dir, dir)
	}
	return files, err
}

// loadTree reads and parses a tree; its error shows every problem.
func loadTree(dir string) (*config.Tree, error) {
	files, err := readTree(dir)
	if err != nil {
		return nil, err
	}
	return parseTree(files)
}

func parseTree(files map[string][]byte) (*config.Tree, error) {
	tree, problems := config.Parse(files)
	if config.Refused(problems) || tree == nil {
		return nil, errors.New(strings.TrimRight(config.Render(problems, files), "\n"))
	}
	return tree, nil
}

// bootstrap creates the environment that name means, if it is missing, and
// applies tree to it if it has no revision.
func (i *installation) bootstrap(ctx context.Context, tree *config.Tree, name, author string) error {
	tenant, environmentName, err := whichEnvironment(tree, name)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	live, found := i.registry.ByName(tenant, environmentName)
	if !found {
		spec, _ := tree.Environment(environmentName)
		live, err = i.registry.Create(ctx, tenant, environmentName, spec.Protected, author)
		if err != nil {
			return err
		}
	}
	if live.Snapshot() != nil {
		return nil
	}
	if _, err := i.store.Revision(ctx, live.ID, 0); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	_, _, err = i.registry.Apply(ctx, live.ID, environment.Change{Tree: tree, Author: author, Message: "first revision"})
	var invalid *environment.InvalidError
	if errors.As(err, &invalid) {
		return errors.New(config.Render(invalid.Problems, tree.Files()))
	}
	return err
}

// whichEnvironment resolves NAME or TENANT/NAME against a tree; empty means its
// only environment.
func whichEnvironment(tree *config.Tree, name string) (tenant, environmentName string, err error) {
	tenant = tree.TenantName()
	if before, after, found := strings.Cut(name, "/"); found {
		if before != tenant {
			return "", "", fmt.Errorf("the tree belongs to tenant %q, not %q", tenant, before)
		}
		name = after
	}
	known := tree.Environments()
	if name == "" && len(known) == 1 {
		return tenant, known[0], nil
	}
	for _, candidate := range known {
		if candidate == name {
			return tenant, name, nil
		}
	}
	return "", "", fmt.Errorf("--env %q: the tree has %s", name, strings.Join(known, ", "))
}
