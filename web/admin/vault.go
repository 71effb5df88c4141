package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/vault"
)

// VaultSecret is a secret of the vault, without what it holds.
type VaultSecret struct {
	Name    string    `json:"name"`
	Number  int64     `json:"secret_version" doc:"1, and one more each time it is replaced"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// Vault lists the secrets of an environment.
type Vault struct {
	Version int           `json:"version"`
	Place   string        `json:"environment"`
	Secrets []VaultSecret `json:"secrets"`
}

// OneVaultSecret is a secret by itself.
type OneVaultSecret struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	VaultSecret
}

// VaultValue is what a secret holds from now on.
type VaultValue struct {
	Value []byte `json:"value" minLength:"1" maxLength:"87384" doc:"At most 64 KiB, in base64"`
}

// NewVaultSecret is a secret that is not there yet.
type NewVaultSecret struct {
	Name string `json:"name" minLength:"1" maxLength:"63" doc:"Lower-case letters, digits and single dashes"`
	VaultValue
}

// VaultPlace is the secret that something is done to.
type VaultPlace struct {
	Place
	Caller
	Match
	Name string `path:"name" maxLength:"63"`
}

func (a *api) vaultRoutes() {
	route(a, right{operator.ReadVault, there}, huma.Operation{
		OperationID: "list-vault", Method: http.MethodGet, Path: here("/vault"),
		Summary: "List the secrets of the vault, by name and without what they hold",
	}, func(ctx context.Context, in *struct{ Place }) (*answer[Vault], error) { return a.vault(ctx, in.Place) })
	route(a, right{operator.ManageVault, there}, huma.Operation{
		OperationID: "create-vault-secret", Method: http.MethodPost, Path: here("/vault"),
		Summary: "Put a new secret into the vault; nobody reads it again", DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Body NewVaultSecret
	},
	) (*versioned[OneVaultSecret], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		made, err := a.cfg.Vault.Put(ctx, live.ID, vault.Change{Name: in.Body.Name, Seen: vault.Absent, By: in.actor()}, in.Body.Value)
		return vaultSecret(live, made), err
	})
	route(a, right{operator.ReadVault, there}, huma.Operation{
		OperationID: "show-vault-secret", Method: http.MethodGet, Path: here("/vault/{name}"),
		Summary: "Read what is known of a secret of the vault, which is not what it holds",
	}, func(ctx context.Context, in *struct {
		Place
		Name string `path:"name" maxLength:"63"`
	},
	) (*versioned[OneVaultSecret], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		found, err := a.cfg.Vault.Find(ctx, live.ID, in.Name)
		return vaultSecret(live, found), err
	})
	a.vaultChanges()
}

func (a *api) vaultChanges() {
	route(a, right{operator.ManageVault, there}, huma.Operation{
		OperationID: "replace-vault-secret", Method: http.MethodPut, Path: here("/vault/{name}"),
		Summary: "Replace a secret of the vault; the new one counts from its next use on",
	}, func(ctx context.Context, in *struct {
		VaultPlace
		Body VaultValue
	},
	) (*versioned[OneVaultSecret], error) {
		live, change, err := a.vaultChange(ctx, in.VaultPlace)
		if err != nil {
			return nil, err
		}
		made, err := a.cfg.Vault.Put(ctx, live.ID, change, in.Body.Value)
		return vaultSecret(live, made), a.outdated(in.Match, err)
	})
	route(a, right{operator.ManageVault, there}, huma.Operation{
		OperationID: "delete-vault-secret", Method: http.MethodDelete, Path: here("/vault/{name}"),
		Summary: "Delete a secret of the vault; what needs it fails from its next use on",
	}, func(ctx context.Context, in *VaultPlace) (*answer[Vault], error) {
		live, change, err := a.vaultChange(ctx, *in)
		if err != nil {
			return nil, err
		}
		if err := a.cfg.Vault.Delete(ctx, live.ID, change); err != nil {
			return nil, a.outdated(in.Match, err)
		}
		return a.vault(ctx, in.Place)
	})
}

// vaultChange is the change of a secret that is there. What is gone is not made anew.
func (a *api) vaultChange(ctx context.Context, in VaultPlace) (*environment.Live, vault.Change, error) {
	seen, err := in.version()
	if err != nil {
		return nil, vault.Change{}, err
	}
	live, err := a.at(in.Place)
	if err == nil && seen == "" {
		var found vault.Secret
		found, err = a.cfg.Vault.Find(ctx, live.ID, in.Name)
		seen = found.Tag()
	}
	return live, vault.Change{Name: in.Name, Seen: seen, By: in.actor()}, err
}

func (a *api) vault(ctx context.Context, p Place) (*answer[Vault], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	found, err := a.cfg.Vault.List(ctx, live.ID)
	all := Vault{Version: 1, Place: name(live), Secrets: []VaultSecret{}}
	for _, s := range found {
		all.Secrets = append(all.Secrets, vaultSecretOf(s))
	}
	return say(all), err
}

func vaultSecret(live *environment.Live, s vault.Secret) *versioned[OneVaultSecret] {
	return sayAt(s.Tag(), OneVaultSecret{1, name(live), vaultSecretOf(s)})
}

func vaultSecretOf(s vault.Secret) VaultSecret {
	return VaultSecret{s.Name, s.Version, s.Created.UTC(), s.Updated.UTC()}
}
