package intake

import (
	"crypto/sha256"
	"io"

	"sallyport/pure/cut"
	"sallyport/pure/migrate"
)

// spot is a place between two records of a source: in the file of the records,
// or, once beside is set, among the rows of a joined input that no record asked
// for; those follow as records of their own, so that no row is left out.
type spot struct {
	Beside bool       `json:"beside,omitempty"`
	Offset int64      `json:"offset"`           // bytes; beside: rows of the index
	Row    int64      `json:"row"`              // records before it
	Inside cut.Inside `json:"inside,omitempty"` // lists of the file that it is in
}

// stream reads all records of a source in an order that depends on nothing but
// its bytes. It is used by one goroutine.
type stream struct {
	rows   *migrate.Rows
	beside *cursor // nil: nothing is joined
	at     spot
}

// stream reads on from a place.
func (j *survey) stream(source Source, at spot) *stream {
	s := &stream{at: at}
	if j.beside != nil {
		s.beside = j.beside.cursor()
	}
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
	for s.beside != nil && s.at.Offset < s.beside.count {
		n := s.at.Offset
		s.at.Offset++
		if s.beside.isAsked(n) {
			continue
		}
		s.at.Row++
		e, err := s.beside.entry(n)
		if err != nil {
			return migrate.Record{}, err
		}
		return s.beside.read(e)
	}
	return migrate.Record{}, io.EOF
}

// join fills in what joined inputs have about a record.
func (s *stream) join(record *migrate.Record) error {
	if s.beside == nil || record.Input != "" {
		return nil
	}
	return s.beside.join(record)
}

// together is the digest of a source of two files.
func together(file, beside [32]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("sallyport two inputs"))
	h.Write(file[:])
	h.Write(beside[:])
	return [32]byte(h.Sum(nil))
}
