package journey

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrEncoding reports bytes that [State.Encode] did not give.
var ErrEncoding = errors.New("not an encoded journey state")

const (
	encoding    = 2                              // version
	headLength  = 1 + len(Digest{}) + 1 + 1      // version, journey, step, mode
	keptFlag    = 0x80                           // beside the mode
	keyedFlag   = 0x40                           // likewise
	applessFlag = 0x20                           // likewise; never without keyedFlag
	maxSteps    = 16                             // of any journey to come
	maxEncoded  = headLength + MaxIdentifier + 1 // longer is refused unread
)

// Encode gives the state as bytes to be sealed and kept: one byte of version,
// the journey's digest, the step, the mode, the identifier. What happens within
// a request is not kept, so a state that is reserving or checking is kept as
// asking, and one with a recovery code or a passkey as one with an app. A state that ended
// has nothing to keep: nil.
func (s State) Encode() []byte {
	if s.Ended() {
		return nil
	}
	encoded := make([]byte, 0, headLength+len(s.identifier))
	encoded = append(encoded, encoding)
	encoded = append(encoded, s.journey[:]...)
	how := byte(s.mode)
	if s.mode == withRecovery || s.mode == withPasskey {
		how = byte(withApp)
	}
	for flag, set := range map[byte]bool{keptFlag: s.kept, keyedFlag: s.keyed, applessFlag: s.appless} {
		if set {
			how |= flag
		}
	}
	encoded = append(encoded, byte(s.step), how)
	return append(encoded, s.identifier...)
}

// Decode reads what Encode gave; each state has one encoding. [ErrEncoding].
func Decode(encoded []byte) (State, error) {
	if len(encoded) < headLength || len(encoded) >= maxEncoded || encoded[0] != encoding {
		return State{}, ErrEncoding
	}
	s := State{step: int(encoded[headLength-2]), identifier: string(encoded[headLength:])}
	how := encoded[headLength-1]
	s.kept, s.keyed, s.appless = how&keptFlag != 0, how&keyedFlag != 0, how&applessFlag != 0
	s.mode = mode(how &^ (keptFlag | keyedFlag | applessFlag))
	if s.mode > keeping || s.mode == withRecovery || how != 0 && s.step < firstFactors || s.appless && (!s.keyed || s.mode != withApp) {
		return State{}, ErrEncoding
	}
	copy(s.journey[:], encoded[1:])
	tidy := utf8.ValidString(s.identifier) && strings.TrimSpace(s.identifier) == s.identifier
	if !tidy || s.step >= maxSteps || s.step > 0 && s.identifier == "" {
		return State{}, ErrEncoding
	}
	return s, nil
}
