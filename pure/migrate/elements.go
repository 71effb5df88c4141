package migrate

import (
	"errors"
	"io"

	"sallyport/pure/cut"
	"sallyport/pure/legacy"
)

// openSystem begins to read a file of a system's format.
func (p *Plan) openSystem(r io.Reader) (layout, error) {
	if len(p.Missing()) > 0 {
		return nil, ErrSecret
	}
	opening := &beginning{r: r}
	cutter, err := legacy.Cut(p.system.frame(), p.dialect(), opening)
	var fault *legacy.Fault
	switch looks := p.system.unlike(opening.text); {
	case looks != "":
		return nil, &FormatError{Input: FileInput, Wants: p.system.wants(), Looks: looks}
	case errors.As(err, &fault):
		return nil, &HeaderError{Reason: fault.What}
	case err != nil:
		return nil, err
	}
	// Which columns must be there is not known: readers make fields of others, and
	// find names in any case. But none may be there twice.
	if err := p.checkHeader(cutter.Names()); err != nil {
		return nil, err
	}
	return &elementLayout{p, cutter}, nil
}

func (p *Plan) dialect() legacy.Dialect {
	return legacy.Dialect{Delimiter: p.delimiter, Null: p.source.Null, Encoding: p.source.Encoding}
}

// beginning keeps what was read first.
type beginning struct {
	r    io.Reader
	text []byte
}

const kept = 4 << 10

func (b *beginning) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if len(b.text) < kept {
		b.text = append(b.text, p[:min(n, kept-len(b.text))]...)
	}
	return n, err
}

// elementLayout reads elements of a system's format.
type elementLayout struct {
	plan   *Plan
	cutter *legacy.Cutter
}

func (l *elementLayout) from(r io.Reader, at cut.Place) layout {
	return &elementLayout{l.plan, l.cutter.From(r, at)}
}

func (l *elementLayout) place() cut.Place { return l.cutter.Place() }

func (l *elementLayout) start() int64 { return l.cutter.Start() }

func (l *elementLayout) next() (Record, error) {
	e, err := l.cutter.Next()
	var fault *legacy.Fault
	switch {
	case err == nil:
		return l.plan.Element(e), nil
	case errors.As(err, &fault):
		return l.plan.faulty(e, rejected(fault)), nil
	}
	return Record{}, err
}
