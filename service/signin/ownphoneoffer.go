package signin

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"

	"sallyport/pure/customer"
	"sallyport/service/code"
	"sallyport/store"
)

// phoneOffer is what Sealed holds.
type phoneOffer struct {
	slot      byte
	number    string
	challenge []byte
}

func (o phoneOffer) addressee(r *run) addressee {
	a := addressee{purpose: code.Factor, channel: code.SMS, subject: r.person.Customer.ID.String(), person: r.person, known: true}
	if o.slot == callSlot {
		a.channel = code.Voice
	}
	a.id = customer.Identifier{Kind: customer.Phone, Value: o.number}
	return a
}

func phoneLabel(id store.SessionID) string { return "phone/" + sessionName(id) }

func (r *run) sealPhone(ctx context.Context, o phoneOffer) (string, error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return "", err
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(r.cfg.Now().Add(offerLife).UnixMicro()))
	plain = append(plain, o.slot)
	plain = append(append(plain, o.number...), 0)
	return base64.RawURLEncoding.EncodeToString(secret.Seal(phoneLabel(r.current.Session.ID), append(plain, o.challenge...))), nil
}

// openPhone reads what sealPhone gave this very session; [ErrOffer].
func (r *run) openPhone(ctx context.Context, text string) (phoneOffer, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(text) == 0 || len(text) > 2*code.MaxSealed+512 {
		return phoneOffer{}, ErrOffer
	}
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return phoneOffer{}, err
	}
	plain, err := secret.Open(phoneLabel(r.current.Session.ID), raw)
	if err != nil || len(plain) < 10 || r.cfg.Now().UnixMicro() >= int64(binary.BigEndian.Uint64(plain)) {
		return phoneOffer{}, ErrOffer
	}
	number, challenge, found := bytes.Cut(plain[9:], []byte{0})
	if !found {
		return phoneOffer{}, ErrOffer
	}
	return phoneOffer{plain[8], string(number), challenge}, nil
}

// ownFlow is where the code of a phone is good that is set up in a session.
func (r *run) ownFlow() string { return "own/" + sessionName(r.current.Session.ID) }
