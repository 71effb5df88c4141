package access_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/access"
)

// length is how long the scope claim of a request would be.
func length(names []access.Scope) int {
	texts := make([]string, len(names))
	for i, s := range names {
		texts[i] = string(s)
	}
	return len(strings.Join(texts, " "))
}

// heaviest tries every request of an application and grant type.
func heaviest(m *access.Model, id access.ApplicationID, grant access.GrantType) (most int, any map[access.Scope]bool) {
	any = map[access.Scope]bool{}
	for _, r := range contexts(id, plain, nil) {
		if r.Grant != grant {
			continue
		}
		for _, r.Scopes = range subsets(worldScopes()) {
			d := access.Decide(m, r)
			if !d.Allowed {
				continue
			}
			most = max(most, length(d.Granted))
			for _, s := range d.Granted {
				any[s] = true
			}
		}
	}
	return most, any
}

func TestWhatCanBeHadTogetherIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, problems := access.Compile(drawSpec(t, plain))
		if m == nil {
			t.Fatal(problems)
		}
		joints, err := access.Jointly(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(joints) != 2*len(m.Applications()) {
			t.Fatalf("%d answers", len(joints))
		}
		for _, j := range joints {
			most, any := heaviest(m, j.Application, j.Grant)
			if length(j.Together) != most {
				t.Errorf("%s by %s has %v at most, %d bytes; some request has %d", j.Application, j.Grant, j.Together, length(j.Together), most)
			}
			if len(any) != len(j.Any) {
				t.Errorf("%s by %s has %v, and requests have %v", j.Application, j.Grant, j.Any, any)
			}
			for _, s := range j.Any {
				if !any[s] {
					t.Errorf("no request of %s by %s has %s", j.Application, j.Grant, s)
				}
			}
		}
	})
}

func TestARateIsToldOnlyOfWhoCanMeetIt(t *testing.T) {
	m, problems := access.Compile(access.Spec{
		Server: "s", Scopes: []access.ScopeSpec{{Name: "m.read.z", Kind: access.SystemRead}, {Name: "m.write.z", Kind: access.SystemWrite}},
		Applications: []access.ApplicationSpec{
			{ID: "one", Scopes: []access.Scope{"m.read.z"}, Grants: []access.GrantType{machine}},
			{ID: "two", Scopes: []access.Scope{"m.write.z"}, Grants: []access.GrantType{machine}},
		},
		Policies: []access.PolicySpec{{Name: "p", All: true, Rules: []access.RuleSpec{
			{Name: "r", Effect: access.Allow, Scopes: []access.Scope{"m.read.z"}, Rate: access.Rate{Calls: 5, Per: 1e9}},
			{Name: "w", Effect: access.Allow, AllScopes: true},
		}}},
	})
	if m == nil {
		t.Fatal(problems)
	}
	joints, err := access.Jointly(m)
	if err != nil {
		t.Fatal(err)
	}
	if !joints[0].Rated || joints[1].Rated {
		t.Errorf("%+v", joints)
	}
}
