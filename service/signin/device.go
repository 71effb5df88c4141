package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
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

// device is what the device cookie seals: which customers signed in on it, and when. It
// proves nothing but that; who holds it gets a bucket of attempts of their own.
type device struct {
	id        [16]byte
	customers []signedInOn // newest first
}

type signedInOn struct {
	customer customer.ID
	at       time.Time // zero: unknown, in cookies of earlier releases
}

// knows tells whether a customer signed in on the device, and nothing has ended what was
// before since: a device that an intruder signed in on is none of theirs once they have a
// new password or were signed out everywhere.
func (d *device) knows(c customer.Customer) bool {
	return slices.ContainsFunc(d.customers, func(s signedInOn) bool { return s.customer == c.ID && c.Honours(s.at) })
}

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
	if plain, err := secret.Open(devicePurpose, raw); err == nil && len(plain)%16 == 0 && len(plain) >= 16 {
		return earlierDevice(plain), nil
	}
	plain, err := secret.Open(deviceLabel, raw)
	if err != nil || len(plain)%deviceEntry != 16 {
		return d, nil
	}
	copy(d.id[:], plain)
	for rest := plain[16:]; len(rest) > 0; rest = rest[deviceEntry:] {
		at := time.UnixMicro(int64(binary.BigEndian.Uint64(rest[16:])))
		d.customers = append(d.customers, signedInOn{customer.ID(rest[:16]), at})
	}
	return d, nil
}

const (
	deviceLabel = "device, with times"
	deviceEntry = 16 + 8 // bytes for each customer
)

// earlierDevice reads a cookie that has no times.
func earlierDevice(plain []byte) (d device) {
	copy(d.id[:], plain)
	for rest := plain[16:]; len(rest) > 0; rest = rest[16:] {
		d.customers = append(d.customers, signedInOn{customer: customer.ID(rest[:16])})
	}
	return d
}

// sealDevice gives the cookie's value once id has signed in on d, by a sign-in that began
// at an instant.
func (s *Service) sealDevice(ctx context.Context, env store.EnvironmentID, d device, now signedInOn) (string, error) {
	if d.id == ([16]byte{}) {
		if _, err := io.ReadFull(s.cfg.Rand, d.id[:]); err != nil {
			return "", fmt.Errorf("naming a device: %w", err)
		}
	}
	secret, err := s.cfg.Keys.Secret(ctx, env, devicePurpose)
	if err != nil {
		return "", fmt.Errorf("sealing a device cookie: %w", err)
	}
	known := append([]signedInOn{now}, slices.DeleteFunc(slices.Clone(d.customers), func(other signedInOn) bool { return other.customer == now.customer })...)
	plain := d.id[:]
	for _, c := range known[:min(len(known), deviceCustomers)] {
		plain = append(plain, c.customer[:]...)
		plain = binary.BigEndian.AppendUint64(plain, uint64(max(0, c.at.UnixMicro())))
	}
	return base64.RawURLEncoding.EncodeToString(secret.Seal(deviceLabel, plain)), nil
}

// keepsDevice gives the cookie of a device that stays known although what was before ends:
// that of whoever ended it, if they signed in on it before. Empty where they did not.
func (r *run) keepsDevice(ctx context.Context, at time.Time) ([]Cookie, error) {
	name := deviceCookieName(r.live.ID, r.secure)
	d, err := r.openDevice(ctx, r.live.ID, r.visit.Cookies[name])
	if err != nil || !d.knows(r.person.Customer) {
		return nil, err
	}
	value, err := r.sealDevice(ctx, r.live.ID, d, signedInOn{r.person.Customer.ID, at})
	return []Cookie{{name, value, deviceLife}}, err
}
