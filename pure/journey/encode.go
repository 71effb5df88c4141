package journey

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrEncoding reports bytes that [State.Encode] did not give.
var ErrEncoding = errors.New("not an encoded journey state")

const (
	encoding   = 3                                 // version
	headLength = 1 + len(Digest{}) + 1 + 1 + 2 + 2 // version, journey, step, mode, factors, proofs
	maxSteps   = 16                                // of any journey
	maxEncoded = headLength + MaxIdentifier + 1    // longer is refused unread
)

// Encode gives the state as bytes to be sealed and kept: one byte of version,
// the journey's digest, the step, the mode, what the customer has and proved, the
// identifier. What happens within a request is not kept, so a state that is
// reserving or checking is kept as asking, and one with a recovery code or a passkey
// as one with what is asked for at first. A state that ended has nothing to keep: nil.
func (s State) Encode() []byte {
	if s.Ended() {
		return nil
	}
	encoded := make([]byte, 0, headLength+len(s.identifier))
	encoded = append(encoded, encoding)
	encoded = append(encoded, s.journey[:]...)
	if s.mode.passing() {
		s.mode = s.have.usual()
	}
	encoded = append(encoded, byte(s.step), byte(s.mode))
	encoded = binary.BigEndian.AppendUint16(encoded, uint16(s.have))
	encoded = binary.BigEndian.AppendUint16(encoded, uint16(s.proofs))
	return append(encoded, s.identifier...)
}

// passing tells which modes do not outlast a request.
func (m mode) passing() bool { return m == withRecovery || m == withPasskey }

// Decode reads what Encode gave; each state has one encoding. [ErrEncoding].
func Decode(encoded []byte) (State, error) {
	if len(encoded) < headLength || len(encoded) >= maxEncoded || encoded[0] != encoding {
		return State{}, ErrEncoding
	}
	head := encoded[1+len(Digest{}):]
	s := State{
		step: int(head[0]), mode: mode(head[1]), identifier: string(encoded[headLength:]),
		have: factors(binary.BigEndian.Uint16(head[2:])), proofs: proofs(binary.BigEndian.Uint16(head[4:])),
	}
	copy(s.journey[:], encoded[1:])
	if s.mode > lastMode || s.mode.passing() || s.have&^allFactors != 0 || s.proofs&^allProofs != 0 {
		return State{}, ErrEncoding
	}
	tidy := utf8.ValidString(s.identifier) && strings.TrimSpace(s.identifier) == s.identifier
	nameless := s.identifier == "" && s.step > 0 && !s.proofs.has(provedOwner) // a passkey says whose it is
	if !tidy || s.step >= maxSteps || nameless || s.step == 0 && (s.mode != 0 || s.have != 0 || s.proofs != 0) {
		return State{}, ErrEncoding
	}
	return s, nil
}
