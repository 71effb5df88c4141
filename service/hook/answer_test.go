package hook

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// about is a question that answers are held to.
func about() request {
	return request{ID: "id", Ask: ask{
		Judges: []access.Scope{"a.read.b", "a.write.b"},
		Claims: []claim{{"text", textType}, {"truth", boolType}, {"number", wholeType}, {"list", textsType}, {"any", ""}},
	}}
}

// within tells whether an answer stays within the question.
func within(a answer, r request) bool {
	for _, scope := range a.remove {
		if !slices.Contains(r.Ask.Judges, scope) {
			return false
		}
	}
	for name, value := range a.claims {
		if !slices.ContainsFunc(r.Ask.Claims, func(c claim) bool { return c.Name == name && hasType(value, c.Type) }) {
			return false
		}
	}
	return true
}

func FuzzAnAnswerNeverSaysMoreThanItMay(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"id":"id"}`, `{"id":"id","remove":["a.read.b"],"claims":{"text":"x","truth":true,"number":-9,"list":["y"]}}`,
		`{"id":"id","remove":["c.read.d"]}`, `{"id":"id","claims":{"sub":"x"}}`, `{"id":"id","id":"id"}`, `{"id":"id"}{}`, `{"id":"id","claims":{"number":1e3}}`,
		`{"\u0069d":"id"}`, `{"id":"id",}`, `{"id":"id","claims":{"list":[]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := about()
		a, fault := judge(body, r)
		if fault != nil {
			if a.remove != nil || a.claims != nil || fault.detail == "" {
				t.Errorf("%q: %+v of an answer that does not count: %+v", body, a, fault)
			}
			return
		}
		var said struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &said); err != nil || said.ID != r.ID || !within(a, r) {
			t.Errorf("%q became %+v (%v)", body, a, err)
		}
	})
}

// Whatever JSON a hook makes up of names that it knows, and of others, what counts
// lies within the question, and what does not count takes all that it judges.
func TestNoAnswerWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"id", "remove", "claims", "add", "scope", "text", "truth", "number", "list", "any", "sub", "a.read.b", "a.write.b", "admin.write.all", ""})
		scalar := rapid.OneOf(
			rapid.Custom(func(t *rapid.T) any { return word.Draw(t, "word") }),
			rapid.Custom(func(t *rapid.T) any { return rapid.Bool().Draw(t, "truth") }),
			rapid.Custom(func(t *rapid.T) any { return rapid.Int64().Draw(t, "number") }),
			rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(word, 0, 3).Draw(t, "list") }),
		)
		value := rapid.OneOf(scalar, rapid.Custom(func(t *rapid.T) any { return rapid.MapOfN(word, scalar, 0, 3).Draw(t, "object") }))
		said := map[string]any{"id": "id"}
		maps.Copy(said, rapid.MapOfN(word, value, 0, 3).Draw(t, "answer"))
		body, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		r := about()
		a, f := judge(body, r)
		if f == nil && !within(a, r) {
			t.Fatalf("%s became %+v", body, a)
		}
		if f != nil {
			h := &config.Hook{Judges: []string{"a.write.b"}, OnFailure: config.HookWithout}
			o := Outcome{Hook: h}.failed(f, Question{Scopes: r.Ask.Judges})
			if o.Claims != nil || !slices.Equal(o.Removed, []access.Scope{"a.write.b"}) {
				t.Fatalf("%s left %+v", body, o)
			}
		}
	})
}

func TestAnswersThatCount(t *testing.T) {
	for text, want := range map[string]answer{
		`{"id":"id"}`:                         {},
		" \n{\"id\" : \"id\" }\n":             {},
		`{"id":"id","remove":[],"claims":{}}`: {},
		`{"id":"id","remove":["a.write.b","a.read.b","a.write.b"]}`: {remove: []access.Scope{"a.read.b", "a.write.b"}},
	} {
		got, f := judge([]byte(text), about())
		if f != nil || !slices.Equal(got.remove, want.remove) || len(got.claims) != 0 {
			t.Errorf("%s: %+v %+v", text, got, f)
		}
	}
	got, f := judge([]byte(`{"claims":{"text":"x","truth":false,"number":-9223372036854775808,"list":["y","z"]},"id":"id"}`), about())
	if f != nil || got.claims["text"] != "x" || got.claims["truth"] != false || got.claims["number"] != int64(-1<<63) || !slices.Equal(got.claims["list"].([]string), []string{"y", "z"}) {
		t.Errorf("%+v %+v", got, f)
	}
}
