package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// said is an answer as it was written, before it is held to the question.
type said struct {
	id     string
	hasID  bool
	remove []string
	claims map[string]any
}

// readAnswer reads the form of an answer. encoding/json alone would take the last
// of two members of one name, names in any case, and replace broken letters.
func readAnswer(body []byte) (said, *fault) {
	if len(body) > maxAnswer {
		return said{}, &fault{TooLarge, "longer than 16 KiB"}
	}
	if !utf8.Valid(body) {
		return said{}, &fault{Malformed, "not UTF-8"}
	}
	if !json.Valid(body) {
		return said{}, &fault{Malformed, "not JSON"}
	}
	r := &reader{json.NewDecoder(bytes.NewReader(body))}
	r.UseNumber()
	a, err := r.answer()
	if err == nil {
		if _, more := r.Token(); !errors.Is(more, io.EOF) {
			err = mistake("something follows the answer")
		}
	}
	var m mistake
	switch {
	case errors.As(err, &m):
		return said{}, &fault{Malformed, string(m)}
	case err != nil:
		return said{}, &fault{Malformed, "not JSON"}
	}
	return a, nil
}

// mistake is what is wrong with the form of an answer, in our words.
type mistake string

// Error gives the words.
func (m mistake) Error() string { return string(m) }

// reader walks through JSON token by token, no deeper than an answer is.
type reader struct{ *json.Decoder }

func (r *reader) answer() (a said, err error) {
	err = r.object("the answer", func(name string) error {
		switch name {
		case "id":
			a.hasID = true
			a.id, err = r.text("id")
		case "remove":
			a.remove, err = r.texts("remove")
		case "claims":
			a.claims = map[string]any{}
			err = r.object("claims", func(claim string) error {
				a.claims[claim], err = r.value()
				return err
			})
		default:
			err = mistake("it has a member that answers do not have")
		}
		return err
	})
	return a, err
}

// object calls member with each name of an object, which must read its value.
func (r *reader) object(what string, member func(name string) error) error {
	if err := r.open('{', what+" is no object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for r.More() {
		token, err := r.Token()
		if err != nil {
			return err
		}
		name := token.(string) // or the decoder had refused it
		if seen[name] {
			return mistake(what + " has a member twice")
		}
		seen[name] = true
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := r.Token()
	return err
}

func (r *reader) open(delimiter json.Delim, otherwise string) error {
	token, err := r.Token()
	if err == nil && token != delimiter {
		err = mistake(otherwise)
	}
	return err
}

func (r *reader) text(what string) (string, error) {
	token, err := r.Token()
	text, is := token.(string)
	if err == nil && !is {
		err = mistake(what + " is no text")
	}
	return text, err
}

// texts reads a list of texts.
func (r *reader) texts(what string) ([]string, error) {
	if err := r.open('[', what+" is no list"); err != nil {
		return nil, err
	}
	return r.rest(what)
}

// rest reads a list of texts that was opened.
func (r *reader) rest(what string) ([]string, error) {
	list := []string{}
	for r.More() {
		text, err := r.text("what " + what + " lists")
		if err != nil {
			return nil, err
		}
		if list = append(list, text); len(list) > maxTexts {
			return nil, mistake(what + " is too long")
		}
	}
	_, err := r.Token()
	return list, err
}

// value reads what a claim can be: a text, true or false, a whole number, or a list
// of texts.
func (r *reader) value() (any, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case string, bool:
		return token, nil
	case json.Number:
		whole, err := strconv.ParseInt(token.String(), 10, 64)
		if err != nil {
			return nil, mistake("a claim is a number that is not whole, or too large")
		}
		return whole, nil
	case json.Delim:
		if token == '[' {
			return r.rest("a claim")
		}
	}
	return nil, mistake("a claim is null or an object")
}
