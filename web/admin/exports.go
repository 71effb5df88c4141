package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/backup"
	"sallyport/service/environment"
	"sallyport/service/leave"
	"sallyport/service/operator"
)

// ExportRequest asks for every customer of an environment, or for one.
type ExportRequest struct {
	Customer   string   `json:"customer,omitempty" maxLength:"320" doc:"One customer alone, by id or by a whole name they sign in with; left out: everybody"`
	Recipients []string `json:"recipients" minItems:"1" maxItems:"16" doc:"Public keys of age, of whoever may open it"`
}

// SignerHeader names whom everybody in an export is signed by. The file names it too,
// for whoever may open it; whoever asked is told it by the server itself.
const SignerHeader = "Sallyport-Signer"

func (a *api) exportRoutes() {
	route(a, right{operator.ExportCustomers, there}, huma.Operation{
		OperationID: "export-customers", Method: http.MethodPost, Path: here("/exports"),
		Summary:     "Export every customer, or one, with password hashes, factors and passkeys, encrypted for its recipients",
		Description: "The answer is the file, of which the reference of the export format tells. One that is cut short is no export: whoever reads it finds that out by its end.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The file", Content: map[string]*huma.MediaType{octets: {Schema: uploadFile("An age file")}},
		}},
	}, a.exportCustomers)
}

func (a *api) exportCustomers(ctx context.Context, in *struct {
	Place
	Caller
	Body ExportRequest
},
) (*huma.StreamResponse, error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	if _, err := backup.Recipients(in.Body.Recipients); err != nil {
		return nil, err
	}
	if a.cfg.Leave.Running() { // before the answer begins; of two at once, one ends at once
		return nil, leave.ErrRunning
	}
	ctx, release, err := a.attended(ctx)
	if err != nil {
		return nil, err
	}
	request := leave.Request{Env: live.ID, Tenant: live.Tenant, Environment: live.Name, Recipients: in.Body.Recipients, By: in.actor()}
	signer, err := a.cfg.Leave.Signer(ctx, live.ID)
	if err == nil && in.Body.Customer != "" {
		request.Only, err = a.exported(ctx, live, in.Body.Customer, in.Caller)
	}
	if err != nil {
		release()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		h.SetHeader("Content-Type", octets)
		h.SetHeader(SignerHeader, string(signer))
		if _, err := a.cfg.Leave.Export(ctx, request, whileAsked{ctx, h.BodyWriter()}); err != nil {
			a.cfg.Log.Error("an export of customers was not completed", "error", err)
			panic(http.ErrAbortHandler) // so that the file ends as what it is: half
		}
	}}, nil
}

// exported finds whom alone an export is of, who must be there before it begins.
func (a *api) exported(ctx context.Context, live *environment.Live, typed string, by Caller) (customer.ID, error) {
	id, err := a.whois(ctx, live, typed, by)
	if err == nil {
		_, err = a.cfg.Directory.Show(ctx, live.ID, id)
	}
	return id, err
}
