package sql

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	mssql "github.com/microsoft/go-mssqldb"

	"sallyport/pure/legacy"
	"sallyport/service/source"
)

// column is one of an answer.
type column struct {
	name string
	kind string // what the database calls its type, in capitals
}

// row is one of an answer: texts, and which of them are null.
type row struct {
	columns []column
	texts   []string
	null    []bool
	raw     []any // as the driver gave them
}

// columnsOf names the columns of an answer, as the connection renames them.
func (d *database) columnsOf(rows *sql.Rows) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	if len(types) > maxColumns {
		return nil, &source.Fault{Reason: source.TooLarge, What: "there are more columns than are read"}
	}
	all := make([]column, len(types))
	for i, t := range types {
		all[i] = column{t.Name(), strings.ToUpper(t.DatabaseTypeName())}
		if to, renamed := d.spec.Record[t.Name()]; renamed {
			all[i].name = to
		}
		for _, earlier := range all[:i] {
			if strings.EqualFold(earlier.name, all[i].name) {
				return nil, &source.Fault{Reason: source.NotConfigured, What: "a statement gives a column twice"}
			}
		}
	}
	return all, nil
}

// read reads the row at which rows stands.
func read(rows *sql.Rows, columns []column) (*row, error) {
	r := &row{columns, make([]string, len(columns)), make([]bool, len(columns)), make([]any, len(columns))}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = &r.raw[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	size := 0
	for i, value := range r.raw {
		text, err := textOf(value, columns[i].kind)
		if err != nil {
			return nil, err
		}
		if size += len(text) + len(columns[i].name); size > legacy.MaxElement {
			return nil, &source.Fault{Reason: source.TooLarge, What: "a row is longer than is read"}
		}
		r.texts[i], r.null[i] = text, value == nil
	}
	return r, nil
}

// textOf writes a value exactly. What is not text is written as PostgreSQL does, \x and
// hexadecimal digits; an instant by RFC 3339 in UTC.
func textOf(value any, kind string) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case time.Time:
		if kind == "DATE" {
			return v.Format(time.DateOnly), nil
		}
		return v.UTC().Format(time.RFC3339Nano), nil
	case []byte:
		return bytesText(v, kind), nil
	}
	return "", &source.Fault{Reason: source.Unexpected, What: "a column is of a type that is not read"}
}

func bytesText(v []byte, kind string) string {
	switch {
	case kind == "BIT" && len(v) <= 8:
		var n uint64
		for _, b := range v {
			n = n<<8 | uint64(b)
		}
		return strconv.FormatUint(n, 10)
	case kind == "UNIQUEIDENTIFIER" && len(v) == 16:
		var id mssql.UniqueIdentifier
		if id.Scan(v) == nil {
			return id.String()
		}
	case strings.Contains(kind, "BINARY"), strings.Contains(kind, "BLOB"), kind == "BYTEA", kind == "IMAGE", kind == "TIMESTAMP_BYTES", !utf8.Valid(v):
		return `\x` + hex.EncodeToString(v)
	}
	return string(v)
}

// element brings a row into the shape that the migration reads.
func (d *database) element(r *row) (*source.Element, error) {
	if d.tabular {
		e := &source.Element{Names: make([]string, len(r.columns)), Values: r.texts}
		for i, c := range r.columns {
			e.Names[i] = c.name
		}
		return e, nil
	}
	raw, err := r.object()
	return &source.Element{Raw: raw}, err
}

// object writes a row as JSON in the order of its columns: texts and nulls, and as it
// is what the database calls JSON.
func (r *row) object() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range r.columns {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(c.name)
		if err != nil {
			return nil, fmt.Errorf("writing a column: %w", err)
		}
		b.Write(name)
		b.WriteByte(':')
		switch {
		case r.null[i]:
			b.WriteString("null")
		case (c.kind == "JSON" || c.kind == "JSONB") && json.Valid([]byte(r.texts[i])):
			if err := json.Compact(&b, []byte(r.texts[i])); err != nil {
				return nil, fmt.Errorf("writing a column: %w", err)
			}
		default:
			text, err := json.Marshal(strings.ToValidUTF8(r.texts[i], "\uFFFD"))
			if err != nil {
				return nil, fmt.Errorf("writing a column: %w", err)
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// line writes a row as a line of the export.
func (d *database) line(r *row) ([]byte, error) {
	if !d.tabular {
		return r.object()
	}
	return d.csv(r.texts), nil
}

// header is the first line of a table.
func (d *database) header(columns []column) []byte {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return d.csv(names)
}

// csv writes values as the migration reads them (RFC 4180, with its delimiter).
func (d *database) csv(values []string) []byte {
	delimiter := d.spec.Source.Delimiter
	switch delimiter {
	case "":
		delimiter = ","
	case `\t`:
		delimiter = "\t"
	}
	var b bytes.Buffer
	for i, v := range values {
		if i > 0 {
			b.WriteString(delimiter)
		}
		if v != "" && !strings.ContainsAny(v, "\"\r\n\\ "+delimiter) && v != d.spec.Source.Null {
			b.WriteString(v)
			continue
		}
		if v != "" || len(values) == 1 {
			b.WriteByte('"')
			b.WriteString(strings.ReplaceAll(v, `"`, `""`))
			b.WriteByte('"')
		}
	}
	return b.Bytes()
}
