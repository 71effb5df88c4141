package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Input names one of the files that an export consists of. It is the name of
// the command's flag and of the upload's part, too.
type Input string

// The inputs of the known formats.
const (
	FileInput   Input = "file"   // the records; every format has it
	HashesInput Input = "hashes" // password hashes that the source hands out apart

	// FactorsInput are second factors that the source hands out apart.
	FactorsInput Input = "factors"
)

// ErrInput says that a file was given as an input that the format has not.
var ErrInput = errors.New("the migration has no such input")

// ErrFormat says that a file is of another kind than the migration reads. It
// is wrapped by a [*FormatError].
var ErrFormat = errors.New("not the kind of file that is read")

// FormatError tells which file is not what it should be.
type FormatError struct {
	Input Input
	Wants string
	Looks string // what it seems to be
}

// Error names kinds of files, never their content.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%v: as %q it wants %s, and was given what looks like %s", ErrFormat, string(e.Input), e.Wants, e.Looks)
}

// Unwrap gives [ErrFormat].
func (e *FormatError) Unwrap() error { return ErrFormat }

// Inputs lists the files that the plan's format reads: first the records, which
// are always needed, then those that are joined to them, if they are there.
func (p *Plan) Inputs() []Input {
	if p.objects == nil {
		return []Input{FileInput}
	}
	return []Input{FileInput, HashesInput, FactorsInput}
}

// Joins refuses an input that is not one of those which are joined to the
// records; it wraps [ErrInput].
func (p *Plan) Joins(name Input) error {
	inputs := p.Inputs()
	if name != FileInput && slices.Contains(inputs, name) {
		return nil
	}
	var known []string
	for _, input := range inputs {
		known = append(known, string(input))
	}
	return fmt.Errorf("%w: %q is none of %s", ErrInput, string(name), strings.Join(known, ", "))
}
