package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/keyring"
	"sallyport/service/operator"
)

// GatewayAuthority is what the back ends of an environment's gateway trust.
type GatewayAuthority struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	PEM     string `json:"certificates" doc:"The current authority, the next one and old ones still in use, in PEM"`
}

// AuthorityRotation asks for the next authority to become the current one.
type AuthorityRotation struct {
	KeepSeconds int64 `json:"keep_seconds" minimum:"0" maximum:"7776000" doc:"How long the old one stays trusted, at most 90 days"`
}

// CertificateRequest asks for a back end's key and certificate.
type CertificateRequest struct {
	Names []string `json:"names" minItems:"1" maxItems:"32" doc:"Host names and IP addresses"`
}

// ServerCertificate is a back end's certificate with its key. Neither is kept.
type ServerCertificate struct {
	Version     int    `json:"version"`
	Place       string `json:"environment"`
	Certificate string `json:"certificate" doc:"In PEM"`
	Key         string `json:"key,omitempty" doc:"In PEM (PKCS #8). Shown this once"`
}

func (a *api) gatewayRoutes() {
	route(a, right{operator.ReadKeys, there}, huma.Operation{
		OperationID: "gateway-authority", Method: http.MethodGet, Path: here("/gateway/authority"),
		Summary: "Read what back ends must trust to know the gateway",
	}, func(ctx context.Context, in *struct{ Place }) (*versioned[GatewayAuthority], error) {
		return a.authority(ctx, in.Place)
	})
	route(a, right{operator.RotateKeys, there}, huma.Operation{
		OperationID: "rotate-gateway-authority", Method: http.MethodPost, Path: here("/gateway/authority/rotate"),
		Summary: "Make the next authority of the gateway the current one, now",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Match
		Body AuthorityRotation
	},
	) (*versioned[GatewayAuthority], error) {
		from, err := in.version()
		if err != nil {
			return nil, err
		}
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		how := keyring.Succession{From: from, Keep: time.Duration(in.Body.KeepSeconds) * time.Second}
		if err := a.cfg.Authority.RotateFrom(ctx, live.ID, how, in.actor()); err != nil {
			return nil, a.outdated(in.Match, err)
		}
		return a.authority(ctx, in.Place)
	})
	route(a, right{operator.RotateKeys, there}, huma.Operation{
		OperationID: "certify-back-end", Method: http.MethodPost, Path: here("/gateway/certificates"),
		Summary: "Make a key and a certificate of 90 days for a back end",
	}, a.certify)
}

func (a *api) authority(ctx context.Context, p Place) (*versioned[GatewayAuthority], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	current, err := a.cfg.Authority.Current(ctx, live.ID) // before the certificates: what is newer than told is only refused
	if err != nil {
		return nil, err
	}
	trusted, err := a.cfg.Authority.CACertificate(ctx, live.ID)
	return sayAt(current, GatewayAuthority{1, name(live), string(trusted)}), err
}

func (a *api) certify(ctx context.Context, in *struct {
	Place
	Caller
	Body CertificateRequest
},
) (*answer[ServerCertificate], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	certificate, key, err := a.cfg.Authority.IssueServer(ctx, live.ID, in.Body.Names, in.actor())
	return say(ServerCertificate{1, name(live), string(certificate), string(key)}), err
}
