package console

import (
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// need is something that somebody should see to, and where.
type need struct {
	mark      design.Mark
	text, url string
}

func needsPart(wants []need) part {
	p := part{Heading: "Needs you", ID: "needs"}
	p.Table = &design.Table{Columns: design.Columns("What", "Why"), Empty: design.Empty{What: "Nothing needs you now."}}
	for _, n := range wants {
		p.Table.Rows = append(p.Table.Rows, design.Row{URL: n.url, Cells: []design.Cell{design.Text(n.text), design.State(n.mark)}})
	}
	return p
}

// soon is how far ahead an end is told.
const soon = 30 * 24 * time.Hour

// needs are what the operator can see to, what is worst first. Each reads what is
// in memory, or a list that configuration and credentials keep short.
func (x *exchange) needs() ([]need, error) {
	var all []need
	for _, look := range []struct {
		action operator.Action
		at     func(*exchange) ([]need, error)
	}{
		{operator.ReadConfiguration, (*exchange).revisionNeeds},
		{operator.ReadKeys, (*exchange).keyNeeds},
		{operator.ReadMigration, (*exchange).recordNeeds},
		{operator.HelpCustomers, (*exchange).claimNeeds},
		{operator.ReadConfiguration, (*exchange).applicationNeeds},
		{operator.ReadConfiguration, (*exchange).credentialNeeds},
		{operator.ReadConfiguration, (*exchange).ruleNeeds},
		{operator.ReadOperators, (*exchange).ownerNeeds},
	} {
		if !x.who.May(look.action, x.place()) {
			continue
		}
		found, err := look.at(x)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// revisionNeeds tells whether this node serves by the newest revision.
func (x *exchange) revisionNeeds() ([]need, error) {
	newest, err := x.cfg.Registry.Revisions(x.r.Context(), x.live, 0, 1)
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	s := x.live.Snapshot()
	if s != nil && s.Revision >= newest[0].Number {
		return nil, nil
	}
	return []need{{design.Bad("Not served"), fmt.Sprintf("Revision %d does not compile on this node; nothing is served by an older one", newest[0].Number), x.here("revisions")}}, nil
}

// keyNeeds tells of keys that are overdue, and of certificates that end soon.
func (x *exchange) keyNeeds() ([]need, error) {
	stored, err := x.cfg.Ring.Published(x.r.Context(), x.live.ID)
	s, now := x.live.Snapshot(), x.cfg.Now()
	var all []need
	for _, k := range stored {
		switch {
		case string(k.State) != "current":
		case k.Owner == gatewayOwner:
			certificate, err := x509.ParseCertificate(k.Public)
			if err == nil && certificate.NotAfter.Before(now.Add(soon)) {
				all = append(all, need{design.Warning("Ends soon"), "The gateway's authority ends on " + certificate.NotAfter.UTC().Format(time.DateOnly), x.here("keys")})
			}
		case s != nil && s.Servers[k.Owner] != nil:
			// A day's grace, for keys are looked after hourly.
			if due := k.Activated.Add(s.Servers[k.Owner].Signing.RotateEvery.Std() + 24*time.Hour); due.Before(now) {
				all = append(all, need{design.Warning("Overdue"), "The key of " + k.Owner + " should have been rotated", x.here("keys")})
			}
		}
	}
	return all, err
}

// recordNeeds tells of records that wait for somebody.
func (x *exchange) recordNeeds() ([]need, error) {
	s := x.live.Snapshot()
	if s == nil {
		return nil, nil
	}
	var all []need
	for _, name := range slices.Sorted(maps.Keys(s.Migrations)) {
		standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, name, 0)
		if err != nil {
			return nil, err
		}
		counts, _ := counted(standing)
		if held := counts["held"]; held > 0 {
			all = append(all, need{design.Warning("Held"), many(held, "record") + " of " + name + " wait for somebody", x.here("migrations", name)})
		}
	}
	return all, nil
}

// applicationNeeds tells of applications for which nobody answers.
func (x *exchange) applicationNeeds() ([]need, error) {
	s := x.live.Snapshot()
	if s == nil {
		return nil, nil
	}
	without := int64(0)
	for _, a := range s.Applications {
		if a.Owner == "" {
			without++
		}
	}
	if without == 0 {
		return nil, nil
	}
	return []need{{design.Warning("No owner"), many(without, "application") + " without an owner", query(x.here("applications"), "q", "owner:"+nobody)}}, nil
}

// maxNamed is how many things of a kind are named one by one.
const maxNamed = 5

// credentialNeeds tells of secrets that are old or missing, and of subscriptions
// that end soon.
func (x *exchange) credentialNeeds() ([]need, error) {
	s := x.live.Snapshot()
	if s == nil {
		return nil, nil
	}
	secrets, err := x.cfg.Secrets.ListSecrets(x.r.Context(), x.live.ID, "")
	if err != nil {
		return nil, err
	}
	has, old := map[string]bool{}, map[string]bool{}
	for _, secret := range secrets {
		has[secret.Application] = true
		if x.cfg.Now().Sub(secret.Created) >= oldSecret {
			old[secret.Application] = true
		}
	}
	lacks := map[string]bool{}
	for name, a := range s.Applications {
		lacks[name] = needsSecret(a) && !has[name]
	}
	maps.DeleteFunc(lacks, func(_ string, lacking bool) bool { return !lacking })
	all := x.about(old, design.Warning("Old secret"), "has a secret that is older than a year")
	all = append(all, x.about(lacks, design.Warning("No secret"), "has no secret, so it cannot authenticate")...)
	subscriptions, err := x.cfg.Subscribe.List(x.r.Context(), x.live, "")
	ending := map[string]bool{}
	for _, sub := range subscriptions {
		if !sub.Expires.IsZero() && sub.Expires.Before(x.cfg.Now().Add(soon)) && sub.Application != "" {
			ending[sub.Application] = true
		}
	}
	return append(all, x.about(ending, design.Warning("Ends soon"), "has a subscription that ends within 30 days")...), err
}

// needsSecret tells whether an application authenticates with a client secret.
func needsSecret(a *config.Application) bool {
	return a.Authentication == "client_secret_basic" || a.Authentication == "client_secret_post"
}

// about names the first of some applications, and tells how many more there are.
func (x *exchange) about(applications map[string]bool, mark design.Mark, what string) []need {
	var all []need
	for i, name := range slices.Sorted(maps.Keys(applications)) {
		if i == maxNamed {
			return append(all, need{mark, "and " + many(int64(len(applications)-maxNamed), "more application"), x.here("applications")})
		}
		all = append(all, need{mark, name + " " + what, x.here("applications", name)})
	}
	return all
}

// ruleNeeds tells of rules that nobody ever comes to.
func (x *exchange) ruleNeeds() ([]need, error) {
	s := x.live.Snapshot()
	if s == nil {
		return nil, nil
	}
	var all []need
	for _, name := range slices.Sorted(maps.Keys(s.Servers)) {
		n := int64(0)
		for _, f := range x.findings(name) {
			if f.Kind == access.DeadRule || f.Kind == access.ShadowedRule {
				n++
			}
		}
		if n > 0 {
			all = append(all, need{design.Warning("Never reached"), many(n, "rule") + " of " + name + " no request ever comes to", x.here("servers", name) + "#policies"})
		}
	}
	return all, nil
}

// ownerNeeds tells whether there is somebody beside the only owner.
func (x *exchange) ownerNeeds() ([]need, error) {
	owners, err := x.owners()
	if err != nil || owners > 1 {
		return nil, err
	}
	return []need{{design.Warning("One owner"), "Nobody but one person may do everything here: invite a second owner", x.base() + "/operators"}}, nil
}

// owners counts who may do everything in the environment.
func (x *exchange) owners() (int, error) {
	all, err := x.cfg.Operators.List(x.r.Context())
	n := 0
	for _, o := range all {
		if !o.Disabled && o.May(operator.ManageOperators, x.place()) {
			n++
		}
	}
	return n, err
}

// many counts things that make their plural with an s.
func many(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// grouped writes a number as people read it: 12,400.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
