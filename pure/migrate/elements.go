package migrate

import (
	"bytes"

	"sallyport/pure/legacy"
)

// openSystem begins to read a file of a system's format.
func (r *Rows) openSystem(p *Plan) error {
	if len(p.Missing()) > 0 {
		return ErrSecret
	}
	if p.system.tabular() {
		row, err := headerRow(r.scan, p)
		if err != nil {
			return err
		}
		r.layout, r.at.Offset = row, r.scan.consumed
		return nil
	}
	beginning, err := r.scan.peek(scanBuffer)
	if err != nil {
		return err
	}
	r.scan.skipMark()
	r.layout, r.at.Offset = &lineLayout{p}, r.scan.consumed
	if trimmed := bytes.TrimLeft(r.scan.data, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return &FormatError{Input: FileInput, Wants: p.system.format.Title, Looks: Looks(beginning)}
	}
	return nil
}

// lineLayout reads an element on each line.
type lineLayout struct{ plan *Plan }

func (l *lineLayout) again() layout { return l }

func (l *lineLayout) next(s *scanner) (Record, error) {
	line, err := s.line()
	switch {
	case err != nil:
		return Record{}, err
	case line.fault != "":
		return faulty(line.raw, &Rejection{Reason: MalformedRow, Detail: line.fault}), nil
	}
	return l.plan.Element(legacy.Element{Raw: bytes.TrimRight(line.raw, "\r\n")}), nil
}

// rowLayout reads whole rows of a table.
type rowLayout struct{ csvLayout }

// headerRow reads the names of all columns.
func headerRow(s *scanner, p *Plan) (*rowLayout, error) {
	header, err := headerOf(s, p)
	if err != nil {
		return nil, err
	}
	l := &rowLayout{csvLayout{plan: p, names: header, width: len(header)}}
	for i := range header {
		l.index = append(l.index, i)
	}
	return l, nil
}

func (l *rowLayout) again() layout {
	return &rowLayout{csvLayout{plan: l.plan, names: l.names, index: l.index, width: l.width}}
}

func (l *rowLayout) next(s *scanner) (Record, error) {
	row, err := s.next()
	if err != nil {
		return Record{}, err
	}
	values, fault := l.decode(row)
	if fault != nil {
		return faulty(row.raw, fault), nil
	}
	return l.plan.Element(legacy.Element{Names: l.names, Values: values}), nil
}
