package auth0_test

import (
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestTheApostropheBeforeEveryTextIsNoPartOfIt(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "auth0-csv"}}, nil, "testdata/people.csv")
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "auth0|5f01" || ana.Customer.Name != `Ana "The" Ferro` || ana.Customer.Created.Year() != 2019 || ana.Rejection != nil || len(ana.Links) != 0 {
		t.Errorf("%+v", ana)
	}
	if len(ana.Identifiers) != 1 || ana.Identifiers[0].Value != "ana@harbour.test" || !ana.Identifiers[0].Verified {
		t.Errorf("%+v", ana.Identifiers)
	}
	bo := all[1]
	if bo.Customer.Name != "'t Hooft" || bo.Customer.State != customer.Disabled || bo.Identifiers[0].Verified {
		t.Errorf("%+v", bo)
	}
	if len(bo.Links) != 1 || bo.Links[0] != (customer.Link{Provider: "google-oauth2", Connection: "google-oauth2", Subject: "777"}) {
		t.Errorf("%+v", bo.Links)
	}
	if cy := all[2]; len(cy.Identifiers) != 1 || cy.Identifiers[0].Value != "+12125550100" || !cy.Identifiers[0].Verified {
		t.Errorf("%+v", cy)
	}
	if di := all[3]; di.Rejection == nil {
		t.Error("a state that nobody understands does not hold")
	}
}
