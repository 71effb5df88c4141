package intake

import (
	"io"

	"sallyport/pure/cut"
	"sallyport/pure/migrate"
)

// spot is a place between two records of a source: in the file of the records,
// or, once beside is set, among the rows of a joined input that no record asked
// for; those follow as records of their own, so that no row is left out.
type spot struct {
	Beside bool       `json:"beside,omitempty"`
	Input  int        `json:"input,omitempty"`  // beside: of the joined ones, which
	Offset int64      `json:"offset"`           // bytes; beside: rows of the index
	Row    int64      `json:"row"`              // records before it
	Inside cut.Inside `json:"inside,omitempty"` // lists of the file that it is in
}

// stream reads all records of a source in an order that depends on nothing but
// its bytes. It is used by one goroutine.
type stream struct {
	rows   *migrate.Rows
	beside cursors // nil: nothing is joined
	at     spot
}

// stream reads on from a place.
func (j *survey) stream(source Source, at spot) *stream {
	s := &stream{at: at, beside: j.beside.cursors()}
	if !at.Beside {
		s.rows = j.rows.From(source.section(at.Offset), migrate.Position{Offset: at.Offset, Row: at.Row, Inside: at.Inside})
	}
	return s
}

// Position tells where the next record is.
func (s *stream) Position() spot { return s.at }

// Next gives the next record, or io.EOF behind the last. Nothing is joined to
// it yet.
func (s *stream) Next() (migrate.Record, error) {
	if !s.at.Beside {
		record, err := s.rows.Next()
		if err == nil {
			at := s.rows.Position()
			s.at.Offset, s.at.Inside, s.at.Row = at.Offset, at.Inside, s.at.Row+1
		}
		if err != io.EOF {
			return record, err
		}
		s.at.Beside, s.at.Offset, s.at.Inside = true, 0, 0
	}
	return s.spare()
}

// spare gives the next row that no record asked for.
func (s *stream) spare() (migrate.Record, error) {
	for ; s.at.Input < len(s.beside); s.at.Input, s.at.Offset = s.at.Input+1, 0 {
		beside := s.beside[s.at.Input]
		for s.at.Offset < beside.count {
			n := s.at.Offset
			s.at.Offset++
			if beside.isAsked(n) {
				continue
			}
			s.at.Row++
			e, err := beside.entry(n)
			if err != nil {
				return migrate.Record{}, err
			}
			return beside.read(e)
		}
	}
	return migrate.Record{}, io.EOF
}

// join fills in what joined inputs have about a record.
func (s *stream) join(record *migrate.Record) error {
	if record.Input != "" {
		return nil
	}
	for _, beside := range s.beside {
		if err := beside.join(record); err != nil {
			return err
		}
	}
	return nil
}
