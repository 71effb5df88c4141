package intake_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// Only whoever's groups change is asked about, so that a file of millions is no storm of
// letters; what follows is written with the change, or not at all.
func TestWhoeverGetsGroupsByANewerFileIsAskedAboutAndNobodyElse(t *testing.T) {
	s := open(t)
	var asked, told []string
	svc := service(s, func(cfg *intake.Config) {
		cfg.Awaited = func(_ context.Context, _ store.EnvironmentID, was, is customer.Customer) (func(context.Context, store.Tx) error, error) {
			if len(was.Groups) > 0 || !slices.Equal(is.Groups, []string{"solar"}) {
				t.Errorf("%v become %v", was.Groups, is.Groups)
			}
			asked = append(asked, is.Name)
			return func(ctx context.Context, tx store.Tx) error {
				now, _, err := tx.HoldCustomer(ctx, is.ID)
				if !slices.Equal(now.Groups, is.Groups) {
					t.Errorf("it is told before they have %v", is.Groups)
				}
				told = append(told, is.Name)
				return err
			}, nil
		}
	})
	grouped, problems := migrate.Compile(migrate.Spec{
		Name: "groups", Key: "no", Fields: []migrate.Field{{From: "login", To: "username", Required: true}, {From: "name", To: "name"}, {From: "group", To: "group"}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	run := func(text string, dry bool) {
		t.Helper()
		if _, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: grouped, Source: source("no,login,name,group\n" + text), DryRun: dry}); err != nil {
			t.Fatal(err)
		}
	}
	newer := "1,ana,Ana,solar\n2,bo,Bobby,\n3,cy,Cy,\n4,di,Di,solar\n"
	run("1,ana,Ana,\n2,bo,Bo,\n3,cy,Cy,\n", false)
	run(newer, true)
	if len(asked) > 0 {
		t.Errorf("a first import, or a rehearsal, asks about %v", asked)
	}
	run(newer, false)
	run(newer, false)
	if want := []string{"Ana"}; !cmp.Equal(asked, want) || !cmp.Equal(told, want) {
		t.Errorf("asked about %v, told %v", asked, told)
	}
}
