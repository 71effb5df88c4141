package directory

import (
	"context"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

// Consents lists what a customer allowed applications to have, by application and server.
func (d *Directory) Consents(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Consent, error) {
	all, err := d.cfg.Store.Consents(ctx, env, id)
	if err != nil {
		return nil, fmt.Errorf("reading what %s allowed: %w", id, err)
	}
	return all, nil
}
