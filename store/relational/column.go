package relational

import (
	"encoding/json"
	"fmt"
	"time"
)

// micros is how a time is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// flag is how a truth is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// blob never gives NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// list is how a list of strings is stored.
func list(items []string) string {
	if len(items) == 0 {
		return ""
	}
	text, _ := json.Marshal(items) // strings cannot fail
	return string(text)
}

// mapping is how a map is stored, its keys sorted.
func mapping(m map[string]string) string {
	if len(m) == 0 {
		return ""
	}
	text, _ := json.Marshal(m) // strings cannot fail
	return string(text)
}

// The scanners below fill the fields of records from columns.

type timeColumn time.Time

func asTime(t *time.Time) *timeColumn { return (*timeColumn)(t) }

// Scan implements sql.Scanner.
func (c *timeColumn) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a time stored as %T", src)
	}
	*c = timeColumn{}
	if n != 0 {
		*c = timeColumn(time.UnixMicro(n).UTC())
	}
	return nil
}

type flagColumn bool

func asFlag(b *bool) *flagColumn { return (*flagColumn)(b) }

// Scan implements sql.Scanner.
func (c *flagColumn) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a flag stored as %T", src)
	}
	*c = n != 0
	return nil
}

// fixedColumn fills an array such as an id or a hash.
type fixedColumn struct{ into []byte }

func asFixed(into []byte) fixedColumn { return fixedColumn{into} }

// Scan implements sql.Scanner.
func (c fixedColumn) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(c.into) {
		return fmt.Errorf("%d bytes stored as %T", len(c.into), src)
	}
	copy(c.into, b)
	return nil
}

// bytesColumn reads empty as nil.
type bytesColumn struct{ into *[]byte }

func asBytes(into *[]byte) bytesColumn { return bytesColumn{into} }

// Scan implements sql.Scanner.
func (c bytesColumn) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok && src != nil {
		return fmt.Errorf("bytes stored as %T", src)
	}
	*c.into = nil
	if len(b) > 0 {
		*c.into = append([]byte(nil), b...)
	}
	return nil
}

// asText is how anything else is stored.
func asText(v any) string {
	text, _ := json.Marshal(v) // records hold texts and numbers only
	return string(text)
}

type jsonColumn[T any] struct{ into *T }

func asJSON[T any](into *T) jsonColumn[T] { return jsonColumn[T]{into} }

// Scan implements sql.Scanner.
func (c jsonColumn[T]) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("JSON stored as %T", src)
	}
	var none T
	*c.into = none
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), c.into)
}
