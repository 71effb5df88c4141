package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Application is an application of the live revision.
type Application struct {
	Name     string              `json:"name" doc:"Also its client_id"`
	Title    string              `json:"title,omitempty"`
	Type     string              `json:"type" enum:"web,browser,native,machine"`
	Owner    string              `json:"owner,omitempty"`
	Tags     map[string]string   `json:"tags,omitempty"`
	Assigned map[string][]string `json:"assigned" doc:"Scopes that it may ask for, by authorization server"`
	Secrets  []Secret            `json:"secrets"`
}

// Secret is a client secret, without what could be used.
type Secret struct {
	ID      string     `json:"id"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires,omitempty"`
}

// Applications lists applications.
type Applications struct {
	Version      int           `json:"version"`
	Place        string        `json:"environment"`
	Revision     int64         `json:"revision"`
	Applications []Application `json:"applications"`
}

// SecretList lists the secrets of an application.
type SecretList struct {
	Version     int      `json:"version"`
	Place       string   `json:"environment"`
	Application string   `json:"application"`
	Secrets     []Secret `json:"secrets"`
}

// NewSecret is a secret that was made just now.
type NewSecret struct {
	Version     int    `json:"version"`
	Place       string `json:"environment"`
	Application string `json:"application"`
	ID          string `json:"id"`
	Secret      string `json:"secret" doc:"Shown this once; it cannot be read again"`
}

// ApplicationPlace is an application that something is done to.
type ApplicationPlace struct {
	Place
	Caller
	Application string `path:"application" maxLength:"100"`
}

func (a *api) applicationRoutes() {
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "list-applications", Method: http.MethodGet, Path: here("/applications"),
		Summary: "List the applications of the live revision with the ids of their secrets",
	}, func(ctx context.Context, in *struct {
		Place
		Tag string `query:"tag" maxLength:"200" doc:"Only those with this tag: key or key=value"`
	},
	) (*answer[Applications], error) {
		return a.applications(ctx, in.Place, in.Tag)
	})
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "list-secrets", Method: http.MethodGet, Path: here("/applications/{application}/secrets"),
		Summary: "List the ids of an application's client secrets",
	}, func(ctx context.Context, in *struct {
		Place
		Application string `path:"application" maxLength:"100"`
	},
	) (*versioned[SecretList], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		return a.secretList(ctx, live, in.Application)
	})
	route(a, right{operator.ManageCredentials, there}, huma.Operation{
		OperationID: "create-secret", Method: http.MethodPost, Path: here("/applications/{application}/secrets"),
		Summary: "Make a client secret; it is shown this once", DefaultStatus: http.StatusCreated,
	}, a.createSecret)
	route(a, right{operator.ManageCredentials, there}, huma.Operation{
		OperationID: "delete-secret", Method: http.MethodDelete, Path: here("/applications/{application}/secrets/{secret}"),
		Summary: "End a client secret, on every node within five seconds",
	}, func(ctx context.Context, in *struct {
		ApplicationPlace
		Match
		Secret string `path:"secret" maxLength:"100"`
	},
	) (*versioned[SecretList], error) {
		version, err := in.version()
		if err != nil {
			return nil, err
		}
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		// An application that left the configuration may have left a secret behind.
		if err := a.cfg.Secrets.Expecting(version).DeleteSecret(ctx, live.ID, in.Application, in.Secret, in.actor()); err != nil {
			return nil, a.outdated(in.Match, err)
		}
		return a.secretList(ctx, live, in.Application)
	})
}

func (a *api) applications(ctx context.Context, p Place, wearing string) (*answer[Applications], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, err
	}
	tag, ok := config.ParseTag(wearing)
	if wearing != "" && !ok {
		return nil, problem(RequestInvalid, "tag is neither key nor key=value")
	}
	list := Applications{Version: 1, Place: name(live), Revision: view.Snapshot.Revision, Applications: []Application{}}
	for _, n := range slices.Sorted(maps.Keys(view.Snapshot.Applications)) {
		spec := view.Snapshot.Applications[n]
		if wearing != "" && !tag.Worn(spec.Tags) {
			continue
		}
		secrets, err := a.secretsOf(ctx, live, n)
		if err != nil {
			return nil, err
		}
		assigned := spec.Assigned
		if assigned == nil {
			assigned = map[string][]string{}
		}
		list.Applications = append(list.Applications, Application{n, spec.Title, spec.Type, spec.Owner, spec.Tags, assigned, secrets})
	}
	return say(list), nil
}

func (a *api) secretList(ctx context.Context, live *environment.Live, application string) (*versioned[SecretList], error) {
	stored, err := a.cfg.Secrets.ListSecrets(ctx, live.ID, application)
	list := SecretList{1, name(live), application, []Secret{}}
	for _, s := range stored {
		list.Secrets = append(list.Secrets, Secret{s.ID, s.Created.UTC(), instant(s.Expires)})
	}
	return sayAt(directory.SecretsVersion(stored), list), err
}

func (a *api) secretsOf(ctx context.Context, live *environment.Live, application string) ([]Secret, error) {
	list, err := a.secretList(ctx, live, application)
	return list.Body.Secrets, err
}

func (a *api) createSecret(ctx context.Context, in *ApplicationPlace) (*answer[NewSecret], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, err
	}
	application, found := view.Snapshot.Applications[in.Application]
	switch {
	case !found:
		return nil, issue.ErrNoApplication
	case application.Authentication == "none":
		return nil, problem(PublicClient, application.Name)
	}
	id, secret, err := a.cfg.Secrets.CreateSecret(ctx, live.ID, application.Name, in.actor())
	return say(NewSecret{1, name(live), application.Name, id, secret}), err
}

// instant is nil for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
