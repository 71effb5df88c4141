package directory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Errors of what somebody wants to write. A [FieldError] says of which field.
var (
	// ErrUnregistered: no attribute or group is registered by that name, or not for
	// whom it is written.
	ErrUnregistered = errors.New("not registered")
	// ErrNotYours: it is registered, and the business writes it.
	ErrNotYours = errors.New("not for customers to change")
	// ErrValue: not a value of the attribute's type.
	ErrValue = errors.New("not a value of its type")
	// ErrNoConfiguration: the environment has no revision that says what is registered.
	ErrNoConfiguration = errors.New("the environment has no configuration")
)

// FieldError tells which field cannot be written and why; it never repeats the value.
type FieldError struct {
	Field string
	Err   error
}

// Error implements error.
func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// field says of an error which field it is about.
func field(name string, err error) error {
	if err == nil {
		return nil
	}
	return &FieldError{name, err}
}

// Patch is what operators change of a customer; what is nil stays.
type Patch struct {
	Name       *string
	Groups     *[]string          // all of them
	Attributes map[string]*string // by name; nil removes the value
}

// OwnPatch is what customers change of themselves.
type OwnPatch struct {
	Name       *string
	Attributes map[string]*string // registered as self_service; nil removes the value
}

// fieldsDetail names what changed; the values lie beside the chain.
type fieldsDetail struct {
	Fields []string `json:"fields"`
	Groups *groups  `json:"groups,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

type groups struct {
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// values are what fields were and are.
type values struct {
	Before map[string]string `json:"before,omitempty"`
	After  map[string]string `json:"after,omitempty"`
}

// Change writes registered fields of a customer. A *[FieldError] if one is not or has no
// such value; store.ErrNotFound; store.ErrConflict if the customer is at another version
// than expected. Nothing that already is so is written again.
func (d *Directory) Change(ctx context.Context, live *environment.Live, id customer.ID, p Patch, by audit.Actor) (customer.Customer, error) {
	return d.change(ctx, live, id, p, changing{by: by})
}

// ChangeOwn does the same for customers themselves, who write what they may.
func (d *Directory) ChangeOwn(ctx context.Context, live *environment.Live, id customer.ID, p OwnPatch) (customer.Customer, error) {
	return d.change(ctx, live, id, Patch{Name: p.Name, Attributes: p.Attributes}, changing{by: audit.Customer(id.String()), own: true})
}

// changing says who writes.
type changing struct {
	by  audit.Actor
	own bool
}

func (d *Directory) change(ctx context.Context, live *environment.Live, id customer.ID, p Patch, who changing) (customer.Customer, error) {
	s := live.Snapshot()
	if s == nil || s.Tenant == nil {
		return customer.Customer{}, ErrNoConfiguration
	}
	was, err := d.read(ctx, live.ID, id)
	if err != nil {
		return was, err
	}
	is := was
	if err := errors.Join(setName(&is.Name, p.Name), setGroups(s, &is, p.Groups), setAttributes(s, config.OfCustomer, &is.Attributes, p.Attributes, who.own)); err != nil {
		return was, err
	}
	detail, personal := compared(was, is)
	if detail.Fields == nil {
		return was, nil
	}
	detail.Reason = d.reason
	is.Updated = d.cfg.Now()
	arrived, err := d.awaited(ctx, live, was, is)
	if err != nil {
		return was, err
	}
	event := d.cfg.Audit.Event(audit.Entry{Type: audit.ProfileChanged, Actor: who.by, Customer: id.String(), At: is.Updated, Detail: detail, Personal: personal})
	err = d.write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.UpdateCustomer(ctx, is); err != nil {
			return err
		}
		if err := arrived(ctx, tx); err != nil {
			return err
		}
		if err := d.tellHooks(ctx, tx, live, id, config.ProfileChanged); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return was, fmt.Errorf("changing customer %s: %w", id, err)
	}
	is.Version++
	return is, nil
}

func setName(to, from *string) error {
	if from == nil {
		return nil
	}
	name, err := customer.Text(*from, customer.MaxName)
	if err == nil {
		*to = name
	}
	return field("name", err)
}

func setGroups(s *config.Snapshot, c *customer.Customer, wanted *[]string) error {
	if wanted == nil {
		return nil
	}
	all := slices.Compact(slices.Sorted(slices.Values(*wanted)))
	for _, name := range all {
		if !slices.ContainsFunc(s.Tenant.Groups, func(g config.GroupSpec) bool { return g.Name == name }) {
			return field("groups", ErrUnregistered)
		}
	}
	c.Groups = all
	return nil
}

// setAttributes writes what is registered, each a value of its type.
func setAttributes(s *config.Snapshot, of string, to *map[string]string, from map[string]*string, own bool) error {
	if len(from) == 0 {
		return nil
	}
	all := maps.Clone(*to)
	if all == nil {
		all = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		value, err := attribute(s.Attribute(of, name), from[name], own)
		if err != nil {
			return field(attributeField(name), err)
		}
		if value == "" {
			delete(all, name)
		} else {
			all[name] = value
		}
	}
	*to = all
	return nil
}

// attributeField names the field of an attribute, unless somebody made the name up.
func attributeField(name string) string {
	if len(name) > 63 {
		name = "?"
	}
	return "attributes." + name
}

// attribute gives what is stored for a value; empty for none.
func attribute(spec *config.AttributeSpec, value *string, own bool) (string, error) {
	switch {
	case spec == nil:
		return "", ErrUnregistered
	case own && !spec.SelfService:
		return "", ErrNotYours
	case value == nil:
		return "", nil
	}
	text, err := customer.Text(*value, customer.MaxValue)
	if err != nil || text == "" {
		return "", err
	}
	kind := access.Text
	if err := kind.UnmarshalText([]byte(spec.Type)); err != nil || !kind.Valid(text) {
		return "", ErrValue
	}
	return text, nil
}

// compared tells what changed: names of fields for the chain, values beside it.
func compared(was, is customer.Customer) (fieldsDetail, values) {
	var d fieldsDetail
	v := values{map[string]string{}, map[string]string{}}
	note := func(name, before, after string) {
		if before != after {
			d.Fields = append(d.Fields, name)
			v.Before[name], v.After[name] = before, after
		}
	}
	note("name", was.Name, is.Name)
	if !slices.Equal(was.Groups, is.Groups) {
		d.Fields, d.Groups = append(d.Fields, "groups"), &groups{listed(was.Groups), listed(is.Groups)}
	}
	comparedAttributes(was.Attributes, is.Attributes, note)
	return d, v
}

func comparedAttributes(was, is map[string]string, note func(name, before, after string)) {
	all := maps.Clone(was)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, is)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		note("attributes."+name, was[name], is[name])
	}
}

// listed is never nil, so that JSON has [] and not null.
func listed(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// newID gives a UUID of version 7 (RFC 9562 §5.7).
func newID(random io.Reader, now time.Time) (id [16]byte, err error) {
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return id, fmt.Errorf("making an id: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli())<<16)
	copy(id[:6], ms[:6])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id, nil
}
