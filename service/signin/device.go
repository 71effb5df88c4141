package signin

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

const (
	deviceLife      = 365 * 24 * time.Hour
	deviceCustomers = 8 // of one family's tablet
	devicePurpose   = "device"
)

// device is what the device cookie seals: which customers signed in on it. It
// proves nothing but that; who holds it gets a bucket of attempts of their own.
type device struct {
	id        [16]byte
	customers []customer.ID // newest first
}

func (d *device) knows(id customer.ID) bool { return slices.Contains(d.customers, id) }

func deviceCookieName(env store.EnvironmentID, secure bool) string {
	return CookieName(env, secure) + "-device"
}

// openDevice reads the cookie's value; whatever is wrong with it, it is a
// device that was never seen.
func (s *Service) openDevice(ctx context.Context, env store.EnvironmentID, value string) (device, error) {
	var d device
	secret, err := s.cfg.Keys.Secret(ctx, env, devicePurpose)
	if err != nil {
		return d, fmt.Errorf("opening a device cookie: %w", err)
	}
	if len(value) > 1024 {
		return d, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return d, nil
	}
	plain, err := secret.Open(devicePurpose, raw)
	if err != nil || len(plain)%16 != 0 || len(plain) < 16 {
		return d, nil
	}
	copy(d.id[:], plain)
	for rest := plain[16:]; len(rest) > 0; rest = rest[16:] {
		d.customers = append(d.customers, customer.ID(rest[:16]))
	}
	return d, nil
}

// sealDevice gives the cookie's value once id has signed in on d.
func (s *Service) sealDevice(ctx context.Context, env store.EnvironmentID, d device, id customer.ID) (string, error) {
	if d.id == ([16]byte{}) {
		if _, err := io.ReadFull(s.cfg.Rand, d.id[:]); err != nil {
			return "", fmt.Errorf("naming a device: %w", err)
		}
	}
	secret, err := s.cfg.Keys.Secret(ctx, env, devicePurpose)
	if err != nil {
		return "", fmt.Errorf("sealing a device cookie: %w", err)
	}
	known := append([]customer.ID{id}, slices.DeleteFunc(slices.Clone(d.customers), func(other customer.ID) bool { return other == id })...)
	plain := d.id[:]
	for _, c := range known[:min(len(known), deviceCustomers)] {
		plain = append(plain, c[:]...)
	}
	return base64.RawURLEncoding.EncodeToString(secret.Seal(devicePurpose, plain)), nil
}
