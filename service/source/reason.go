package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"sallyport/service/egress"
)

// Reason says in a stable word why an answer is what it is. Nothing that a
// system sent is ever part of it.
type Reason string

// Why a system is unavailable: what is in between.
const (
	Timeout     Reason = "timeout"            // no whole answer in time
	Unreachable Reason = "unreachable"        // the connection broke, or there is no way
	Refused     Reason = "refused-connection" // nobody listens there
	NoName      Reason = "unknown-host"       // its name has no address
	BadTLS      Reason = "bad-tls"            // its certificate is not believed
	Guarded     Reason = "address-refused"    // the address is private and not listed in network:
	PrivateHost Reason = "private-host"       // it is listed, and the installation does not allow it
	Redirected  Reason = "redirect"           // it sends us elsewhere, where we do not go
	Canceled    Reason = "canceled"           // whoever asked is gone
)

// Why a system is unavailable: what it says.
const (
	RateLimited   Reason = "rate-limited"         // it, or our own pace, lets no more questions through now
	Broken        Reason = "broken"               // it says that it is out of order
	Malformed     Reason = "malformed-answer"     // it cannot be read
	TooLarge      Reason = "too-large"            // longer than 1 MiB
	BadClient     Reason = "misconfigured-client" // it does not take us, or does not let us ask
	OtherPerson   Reason = "other-person"         // the answer is about somebody else than was asked about
	Unexpected    Reason = "unexpected-answer"    // of a sort that its kind does not give
	Suspended     Reason = "suspended"            // it failed too often, and is left alone for some seconds
	NotConfigured Reason = "not-configured"       // something that it needs is missing here
)

// Of people: why a system does not say yes. Those that say nothing about
// whether the password is right come with Unavailable, the others with NoMatch.
const (
	WrongPassword Reason = "wrong-password" // or nobody has the identifier, where it does not tell which
	UnknownThere  Reason = "unknown-there"  // nobody has the identifier
	LockedThere   Reason = "locked-there"   // closed by too many tries, or for a time
	DisabledThere Reason = "disabled-there" // closed by somebody
	MustReset     Reason = "must-reset"     // the password counts no longer
	Unconfirmed   Reason = "unconfirmed"    // registered and never proved an address
)

// Fault is why a system cannot be asked now. It repeats nothing that was sent.
type Fault struct {
	Reason Reason
	What   string        // for operators, in our words; may be empty
	After  time.Duration // for how long the system asked to be left alone; zero: it did not say
}

// Error gives both in a line.
func (f *Fault) Error() string {
	if f.What == "" {
		return string(f.Reason)
	}
	return fmt.Sprintf("%s: %s", f.Reason, f.What)
}

// FaultOf tells why a connection failed. The words of err may hold what the
// other side sent, so they are not kept. ctx is that of the caller, without the
// time limit of the question.
func FaultOf(ctx context.Context, err error) *Fault {
	var known *Fault
	var slow net.Error
	var name *net.DNSError
	switch {
	case errors.As(err, &known):
		return known
	case egress.ByInstallation(err):
		return &Fault{Reason: PrivateHost, What: "the address is private: whoever runs the server allows it by serve --allow-private-hosts"}
	case errors.Is(err, egress.ErrRefused):
		return &Fault{Reason: Guarded, What: "the address is private, and is not listed in network:"}
	case errors.Is(err, egress.ErrRedirect):
		return &Fault{Reason: Redirected, What: "redirects are not followed"}
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Fault{Reason: Canceled, What: "who asked is gone"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return &Fault{Reason: Timeout, What: "no whole answer in time"}
	case isTLS(err):
		return &Fault{Reason: BadTLS, What: "its certificate is not believed"}
	case errors.As(err, &name):
		return &Fault{Reason: NoName, What: "its name has no address"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Fault{Reason: Refused, What: "nobody listens there"}
	}
	return &Fault{Reason: Unreachable, What: "no connection, or it broke"}
}

func isTLS(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &record) || errors.As(err, &alert)
}

// Unable is the answer that a fault makes.
func Unable(f *Fault) Answer { return Answer{Verdict: Unavailable, Reason: f.Reason, After: f.After} }
