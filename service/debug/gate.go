package debug

import (
	"maps"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/route"
	"sallyport/service/subscribe"
)

// CallVerdict is one operation of an API, and what the gateway says to a call of it
// with the token and with a subscription key of the application.
type CallVerdict struct {
	API      string              `json:"api"`
	ID       string              `json:"id"`
	Method   string              `json:"method"`
	Path     string              `json:"path"`
	Summary  string              `json:"summary,omitempty"`
	Product  string              `json:"product,omitempty"` // whose key it takes; empty: no product offers it to the application
	Public   bool                `json:"public,omitempty"`
	Needs    [][]route.Scope     `json:"needs,omitempty"` // one of these sets
	Verdict  subscribe.Admission `json:"verdict"`
	Provided bool                `json:"-"` // some product offers the API to the application
}

// judge asks for the gateway's verdict on each operation. Without a token, a call
// shows the key alone.
func (a Answer) judge() []CallVerdict {
	all := []CallVerdict{}
	if a.snapshot.Routes == nil {
		return all
	}
	for _, o := range a.snapshot.Routes.Operations() {
		product := a.product(string(o.API))
		shown := subscribe.Shown{Keyed: product != nil, Application: a.Application}
		all = append(all, CallVerdict{
			API: string(o.API), ID: string(o.ID), Method: o.Method, Path: o.Template, Summary: o.Summary,
			Public: o.Security.Public, Needs: o.Security.Alternatives, Provided: product != nil,
		})
		made := &all[len(all)-1]
		if product != nil {
			shown.Product, made.Product = product.Name, product.Name
		}
		if a.Allowed() {
			shown.Token = &subscribe.Bearer{Server: a.Server, Application: a.Application, Holds: a.holds}
		}
		if made.Verdict = subscribe.Judge(a.snapshot, o, shown); product == nil && made.Verdict.Check == subscribe.CheckKey {
			made.Verdict = subscribe.Admission{Check: subscribe.CheckProduct, Text: "No product offers this API to the application, so it can have no subscription key for it."}
		}
	}
	slices.SortStableFunc(all, func(x, y CallVerdict) int {
		return strings.Compare(x.API+" "+x.Path+" "+x.Method, y.API+" "+y.Path+" "+y.Method)
	})
	return all
}

// product is one that admits the application and has the API; nil for none.
func (a Answer) product(api string) *config.Product {
	for _, name := range slices.Sorted(maps.Keys(a.snapshot.Products)) {
		if p := a.snapshot.Products[name]; subscribe.Admits(p, a.Application) && slices.Contains(p.APIs, api) {
			return p
		}
	}
	return nil
}

// holds tells what the token holds.
func (a Answer) holds(scope route.Scope) bool {
	for _, granted := range a.Preview.Decision.Granted {
		if string(granted) == string(scope) {
			return true
		}
	}
	return false
}
