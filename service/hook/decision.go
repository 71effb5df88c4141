package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"unicode/utf8"
)

// Message names what a customer is shown who may not go on. A hook chooses one, and never
// the words.
type Message string

// The messages.
const (
	ContactUs    Message = "contact-us"    // something has to be cleared up with a person; the one that is shown if a hook names none
	NotNow       Message = "not-now"       // try again later; the one of a hook that does not answer
	NotEligible  Message = "not-eligible"  // this is not open to them
	CheckDetails Message = "check-details" // what they said does not agree with what is known
)

// Messages lists them.
func Messages() []Message { return []Message{ContactUs, NotNow, NotEligible, CheckDetails} }

// decision is what a hook said at a point.
type decision struct {
	refuse  bool
	reason  string
	message Message
}

// maxReason is how long the word of a refusal may be.
const maxReason = 40

// decided reads an answer to the question with an id: a JSON object (RFC 8259) of
//
//	id        the question's jti
//	decision  "allow" or "refuse"
//	reason    of a refusal, for the ledger: a word of a-z, 0-9 and -; may be left out
//	message   of a refusal: one of [Messages]; may be left out
//
// and nothing else, no member twice. What is not exactly so is no answer at all.
func decided(body []byte, id string) (decision, *fault) {
	switch {
	case len(body) > maxAnswer:
		return decision{}, &fault{TooLarge, "longer than 16 KiB"}
	case !utf8.Valid(body):
		return decision{}, &fault{Malformed, "not UTF-8"}
	case !json.Valid(body):
		return decision{}, &fault{Malformed, "not JSON"}
	}
	r := &reader{json.NewDecoder(bytes.NewReader(body))}
	read := map[string]string{}
	err := r.object("the answer", func(name string) (err error) {
		if !slices.Contains([]string{"id", "decision", "reason", "message"}, name) {
			return mistake("it has a member that answers do not have")
		}
		read[name], err = r.text(name)
		return err
	})
	if err == nil {
		if _, more := r.Token(); !errors.Is(more, io.EOF) {
			err = mistake("something follows the answer")
		}
	}
	var m mistake
	switch {
	case errors.As(err, &m):
		return decision{}, &fault{Malformed, string(m)}
	case err != nil:
		return decision{}, &fault{Malformed, "not JSON"}
	case read["id"] != id:
		return decision{}, &fault{Stranger, "the id is missing, or not that of the question"}
	}
	return meant(read)
}

// meant holds what was read to what may be said.
func meant(read map[string]string) (decision, *fault) {
	_, reasoned := read["reason"]
	_, worded := read["message"]
	d := decision{refuse: read["decision"] == "refuse", reason: read["reason"], message: Message(read["message"])}
	switch {
	case !d.refuse && read["decision"] != "allow":
		return decision{}, &fault{Malformed, "the decision is neither allow nor refuse"}
	case !d.refuse && (reasoned || worded):
		return decision{}, &fault{Malformed, "it allows, and says why not"}
	case reasoned && !isWord(d.reason):
		return decision{}, &fault{Malformed, "the reason is no word"}
	case worded && !slices.Contains(Messages(), d.message):
		return decision{}, &fault{Malformed, "the message is none of those that there are"}
	case d.refuse && !worded:
		d.message = ContactUs
	}
	return d, nil
}

func isWord(s string) bool {
	if s == "" || len(s) > maxReason {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
