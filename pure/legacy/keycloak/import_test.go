package keycloak_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestPasswordsThatKeycloakHashedVerifyOnceMapped(t *testing.T) {
	people := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "keycloak"}}, nil, "testdata/hashed-26.4.5.json")
	for i, realm := range []string{"tide", "quay", "rope"} {
		if i >= len(people) || people[i].Verdict() != migrate.Accept || people[i].Hash == nil {
			t.Fatalf("of three people of three files, %d: %+v", len(people), people)
		}
		if id := people[i].Identifiers; len(id) != 2 || id[0].Value != "eve-"+realm || !id[1].Verified {
			t.Errorf("%s: identifiers %v", realm, id)
		}
		if ok, err := people[i].Hash.Verify([]byte("rope and " + realm + " 7")); !ok || err != nil {
			t.Errorf("%s: its password does not fit: %v", realm, err)
		}
	}
}

func TestARealmIsMappedWithoutASingleLineOfMapping(t *testing.T) {
	people := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "keycloak"}, Options: map[string]string{"rp_id": "harbour.test"}}, nil, "testdata/realm.json")
	var got []string
	for _, o := range people {
		got = append(got, fmt.Sprint(o.Verdict(), " ", o.Reason(), " ", o.Customer.State, " ", o.Customer.Name, " ", o.Hash != nil, " ", len(o.Factors), " ", len(o.Passkeys)))
	}
	want := []string{
		"accept  active Ana Brandt true 3 1",
		"accept  active  true 1 1",
		"accept  active  false 0 0",
		"accept  disabled  true 0 0",
		"drop service-account   false 0 0", // which is nobody
		"hold no-identifier active  false 1 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
