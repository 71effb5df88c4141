package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// CustomerPatch changes registered fields of a customer; what is left out stays.
type CustomerPatch struct {
	Name       *string            `json:"name,omitempty" maxLength:"400"`
	Groups     *[]string          `json:"groups,omitempty" maxItems:"200" doc:"All of them"`
	Attributes map[string]*string `json:"attributes,omitempty" doc:"By registered name; null removes the value"`
	Reason     string             `json:"reason,omitempty" maxLength:"500"`
}

// NewIdentifier is a name that a customer can be found by. Nothing says that it is
// verified: only a proof does.
type NewIdentifier struct {
	Kind   string `json:"kind" enum:"username,email,phone"`
	Value  string `json:"value" maxLength:"400"`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// TagPatch puts words on a customer and takes words off.
type TagPatch struct {
	Add    []string `json:"add,omitempty" maxItems:"20"`
	Remove []string `json:"remove,omitempty" maxItems:"20"`
	Reason string   `json:"reason,omitempty" maxLength:"500"`
}

// CustomerTags are the words that operators put on a customer.
type CustomerTags struct {
	Version int      `json:"version"`
	Tags    []string `json:"tags"`
}

// TaggedCustomer is somebody who wears a tag.
type TaggedCustomer struct {
	ID    string `json:"id"`
	State string `json:"state" enum:"active,disabled"`
	Name  string `json:"name,omitempty"`
}

// TaggedCustomers is a page of them, by id.
type TaggedCustomers struct {
	Version   int              `json:"version"`
	Customers []TaggedCustomer `json:"customers"`
	Next      string           `json:"next,omitempty" doc:"cursor of the next page"`
}

// AgreementRow is what a customer said to a document or a purpose.
type AgreementRow struct {
	Kind      string          `json:"kind" enum:"document,purpose"`
	Document  string          `json:"document"`
	Version   string          `json:"version"`
	Refused   bool            `json:"refused"`
	Given     time.Time       `json:"given"`
	Withdrawn *time.Time      `json:"withdrawn,omitempty"`
	Replaced  bool            `json:"replaced,omitempty" doc:"It ended as they said something newer"`
	Evidence  json.RawMessage `json:"evidence,omitempty" doc:"What they were shown, and how they said it"`
}

// AgreementWithdrawal takes back what a customer said yes to.
type AgreementWithdrawal struct {
	Kind     string `json:"kind,omitempty" enum:"purpose,document" default:"purpose" doc:"A document that customers are asked to agree to is taken back by nobody: erase the customer"`
	Document string `json:"document" minLength:"1" maxLength:"64" doc:"Name of the purpose or document"`
	Reason   string `json:"reason" minLength:"1" maxLength:"500" doc:"How they said it, such as by letter; for the ledger, and no place for names"`
}

// Agreements are all that a customer ever said.
type Agreements struct {
	Version    int            `json:"version"`
	Agreements []AgreementRow `json:"agreements"`
}

// Erasure asks for somebody to be erased.
type Erasure struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Kept in the ledger; no place for names"`
}

// Erased tells what an erasure left.
type Erased struct {
	Version   int      `json:"version"`
	ID        string   `json:"id"`
	Events    int      `json:"events" doc:"of the ledger whose personal part went"`
	Records   int      `json:"records" doc:"of migrations that are tombstones now"`
	Accounts  []string `json:"accounts" doc:"that went with them"`
	Ownerless []string `json:"ownerless" doc:"that others are members of, and nobody owns"`
}

func (a *api) profileRoutes() {
	one := here("/customers/{customer}")
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "change-customer", Method: http.MethodPatch, Path: one, Summary: "Write registered fields of a customer",
	}, a.changeCustomer)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "add-identifier", Method: http.MethodPost, Path: one + "/identifiers", Summary: "Give a customer an identifier, which nobody has proved yet",
	}, a.addIdentifier)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "remove-identifier", Method: http.MethodPost, Path: one + "/identifiers/remove", Summary: "Take an identifier from a customer",
	}, a.removeIdentifier)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "choose-first-identifier", Method: http.MethodPost, Path: one + "/identifiers/first", Summary: "Let an address that a customer proved come first among those of its kind",
	}, a.chooseFirst)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "tag-customer", Method: http.MethodPost, Path: one + "/tags", Summary: "Put tags on a customer, and take tags off",
	}, a.tagCustomer)
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "list-tagged", Method: http.MethodGet, Path: here("/tags/{tag}/customers"), Summary: "List customers who wear a tag",
	}, a.taggedCustomers)
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "list-agreements", Method: http.MethodGet, Path: one + "/agreements", Summary: "List what a customer agreed to, and when",
	}, a.listAgreements)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "withdraw-agreement", Method: http.MethodPost, Path: one + "/agreements/withdraw", Summary: "Take back what a customer said yes to, as they asked",
	}, a.withdrawAgreement)
	route(a, right{operator.ExportCustomers, there}, huma.Operation{
		OperationID: "customer-dossier", Method: http.MethodGet, Path: one + "/dossier", Summary: "Everything that is kept about a customer, to be read by them",
		Description: "One JSON document, events last. One that is cut short is not JSON.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The dossier", Content: map[string]*huma.MediaType{"application/json": {}},
		}},
	}, a.dossier)
	route(a, right{operator.EraseCustomers, there}, huma.Operation{
		OperationID: "erase-customer", Method: http.MethodPost, Path: one + "/erase", Summary: "Erase a customer with everything that is theirs, for good",
	}, a.eraseCustomer)
}

// customerAt finds a customer of an environment.
func (a *api) customerAt(ctx context.Context, at Place, typed string, by Caller) (live *environment.Live, id customer.ID, err error) {
	if live, err = a.at(at); err != nil {
		return nil, id, err
	}
	id, err = a.whois(ctx, live, typed, by)
	return live, id, err
}

// whom finds the customer of a request that changes them, as the caller saw them.
func (a *api) whom(ctx context.Context, at Place, by Caller, m Match, typed string) (live *environment.Live, id customer.ID, version int64, err error) {
	if _, err := m.version(); err != nil { // before anybody is looked up
		return nil, id, 0, err
	}
	if live, id, err = a.customerAt(ctx, at, typed, by); err != nil {
		return live, id, 0, err
	}
	version, err = m.numberOf(versionPrefix(id))
	return live, id, version, err
}

func (a *api) changeCustomer(ctx context.Context, in *struct {
	Place
	Caller
	Match
	Customer string `path:"customer" maxLength:"320"`
	Body     CustomerPatch
},
) (*versioned[Customer], error) {
	live, id, version, err := a.whom(ctx, in.Place, in.Caller, in.Match, in.Customer)
	if err != nil {
		return nil, err
	}
	patch := directory.Patch{Name: in.Body.Name, Groups: in.Body.Groups, Attributes: in.Body.Attributes}
	if _, err := a.cfg.Directory.Expecting(version).Because(in.Body.Reason).Change(ctx, live, id, patch, in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.customer(ctx, live, id, in.Caller)
}

// identified is a customer of whom an identifier is changed.
type identified struct {
	Place
	Caller
	Match
	Customer string `path:"customer" maxLength:"320"`
	Body     NewIdentifier
}

func (a *api) addIdentifier(ctx context.Context, in *identified) (*versioned[Customer], error) {
	return a.identify(ctx, in, func(d *directory.Directory, live *environment.Live, id customer.ID) error {
		_, err := d.Add(ctx, live, id, customer.IdentifierKind(in.Body.Kind), in.Body.Value, a.cfg.Region, in.actor())
		return err
	})
}

func (a *api) removeIdentifier(ctx context.Context, in *identified) (*versioned[Customer], error) {
	return a.identify(ctx, in, func(d *directory.Directory, live *environment.Live, id customer.ID) error {
		return d.Remove(ctx, live, id, customer.IdentifierKind(in.Body.Kind), in.Body.Value, a.cfg.Region, in.actor())
	})
}

func (a *api) chooseFirst(ctx context.Context, in *identified) (*versioned[Customer], error) {
	return a.identify(ctx, in, func(d *directory.Directory, live *environment.Live, id customer.ID) error {
		return d.ChooseFirst(ctx, live, id, customer.IdentifierKind(in.Body.Kind), in.Body.Value, a.cfg.Region, in.actor())
	})
}

// identify changes an identifier of the customer at the version that was seen, and gives
// the customer as they are then.
func (a *api) identify(ctx context.Context, in *identified, change func(*directory.Directory, *environment.Live, customer.ID) error) (*versioned[Customer], error) {
	live, id, version, err := a.whom(ctx, in.Place, in.Caller, in.Match, in.Customer)
	if err != nil {
		return nil, err
	}
	if err := change(a.cfg.Directory.Expecting(version).Because(in.Body.Reason), live, id); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.customer(ctx, live, id, in.Caller)
}

func (a *api) tagCustomer(ctx context.Context, in *struct {
	Place
	Caller
	Customer string `path:"customer" maxLength:"320"`
	Body     TagPatch
},
) (*answer[CustomerTags], error) {
	live, id, err := a.customerAt(ctx, in.Place, in.Customer, in.Caller)
	if err != nil {
		return nil, err
	}
	tags, err := a.cfg.Directory.Because(in.Body.Reason).Tag(ctx, live.ID, id, in.Body.Add, in.Body.Remove, in.actor())
	if err != nil {
		return nil, err
	}
	return say(CustomerTags{1, list(tags)}), nil
}

func (a *api) taggedCustomers(ctx context.Context, in *struct {
	Place
	Caller
	Tag    string `path:"tag" maxLength:"63"`
	Cursor string `query:"cursor" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
},
) (*answer[TaggedCustomers], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	after, err := cursorOf(in.Cursor, customer.ParseID)
	if err != nil {
		return nil, err
	}
	found, next, err := a.cfg.Directory.Tagged(ctx, live.ID, in.Tag, after, in.Limit)
	if err != nil {
		return nil, err
	}
	page := TaggedCustomers{Version: 1, Customers: []TaggedCustomer{}, Next: cursorText(next)}
	looked := directory.Looked{By: in.actor(), Kind: "tag", Typed: in.Tag, Found: len(found)}
	for _, c := range found {
		looked.Whom = append(looked.Whom, c.ID)
		page.Customers = append(page.Customers, TaggedCustomer{c.ID.String(), string(c.State), c.Name})
	}
	return say(page), a.cfg.Directory.Listed(ctx, live.ID, looked)
}

func (a *api) listAgreements(ctx context.Context, in *struct {
	Place
	Caller
	Customer string `path:"customer" maxLength:"320"`
},
) (*answer[Agreements], error) {
	live, id, err := a.customerAt(ctx, in.Place, in.Customer, in.Caller)
	if err != nil {
		return nil, err
	}
	all, err := a.agreements(ctx, live, id)
	if err != nil {
		return nil, err
	}
	return all, a.recordView(ctx, live, id, in.Caller)
}

func (a *api) withdrawAgreement(ctx context.Context, in *struct {
	Place
	Caller
	Customer string `path:"customer" maxLength:"320"`
	Body     AgreementWithdrawal
},
) (*answer[Agreements], error) {
	live, id, err := a.customerAt(ctx, in.Place, in.Customer, in.Caller)
	if err != nil {
		return nil, err
	}
	back := directory.Withdrawal{Kind: directory.AgreedPurpose, Document: in.Body.Document, Evidence: directory.Evidence{By: string(in.actor())}}
	if in.Body.Kind == string(directory.AgreedDocument) {
		back.Kind = directory.AgreedDocument
	}
	if err := a.cfg.Directory.Because(in.Body.Reason).Withdraw(ctx, live, id, back, in.actor()); err != nil {
		return nil, err
	}
	return a.agreements(ctx, live, id)
}

// agreements are all that a customer ever said.
func (a *api) agreements(ctx context.Context, live *environment.Live, id customer.ID) (*answer[Agreements], error) {
	said, err := a.cfg.Directory.Agreements(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	all := Agreements{Version: 1, Agreements: []AgreementRow{}}
	for _, s := range said {
		row := AgreementRow{
			Kind: string(s.Kind), Document: s.Document, Version: s.Version, Refused: s.Refused, Given: s.Given.UTC(),
			Withdrawn: moment(s.Withdrawn), Replaced: s.Replaced,
		}
		if json.Valid(s.Evidence) {
			row.Evidence = s.Evidence
		}
		all.Agreements = append(all.Agreements, row)
	}
	return say(all), nil
}

func (a *api) dossier(ctx context.Context, in *struct {
	Place
	Caller
	Customer string `path:"customer" maxLength:"320"`
	Reason   string `query:"reason" maxLength:"500"`
},
) (*huma.StreamResponse, error) {
	live, id, err := a.customerAt(ctx, in.Place, in.Customer, in.Caller)
	if err != nil {
		return nil, err
	}
	if _, err := a.cfg.Directory.Show(ctx, live.ID, id); err != nil { // before the answer begins
		return nil, err
	}
	ctx, release, err := a.attended(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		h.SetHeader("Content-Type", "application/json")
		h.SetHeader("Cache-Control", "no-store")
		if err := a.cfg.Directory.Because(in.Reason).Dossier(ctx, live, id, in.actor(), whileAsked{ctx, h.BodyWriter()}); err != nil {
			a.cfg.Log.Error("a dossier was not completed", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func (a *api) eraseCustomer(ctx context.Context, in *struct {
	Place
	Caller
	Match
	Customer string `path:"customer" maxLength:"320"`
	Body     Erasure
},
) (*answer[Erased], error) {
	live, id, version, err := a.whom(ctx, in.Place, in.Caller, in.Match, in.Customer)
	if err != nil {
		return nil, err
	}
	left, err := a.cfg.Directory.Expecting(version).Because(in.Body.Reason).Erase(ctx, live, id, in.actor())
	if err != nil {
		return nil, a.outdated(in.Match, err)
	}
	out := Erased{Version: 1, ID: id.String(), Events: left.Events, Records: left.Records, Accounts: []string{}, Ownerless: []string{}}
	for _, account := range left.Accounts {
		out.Accounts = append(out.Accounts, account.String())
	}
	for _, account := range left.Ownerless {
		out.Ownerless = append(out.Ownerless, account.String())
	}
	return say(out), nil
}
