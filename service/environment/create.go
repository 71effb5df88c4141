package environment

import (
	"context"
	"fmt"
	"regexp"

	"sallyport/service/audit"
	"sallyport/store"
)

// nameForm is that of names in a configuration tree, which must be able to say them.
var nameForm = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)

const (
	maxName      = 63
	systemTenant = "system" // of the built-in environment
)

// NameError tells that a tenant or environment cannot be called so.
type NameError struct{ Name string }

// Error says what a name looks like.
func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be a name: use up to %d lower-case letters, digits and single dashes, beginning with a letter", clip(e.Name), maxName)
}

// clip keeps an error readable whatever was typed.
func clip(s string) string {
	if len(s) > maxName {
		return s[:maxName] + "…"
	}
	return s
}

// Create makes an environment of a tenant, empty and without a revision.
// [NameError], or store.ErrExists.
func (r *Registry) Create(ctx context.Context, tenant, name string, protected bool, author string) (*Live, error) {
	for _, n := range []string{tenant, name} {
		if len(n) > maxName || !nameForm.MatchString(n) {
			return nil, &NameError{n}
		}
	}
	if tenant == systemTenant {
		return nil, fmt.Errorf("tenant %s: %w", tenant, store.ErrExists)
	}
	now := r.cfg.Now()
	e := store.Environment{Tenant: tenant, Name: name, Protected: protected, Created: now}
	err := r.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		var err error
		if e.ID, err = tx.CreateEnvironment(ctx, e); err != nil {
			return err
		}
		entry := store.FeedEntry{Kind: store.EnvironmentCreated, Subject: tenant + "/" + name, At: now, Until: now.Add(feedKept)}
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
		return tx.Audit(ctx, r.cfg.Audit.Event(audit.Entry{
			Type: audit.EnvironmentCreated, Actor: audit.Operator(author),
			Detail: map[string]any{
				"tenant": tenant, "environment": name, "protected": protected,
				"before": nil, "after": map[string]any{"protected": protected},
			},
		}))
	})
	if err != nil {
		return nil, fmt.Errorf("creating environment %s/%s: %w", tenant, name, err)
	}
	r.Wake()
	return r.enlist(e), nil
}
