package sallyport

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// storable tells whether a time is one that stores tell from none.
func storable(t time.Time) bool { return t.UnixMicro() > 0 }

func (r *reading) tags() {
	once(r, "tags", r.Tags, func(t string) string { return t })
	if len(r.Tags) > customer.MaxTags {
		r.wrong("tags", "there are too many")
	}
	for _, raw := range r.Tags {
		if tag, err := customer.Tag(raw); err != nil || tag != raw {
			r.wrong("tags", "a tag is not of lower-case letters, digits and dashes")
		}
	}
	r.person.Kept.Tags = r.Tags
}

func (r *reading) agreements() {
	once(r, "agreements", r.Agreements, func(a Agreement) string {
		return a.Kind + "\x00" + a.Document + "\x00" + strconv.FormatInt(a.Given.UnixMicro(), 10)
	})
	if len(r.Agreements) > MaxAgreements {
		r.wrong("agreements", "there are too many")
		return
	}
	evidence := 0
	for _, a := range r.Agreements {
		read := r.agreement(&a)
		evidence += len(read.Evidence)
		r.person.Kept.Agreements = append(r.person.Kept.Agreements, read)
	}
	if evidence > MaxAllEvidence {
		r.wrong("agreements", "there is too much evidence")
	}
}

// agreement reads one answer. Which documents and purposes there are is for no reader
// to know: those of another configuration are kept as what was said there.
func (r *reading) agreement(a *Agreement) legacy.Agreement {
	r.text("agreements", maxLabel, a.Document, a.Version)
	switch {
	case a.Kind != legacy.AgreedDocument && a.Kind != legacy.AgreedPurpose:
		r.wrong("agreements", "an answer is neither to a document nor to a purpose")
	case a.Document == "" || a.Version == "" || !storable(a.Given):
		r.wrong("agreements", "an answer does not say to what, to which version, or when")
	case !a.Withdrawn.IsZero() && !storable(a.Withdrawn), a.Replaced && a.Withdrawn.IsZero():
		r.wrong("agreements", "an answer ended, and does not say when")
	}
	return legacy.Agreement{
		Kind: a.Kind, Document: a.Document, Version: a.Version, Refused: a.Refused,
		Given: a.Given, Withdrawn: a.Withdrawn, Replaced: a.Replaced, Evidence: r.evidence("agreements", a.Evidence),
	}
}

// evidence gives an object as encoding/json writes it, so that it is the same bytes,
// and no longer, when it leaves again.
func (r *reading) evidence(where string, raw json.RawMessage) []byte {
	if raw == nil {
		return nil
	}
	text, err := json.Marshal(raw)
	if err != nil || len(text) > MaxEvidence || !bytes.HasPrefix(text, []byte("{")) {
		r.wrong(where, "evidence is too long, or no object")
		return nil
	}
	return text
}
