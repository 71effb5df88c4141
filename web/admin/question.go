package admin

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Question asks what an application would get.
type Question struct {
	Application string            `json:"application"`
	Server      string            `json:"server,omitempty" doc:"Authorization server; may be left out if the application has scopes of one only"`
	Grant       string            `json:"grant,omitempty" enum:"authorization_code,client_credentials" doc:"By default what the application's type uses"`
	Scopes      []string          `json:"scopes,omitempty" maxItems:"200" doc:"None: the server's defaults"`
	Customer    string            `json:"customer,omitempty" doc:"Id, or a name that the customer signs in with"`
	Groups      []string          `json:"groups,omitempty" maxItems:"200" doc:"Of an invented customer"`
	Address     string            `json:"address,omitempty" doc:"IP address; left out: unknown"`
	At          time.Time         `json:"at,omitzero" doc:"Left out: now"`
	Assurance   string            `json:"assurance,omitempty" doc:"pwd, mfa or phr, or none, one-factor, two-factor, phishing-resistant; left out: one-factor for a customer"`
	Attributes  map[string]string `json:"attributes,omitempty" doc:"Of an invented customer"`
	Age         string            `json:"age,omitempty" maxLength:"20" doc:"How long ago the customer signed in, such as 10m; left out: just now"`
	Original    []string          `json:"original,omitempty" maxItems:"200" doc:"For a refresh: the scopes that were first granted; left out: no refresh"`
}

// mostAttributes is how many attributes an invented customer has at most.
const mostAttributes = 200

type asking struct {
	Place
	Caller
	Body Question
}

// read fills in what a question leaves out, but for whom it names.
func (a *api) read(in *asking) (*asked, error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	q := &asked{place: name(live)}
	if q.view, err = issue.ViewOf(live); err != nil {
		return nil, err
	}
	application, found := q.view.Snapshot.Applications[in.Body.Application]
	if !found {
		return nil, issue.ErrNoApplication
	}
	q.request = issue.PreviewRequest{Application: application.Name, Groups: in.Body.Groups, At: in.Body.At}
	if q.request.At.IsZero() {
		q.request.At = a.cfg.Now()
	}
	for _, scope := range in.Body.Scopes {
		q.request.Scopes = append(q.request.Scopes, access.Scope(scope))
	}
	if err := q.readWords(application, in.Body); err != nil {
		return q, err
	}
	if err := q.readPast(in.Body); err != nil {
		return q, err
	}
	// Last: whoever may not see a server must not learn by another mistake that it is there.
	q.server, err = q.view.Server(q.request.Server)
	return q, err
}

// readPast reads when the customer signed in, what they have, and what is refreshed.
func (q *asked) readPast(body Question) error {
	if body.Age != "" {
		age, err := time.ParseDuration(body.Age)
		if err != nil || age < 0 {
			return problem(RequestInvalid, "age is no length of time such as 10m or 2h")
		}
		q.request.SignedIn = q.request.At.Add(-age)
	}
	if len(body.Attributes) > mostAttributes {
		return problem(RequestInvalid, "there are more attributes than a customer can have")
	}
	if q.request.Grant == access.ClientCredentials && (len(body.Attributes) > 0 || len(body.Original) > 0 || body.Age != "") {
		return problem(RequestInvalid, "attributes, age and original are of a customer: a machine has none")
	}
	q.request.Attributes = body.Attributes
	for _, scope := range body.Original {
		q.request.Original = append(q.request.Original, access.Scope(scope))
	}
	return nil
}

// understand is read for whoever may read the server's access, and looks up whom
// the question names.
func (a *api) understand(ctx context.Context, in *asking) (*asked, error) {
	q, err := a.read(in)
	if err != nil {
		return nil, err
	}
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	if err := a.also(ctx, operator.ReadAccess, in.server(q.request.Server)); err != nil {
		return nil, err
	}
	if in.Body.Customer == "" {
		return q, nil
	}
	if err := a.also(ctx, operator.ReadCustomers, in.place()); err != nil {
		return nil, err
	}
	id, err := a.whois(ctx, live, in.Body.Customer, in.Caller)
	if err != nil {
		return nil, err
	}
	profile, err := a.cfg.Directory.Show(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	q.request.Customer, q.request.Groups, q.request.Attributes = id, profile.Customer.Groups, profile.Customer.Attributes
	return q, a.recordView(ctx, live, id, in.Caller)
}

// readWords reads the server's name, the grant, address and assurance of a question.
func (q *asked) readWords(application *config.Application, body Question) (err error) {
	if q.request.Server, err = serverFor(application, body.Server); err != nil {
		return err
	}
	q.request.Grant = access.GrantType(body.Grant)
	if body.Grant == "" {
		q.request.Grant = access.AuthorizationCode
		if application.Type == config.TypeMachine {
			q.request.Grant = access.ClientCredentials
		}
	}
	if body.Address != "" {
		if q.request.Address, err = netip.ParseAddr(body.Address); err != nil {
			return problem(RequestInvalid, "address is not an IP address")
		}
	}
	switch {
	case body.Assurance != "":
		q.request.Assurance = issue.AssuranceOf(body.Assurance)
		if q.request.Assurance == access.NoAssurance && body.Assurance != access.NoAssurance.String() {
			return problem(RequestInvalid, "assurance is none of pwd, mfa, phr, none, one-factor, two-factor, phishing-resistant")
		}
	case q.request.Grant != access.ClientCredentials:
		q.request.Assurance = access.OneFactor
	}
	return nil
}

// serverFor is the server that was named, or the only one of an application.
func serverFor(application *config.Application, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	assigned := slices.Sorted(maps.Keys(application.Assigned))
	if len(assigned) != 1 {
		return "", problem(WhichServer, strings.Join(assigned, ", "))
	}
	return assigned[0], nil
}
