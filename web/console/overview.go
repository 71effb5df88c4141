package console

import (
	"fmt"
	"net/http"

	"sallyport/service/operator"
	"sallyport/web/design"
)

var (
	homePage     = parse("home")
	overviewPage = parse("overview")
)

// home lists the environments that the operator may see.
func (x *exchange) home() {
	if len(x.who.Roles) == 0 {
		x.page(http.StatusForbidden, "You have no role yet", notePage, design.Empty{
			What: "Somebody took your roles, or gave you none.", Do: "An owner can give you one: sallyport operator grant " + x.who.Username + " ROLE",
		})
		return
	}
	x.page(http.StatusOK, "Environments", homePage, x.places())
}

// overview is the first page of an environment: what there is, by what the
// operator may open.
func (x *exchange) overview() {
	type tile struct{ Label, Value, Note, URL string }
	var tiles []tile
	here := operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name}
	s := x.live.Snapshot()
	add := func(a operator.Action, t tile) {
		if x.who.May(a, here) {
			tiles = append(tiles, t)
		}
	}
	if s != nil {
		add(operator.ReadConfiguration, tile{"Applications", fmt.Sprint(len(s.Applications)), "in the live revision", x.here("applications")})
		add(operator.ReadConfiguration, tile{"Authorization servers", fmt.Sprint(len(s.Servers)), "with their policies and rules", x.here("servers")})
		add(operator.ReadConfiguration, tile{"Revision", fmt.Sprint(s.Revision), "is live", x.here("revisions")})
		add(operator.ReadMigration, tile{"Migrations", fmt.Sprint(len(s.Migrations)), "and where their records are", x.here("migrations")})
	}
	add(operator.ReadCustomers, tile{"Customers", "Find", "by the beginning of a name", x.here("customers")})
	add(operator.ReadAudit, tile{"Refusals", "Last day", "what was refused, and why", query(x.here("audit"), "q", "result:!ok after:24h")})
	x.page(http.StatusOK, "Overview", overviewPage, struct {
		Tiles []tile
		URL   string
		Empty bool
	}{tiles, address(x), s == nil})
}

func address(x *exchange) string {
	if s := x.live.Snapshot(); s != nil {
		return s.URL.String()
	}
	return ""
}
