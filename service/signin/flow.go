package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/store"
)

// maxFlows is how many tabs a browser may have half-way through sign-in. The
// oldest are forgotten, so that cookies never outgrow what servers accept.
const maxFlows = 6

func flowPrefix(env store.EnvironmentID, secure bool) string {
	return CookieName(env, secure) + "-flow-"
}

func (r *run) flowName() string {
	return flowPrefix(r.live.ID, r.secure) + hex.EncodeToString(r.ticket.Flow)
}

// openState reads the state of this ticket's journey from its cookie. One that
// is missing, foreign or broken is a journey that has not begun.
func (r *run) openState(ctx context.Context) error {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return fmt.Errorf("opening a journey: %w", err)
	}
	value := r.visit.Cookies[r.flowName()]
	if len(value) > 1024 {
		return nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return nil
	}
	plain, err := secret.Open(r.flowLabel(), raw)
	if err != nil {
		return nil
	}
	if len(plain) == 1+len(store.JourneyID{}) && plain[0] == rowMark {
		return r.openRow(ctx, store.JourneyID(plain[1:]))
	}
	plain, challenge := withoutChallenge(plain)
	if state, err := journey.Decode(plain); err == nil && !state.Proven() {
		r.state, r.challenge = state, challenge
	}
	return nil
}

// challengeMark begins a cookie that holds the challenge of a code that was sent,
// behind the length of the state in two bytes and the state.
const challengeMark = 0xfe

func withChallenge(state, challenge []byte) []byte {
	if challenge == nil {
		return state
	}
	plain := binary.BigEndian.AppendUint16([]byte{challengeMark}, uint16(len(state)))
	return append(append(plain, state...), challenge...)
}

func withoutChallenge(plain []byte) (state, challenge []byte) {
	if len(plain) < 3 || plain[0] != challengeMark {
		return plain, nil
	}
	n := int(binary.BigEndian.Uint16(plain[1:]))
	if n >= len(plain)-3 || len(plain)-3-n > code.MaxSealed {
		return nil, nil
	}
	return plain[3 : 3+n], plain[3+n:]
}

// flowLabel binds a sealed state to its ticket.
func (r *run) flowLabel() string { return "flow/" + hex.EncodeToString(r.ticket.Flow) }

// keepState asks the browser to keep the state, or to forget it once there is
// nothing to come back to.
func (r *run) keepState(ctx context.Context, before journey.State) error {
	if r.state.Proven() {
		return r.saveRow(ctx)
	}
	if len(r.writes) > 0 && !r.state.SignedIn() {
		return errors.New("a task was done for somebody who is not there any more")
	}
	name := r.flowName()
	encoded := r.state.Encode()
	if r.row.Version > 0 && !r.state.SignedIn() {
		if err := r.dropRow(ctx); err != nil {
			return err
		}
		before = journey.State{}
	}
	if encoded == nil {
		if r.visit.Cookies[name] != "" {
			r.keep(Cookie{Name: name})
		}
		return nil
	}
	if r.state == before && !r.sent || r.state.Identifier() == "" || before == (journey.State{}) && r.began {
		return nil // opening the first page leaves nothing worth a cookie
	}
	return r.keepCookie(ctx, withChallenge(encoded, r.challenge))
}

// keepCookie seals what the browser is to bring back.
func (r *run) keepCookie(ctx context.Context, plain []byte) error {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, sealPurpose)
	if err != nil {
		return fmt.Errorf("keeping a journey: %w", err)
	}
	name := r.flowName()
	sealed := secret.Seal(r.flowLabel(), plain)
	r.keep(Cookie{Name: name, Value: base64.RawURLEncoding.EncodeToString(sealed), Life: ticketLife})
	r.forgetOldFlows(name)
	return nil
}

// forgetOldFlows makes room for name. Names begin with the time.
func (r *run) forgetOldFlows(name string) {
	var others []string
	for other := range r.visit.Cookies {
		if other != name && strings.HasPrefix(other, flowPrefix(r.live.ID, r.secure)) {
			others = append(others, other)
		}
	}
	slices.Sort(others)
	for _, old := range others[:max(0, len(others)-maxFlows+1)] {
		r.keep(Cookie{Name: old})
	}
}

func (r *run) keep(c Cookie) { r.answer.Cookies = append(r.answer.Cookies, c) }
