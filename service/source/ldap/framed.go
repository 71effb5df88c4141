package ldap

import (
	"errors"
	"io"
	"net"
	"sync"

	"sallyport/service/source"
)

// Bounds of what a server sends.
const (
	maxMessage  = 2 << 20 // bytes of one message: one entry
	maxQuestion = 1 << 20 // bytes in answer to a question about one person
	maxPage     = 16 << 20
	maxDepth    = 24
)

// framed hands on whole messages that are within bounds, and nothing else. The
// decoder behind it goes as deep as a message does, on the stack of its goroutine.
type framed struct {
	net.Conn
	pending []byte // of a message that was looked at

	mu    sync.Mutex
	left  int // bytes that may still come
	fault *source.Fault
}

// allow says how much may come from now on.
func (f *framed) allow(bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = bytes
}

// broken tells why nothing more was handed on; nil if it was not for a bound.
func (f *framed) broken() *source.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault
}

var errBounds = errors.New("the message is out of bounds")

func (f *framed) refuse(why source.Reason, what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = &source.Fault{Reason: why, What: what}
	return errBounds
}

func (f *framed) take(n int) error {
	f.mu.Lock()
	f.left -= n
	over := f.left < 0
	f.mu.Unlock()
	if over {
		return f.refuse(source.TooLarge, "the answer is longer than is read")
	}
	return nil
}

// Read implements io.Reader.
func (f *framed) Read(p []byte) (int, error) {
	if len(f.pending) == 0 {
		message, err := f.message()
		if err != nil {
			return 0, err
		}
		f.pending = message
	}
	n := copy(p, f.pending)
	f.pending = f.pending[n:]
	return n, nil
}

// message reads one: a definite length, as RFC 4511 §5.1 demands.
func (f *framed) message() ([]byte, error) {
	head := make([]byte, 2, 6)
	if _, err := io.ReadFull(f.Conn, head); err != nil {
		return nil, err
	}
	length := int(head[1])
	if length >= 0x80 {
		more := length & 0x7f
		if more == 0 || more > 4 {
			return nil, f.refuse(source.Malformed, "a message of no definite length")
		}
		head = head[:2+more]
		if _, err := io.ReadFull(f.Conn, head[2:]); err != nil {
			return nil, err
		}
		length = 0
		for _, b := range head[2:] {
			length = length<<8 | int(b)
		}
	}
	if length > maxMessage {
		return nil, f.refuse(source.TooLarge, "a message is longer than is read")
	}
	if err := f.take(len(head) + length); err != nil {
		return nil, err
	}
	whole := make([]byte, len(head)+length)
	copy(whole, head)
	if _, err := io.ReadFull(f.Conn, whole[len(head):]); err != nil {
		return nil, err
	}
	if !shallow(whole) {
		return nil, f.refuse(source.Malformed, "a message cannot be read")
	}
	return whole, nil
}

// shallow tells whether all lengths of a message are definite and fit into each
// other, no deeper than maxDepth. It keeps where each level ends, and does not recurse.
func shallow(message []byte) bool {
	ends := make([]int, 0, maxDepth)
	for at := 0; ; {
		for len(ends) > 0 && at == ends[len(ends)-1] {
			ends = ends[:len(ends)-1]
		}
		if len(ends) == 0 && at > 0 {
			return at == len(message)
		}
		end := len(message)
		if len(ends) > 0 {
			end = ends[len(ends)-1]
		}
		constructed, from, to, ok := header(message, at, end)
		if !ok {
			return false
		}
		if at = to; constructed {
			if at = from; len(ends) == maxDepth {
				return false
			}
			ends = append(ends, to)
		}
	}
}

// header reads tag and length at a place, and gives where the content is.
func header(message []byte, at, end int) (constructed bool, from, to int, ok bool) {
	if end-at < 2 || message[at]&0x1f == 0x1f { // LDAP has no tags of several bytes
		return false, 0, 0, false
	}
	constructed = message[at]&0x20 != 0
	length, from := int(message[at+1]), at+2
	if length >= 0x80 {
		more := length & 0x7f
		if more == 0 || more > 4 || end-from < more {
			return false, 0, 0, false
		}
		length = 0
		for _, b := range message[from : from+more] {
			length = length<<8 | int(b)
		}
		from += more
	}
	return constructed, from, from + length, length <= end-from
}
