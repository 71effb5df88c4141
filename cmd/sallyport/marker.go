package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// markerFile remembers, in a tree, which revision of which environment it was
// last the same as. It is hidden, so it is no part of the tree.
const markerFile = ".sallyport.json"

// marker is its content.
type marker struct {
	Version      int             `json:"version"`
	Environments map[string]mark `json:"environments"` // by TENANT/NAME
}

// mark is one environment's.
type mark struct {
	Revision int64  `json:"revision"`
	Digest   string `json:"digest"`
}

// readMarker reads the marker of a tree; without one it is empty.
func readMarker(dir string) (marker, error) {
	m := marker{Version: 1, Environments: map[string]mark{}}
	content, err := os.ReadFile(filepath.Join(dir, markerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &m)
	}
	if err != nil || m.Version != 1 {
		return m, fmt.Errorf("%s cannot be read\n  fix: delete it and say --base: %w", filepath.Join(dir, markerFile), err)
	}
	return m, nil
}

// remember writes that a tree is what an environment's revision is.
func remember(dir, place string, is mark) error {
	m, err := readMarker(dir)
	if err != nil {
		return err
	}
	if m.Environments == nil {
		m.Environments = map[string]mark{}
	}
	m.Environments[place] = is
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, markerFile), append(content, '\n'))
}

// replaceFile makes a file that anybody may read have content, whole or not at all.
func replaceFile(path string, content []byte) error { return replaceFileAs(path, content, 0o644) }

// replaceFileAs is replaceFile with another mode, which holds from the first byte.
func replaceFileAs(path string, content []byte, mode fs.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".sallyport-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(mode), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
