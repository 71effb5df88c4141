package directory

import (
	"context"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

type tagDetail struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// Tag puts words on a customer and takes words off. They decide nothing: operators find
// people by them. A *[FieldError]; store.ErrNotFound; store.ErrInvalid above
// [customer.MaxTags].
func (d *Directory) Tag(ctx context.Context, env store.EnvironmentID, id customer.ID, add, remove []string, by audit.Actor) ([]string, error) {
	var detail tagDetail
	for _, list := range []struct {
		from []string
		to   *[]string
	}{{add, &detail.Added}, {remove, &detail.Removed}} {
		for _, raw := range list.from {
			tag, err := customer.Tag(raw)
			if err != nil {
				return nil, field("tags", err)
			}
			*list.to = append(*list.to, tag)
		}
	}
	if _, err := d.read(ctx, env, id); err != nil {
		return nil, err
	}
	detail.Reason = d.reason
	event := d.cfg.Audit.Event(audit.Entry{Type: audit.CustomerTagged, Actor: by, Customer: id.String(), Detail: detail})
	err := d.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.DeleteTags(ctx, id, detail.Removed); err != nil {
			return err
		}
		if err := tx.PutTags(ctx, id, detail.Added); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return nil, fmt.Errorf("tagging customer %s: %w", id, err)
	}
	return d.Tags(ctx, env, id)
}

// Tags lists those of a customer.
func (d *Directory) Tags(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]string, error) {
	tags, err := d.cfg.Store.TagsOf(ctx, env, id)
	if err != nil {
		return nil, fmt.Errorf("reading the tags of %s: %w", id, err)
	}
	return tags, nil
}

// Tagged lists who wears a tag, by id, and where the next page begins (zero at the end).
func (d *Directory) Tagged(ctx context.Context, env store.EnvironmentID, tag string, after customer.ID, limit int) (all []customer.Customer, next customer.ID, err error) {
	limit = min(max(limit, 1), 200)
	if tag, err = customer.Tag(tag); err != nil {
		return nil, next, field("tag", err)
	}
	if all, err = d.cfg.Store.TaggedCustomers(ctx, env, tag, after, limit); err != nil {
		return nil, next, fmt.Errorf("finding customers by tag: %w", err)
	}
	if len(all) == limit {
		next = all[len(all)-1].ID
	}
	return slices.Clip(all), next, nil
}
