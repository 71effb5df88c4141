package intake_test

import (
	"testing"

	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

func keycloakPlan(t *testing.T) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "meterman", Source: migrate.Source{Format: "keycloak"}, Key: "id",
		Fields: []migrate.Field{{From: "username", To: "username"}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	return plan
}

// keycloakUser is a realm's export of one person with a credential.
func keycloakUser(credential string) string {
	return `{"realm":"r","users":[{"id":"1","username":"ana","enabled":true,"credentials":[` + credential + `]}]}`
}

func keycloakApp(key string) string {
	return `{"type":"otp","secretData":"{\"value\":\"` + key + `\"}","credentialData":"{\"subType\":\"totp\",\"digits\":6,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}`
}

// Whoever is held for the second factor that did not come along comes by the export
// that brings it, and by none that does not.
func TestWhoWaitsForTheirSecondFactorComesWithIt(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"nothing":            {keycloakUser(""), "held second-factor"},
		"a key nobody reads": {keycloakUser(keycloakApp("1")), "held second-factor"},
		"an app":             {keycloakUser(keycloakApp("12345678901234567890")), "imported no-password"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			svc, plan := service(s), keycloakPlan(t)
			a := arrival(t, "1")
			a.Plan, a.Record, a.SecondFactor = plan, plan.Record(map[string]string{"id": "1", "username": "ana"}), true
			if reason := heldFor(t, svc, a); reason != intake.SecondFactor {
				t.Fatalf("held for %q", reason)
			}
			report, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: plan, Source: source(c.file)})
			if err != nil || state(t, s, "1") != c.want {
				t.Errorf("%s, %v", state(t, s, "1"), err)
			}
			if c.want[0] == 'h' && report.Run != "" {
				t.Errorf("a run was started for nothing: %+v", report)
			}
			a.Enrol = true
			if state(t, s, "1") == "held second-factor" && admitting(t, svc, a).State != store.RecordImported {
				t.Error("whoever may enrol does not come")
			}
		})
	}
}
