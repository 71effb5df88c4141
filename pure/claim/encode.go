package claim

import (
	"encoding/json"
	"strconv"
)

// AppendJSON writes a claim's value: a string, int64, bool or []string. Other values
// go through encoding/json, whose error it gives; texts are escaped as that package
// escapes them.
func AppendJSON(dst []byte, value any) ([]byte, error) {
	switch value := value.(type) {
	case string:
		return AppendString(dst, value), nil
	case int64:
		return strconv.AppendInt(dst, value, 10), nil
	case bool:
		return strconv.AppendBool(dst, value), nil
	case []string:
		return appendStrings(dst, value), nil
	}
	encoded, err := json.Marshal(value)
	return append(dst, encoded...), err
}

// AppendString writes a text by hand if it needs no escape, as nearly all do:
// reflection over maps would cost as much as a signature.
func AppendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			encoded, _ := json.Marshal(s) // a string always marshals
			return append(dst, encoded...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

func appendStrings(dst []byte, list []string) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, s)
	}
	return append(dst, ']')
}

// fits tells whether a value's JSON is at most so many bytes. Lists and texts that
// cannot fit are not written out.
func fits(value any, most int) bool {
	switch value := value.(type) {
	case string:
		if len(value)+2 > most {
			return false
		}
	case []string:
		if 3*len(value)+1 > most && len(value) > 0 {
			return false
		}
	}
	var short [512]byte
	encoded, err := AppendJSON(short[:0], value)
	return err == nil && len(encoded) <= most
}
