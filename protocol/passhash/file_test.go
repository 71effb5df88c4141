package passhash

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVerifyFileReportsEachEntryInOrder(t *testing.T) {
	const file = `[
	{"scheme":"sha1-hex","encoded":"84b65921de53ee84a8e9b2a14406146470edb11c","password":"Tide-Gull-harbour82","wrong_password":"x","params":{},"produced_by":"hashlib"},
	{"scheme":"rot13","encoded":"abc","password":"nop","wrong_password":"x"},
	{"scheme":"sha1-hex","encoded":"84b6","password":"a","wrong_password":"x"},
	{"scheme":"sha1-hex","encoded":"84b65921de53ee84a8e9b2a14406146470edb11c","password":"other","wrong_password":"x"},
	{"scheme":"sha1-hex","encoded":"84b65921de53ee84a8e9b2a14406146470edb11c","password":"Tide-Gull-harbour82","wrong_password":"Tide-Gull-harbour82"},
	{"scheme":"bcrypt","encoded":"$2b$31$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.","password":"a","wrong_password":"b"},
	{"scheme":"firebase-scrypt","encoded":"{}","password":"a","wrong_password":"b","params":{"base64_signer_key":"?"}}
	]`
	report, err := VerifyFile(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":1,"results":[` +
		`{"scheme":"sha1-hex","ok":true,"reason":""},` +
		`{"scheme":"rot13","ok":false,"reason":"unsupported scheme rot13"},` +
		`{"scheme":"sha1-hex","ok":false,"reason":"malformed hash: not a digest in hex or base64"},` +
		`{"scheme":"sha1-hex","ok":false,"reason":"the password does not verify"},` +
		`{"scheme":"sha1-hex","ok":false,"reason":"the wrong password verifies"},` +
		`{"scheme":"bcrypt","ok":false,"reason":"hash too costly: cost too high"},` +
		`{"scheme":"firebase-scrypt","ok":false,"reason":"malformed hash: a parameter is unreadable"}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if report.Failed() != 6 {
		t.Error(report.Failed())
	}
}

func TestVerifyFileTellsWhereAFileIsMalformed(t *testing.T) {
	const good = `{"scheme":"x","encoded":"x","password":"x","wrong_password":"y"}`
	for name, row := range map[string]struct{ file, want string }{
		"nothing":                {"", "not a JSON array"},
		"an object":              {"{}", "not a JSON array"},
		"a string for an entry":  {`["a"]`, "entry 0 is"},
		"a number for a member":  {`[` + good + `,{"scheme":1}]`, "entry 1 is"},
		"a missing member":       {`[` + good + `,{"scheme":"x","encoded":"x","password":"secret"}]`, "entry 1 lacks"},
		"a null member":          {`[{"scheme":"x","encoded":null,"password":"x","wrong_password":"y"}]`, "entry 0 lacks"},
		"an array never closed":  {`[` + good, "does not end after entry 0"},
		"a second document":      {`[] []`, "something follows"},
		"broken text behind it":  {`[` + good + `] ?`, "something follows"},
		"more than the limit":    {`[` + strings.Repeat(" ", MaxFileBytes) + `]`, "more than 16 MiB"},
		"blanks past the limit":  {`[]` + strings.Repeat(" ", MaxFileBytes), "more than 16 MiB"},
		"an entry of great size": {`[{"scheme":"` + strings.Repeat("x", MaxFileBytes), "more than 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := VerifyFile(strings.NewReader(row.file))
			if !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "secret") {
				t.Error(err)
			}
		})
	}
}

func TestVerifyFileOfNoEntriesIsAnEmptyList(t *testing.T) {
	report, err := VerifyFile(strings.NewReader("[]\n"))
	text, _ := json.Marshal(report)
	if err != nil || string(text) != `{"version":1,"results":[]}` {
		t.Error(string(text), err)
	}
}

func TestVerifyFilePassesOnAFailureToRead(t *testing.T) {
	r, w := io.Pipe()
	w.CloseWithError(io.ErrNoProgress)
	if _, err := VerifyFile(r); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}
