package migrate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/legacy"
)

// ErrSecret says that a secret which the plan needs was not given.
var ErrSecret = errors.New("a secret is missing")

// Settings lists what the plan's format and its hashes can be told besides the
// file.
func (p *Plan) Settings() []legacy.Option {
	var all []legacy.Option
	if p.system != nil {
		all = slices.Clone(p.system.format.Options)
	}
	for _, o := range []legacy.Option{
		{Name: hashKey, Secret: true, Required: true, About: "the key of the password hashes"},
		{Name: hashPepper, Secret: true, Required: true, About: "what is put behind each password before it is hashed"},
	} {
		if p.secrets[o.Name] != "" {
			all = append(all, o)
		}
	}
	return all
}

// Secrets names, by setting, the secrets that the migration refers to.
func (p *Plan) Secrets() map[string]string { return maps.Clone(p.secrets) }

// Missing lists the settings whose secrets [Plan.With] must still give before a
// file is read. Until then records that need them are held.
func (p *Plan) Missing() (settings []string) {
	for _, setting := range slices.Sorted(maps.Keys(p.secrets)) {
		if len(p.given[setting]) == 0 {
			settings = append(settings, setting)
		}
	}
	return settings
}

// With gives the same plan with secrets, by setting; settings that it does not have
// are passed over. It wraps [ErrSecret] if one is still missing; other errors say
// which settings do not make sense, without repeating a secret. The plan itself
// stays as it is.
func (p *Plan) With(secrets map[string][]byte) (*Plan, error) {
	with := *p
	with.given = map[string][]byte{}
	for setting := range p.secrets {
		with.given[setting] = slices.Clone(secrets[setting])
	}
	if missing := with.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrSecret, strings.Join(missing, ", "))
	}
	with.hash.params.Key, with.hash.params.Pepper = with.given[hashKey], with.given[hashPepper]
	if p.system == nil {
		return &with, nil
	}
	sys := *p.system
	sys.settings.Secrets = with.given
	var err error
	if sys.reader, err = sys.format.New(sys.settings); err != nil {
		return nil, fmt.Errorf("settings of %s: %w", sys.format.Name, err)
	}
	with.system = &sys
	return &with, nil
}
