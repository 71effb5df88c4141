package config

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// blobMagic begins every blob, and ends with its version.
const blobMagic = "SPTREE1\n"

// ErrBlob is wrapped by every error of [Decode].
var ErrBlob = errors.New("config: no readable tree")

// Encode packs the tree, with its comments and assets, into one blob that needs
// nothing else to be read. Equal files give equal blobs. Its size is about a
// fifth of the files'.
func (t *Tree) Encode() []byte {
	var plain []byte
	for _, file := range slices.Sorted(maps.Keys(t.files)) {
		plain = appendBytes(plain, []byte(file))
		plain = appendBytes(plain, t.files[file])
	}
	var blob bytes.Buffer
	blob.WriteString(blobMagic)
	blob.Write(binary.AppendUvarint(nil, uint64(len(plain))))
	// Neither can fail: the level exists, and a buffer takes everything.
	packer, _ := flate.NewWriter(&blob, flate.BestCompression)
	packer.Write(plain)
	packer.Close()
	return blob.Bytes()
}

func appendBytes(to, what []byte) []byte {
	return append(binary.AppendUvarint(to, uint64(len(what))), what...)
}

// maxPlain bounds what a blob unpacks to: the files, and their names and lengths.
const maxPlain = MaxTree + MaxFiles*(MaxPath+2*binary.MaxVarintLen64)

// Decode unpacks what [Tree.Encode] packed, and reads it as [Parse] does. It
// refuses, with an error that wraps [ErrBlob], what Encode would not have
// written, and a tree whose form has an error; whether the tree compiles is
// another question. Memory is bounded by the limits of a tree.
func Decode(blob []byte) (*Tree, error) {
	files, err := unpack(blob)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBlob, err)
	}
	t, problems := Parse(files)
	for _, p := range problems {
		if p.Severity == Error {
			return nil, fmt.Errorf("%w: %s", ErrBlob, p)
		}
	}
	return t, nil
}

var errCut = errors.New("it is cut short or damaged")

func unpack(blob []byte) (map[string][]byte, error) {
	packed, found := bytes.CutPrefix(blob, []byte(blobMagic))
	size, n := binary.Uvarint(packed)
	if !found || n <= 0 {
		return nil, errors.New("it is of another kind or version")
	}
	if size > maxPlain {
		return nil, fmt.Errorf("it unpacks to %d bytes", size)
	}
	source := bytes.NewReader(packed[n:])
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(source), int64(size)+1))
	if err != nil || uint64(len(plain)) != size || source.Len() > 0 {
		return nil, errCut
	}
	files := map[string][]byte{}
	for last := ""; len(plain) > 0; {
		var name, text []byte
		if name, plain, found = cutBytes(plain); !found {
			return nil, errCut
		}
		if text, plain, found = cutBytes(plain); !found || len(files) == MaxFiles {
			return nil, errCut
		}
		if len(files) > 0 && string(name) <= last {
			return nil, errors.New("its files are out of order")
		}
		last = string(name)
		files[last] = text
	}
	return files, nil
}

func cutBytes(from []byte) (what, rest []byte, ok bool) {
	length, n := binary.Uvarint(from)
	if n <= 0 || length > uint64(len(from)-n) {
		return nil, nil, false
	}
	end := n + int(length)
	return from[n:end:end], from[end:], true
}
