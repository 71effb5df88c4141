package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
	"golang.org/x/net/idna"

	"sallyport/pure/config"
	"sallyport/pure/message"
)

// bySMTP gives a mail to a mail server. A connection carries one: what a server
// thinks of the last one is then no business of the next.
func (s *Service) bySMTP(ctx context.Context, t task, said message.Rendered) outcome {
	password, failed := s.secret(ctx, t)
	if failed != nil {
		return *failed
	}
	m, err := t.mail(said, s.cfg.Now())
	if err != nil {
		return outcome{refused, BadAddress, 0}
	}
	// go-mail leaves a connection open that did not come to signing in, and looks at no
	// context once there is one: whatever happens, it is closed here.
	var open closing
	defer open.close()
	defer context.AfterFunc(ctx, open.close)()
	client, err := s.mailClient(t, string(password), &open)
	if err != nil {
		return outcome{later, Unreachable, 0}
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return connectFailed(err)
	}
	if known, _ := connection.Extension("SMTPUTF8"); !known && !plain(m) {
		return outcome{refused, BadAddress, 0} // it would be no address to this server (RFC 6531 §3.3)
	}
	err = client.SendWithSMTPClient(connection, m)
	return mailed(m, err) // without QUIT: its answer would change nothing
}

// closing closes a connection once, also one that comes later.
type closing struct {
	mu         sync.Mutex
	connection net.Conn
	closed     bool
}

func (c *closing) put(connection net.Conn) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.Join(net.ErrClosed, connection.Close())
	}
	c.connection = connection
	return nil
}

func (c *closing) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed = true; c.connection != nil {
		_ = c.connection.Close()
	}
}

// mailClient speaks to the sender's server over TLS, or not at all.
func (s *Service) mailClient(t task, password string, open *closing) (*mail.Client, error) {
	sender := t.sender
	port, err := strconv.Atoi(portOf(sender.Address))
	if err != nil {
		return nil, err
	}
	dialer := s.dialer(sender)
	security := &tls.Config{RootCAs: s.roots(sender), MinVersion: tls.VersionTLS12, ServerName: sender.Address.Hostname()}
	inside := sender.Address.Scheme == "smtps"
	options := []mail.Option{
		mail.WithPort(port), mail.WithTimeout(sender.Timeout.Std()), mail.WithHELO(greeting(t)), mail.WithTLSConfig(security), mail.WithoutNoop(), mail.WithoutRset(),
		mail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			connection, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			if err := open.put(connection); err != nil {
				return nil, err
			}
			if inside {
				return tls.Client(connection, security), nil
			}
			return connection, nil
		}),
	}
	switch {
	case inside:
		options = append(options, mail.WithSSL())
	case sender.TLS == config.TLSNone: // on this machine
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if sender.Username != "" {
		options = append(options, mail.WithUsername(sender.Username), mail.WithPassword(strings.TrimRight(password, "\r\n")),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return mail.NewClient(sender.Address.Hostname(), options...)
}

// greeting is how we name ourselves to mail servers: as the pages' host.
func greeting(t task) string {
	if host := t.snapshot.URL.Hostname(); strings.Contains(host, ".") {
		return host
	}
	return "localhost"
}

// plain tells whether the addresses of a mail need no more than ASCII.
func plain(m *mail.Msg) bool {
	sender, err := m.GetSender(false)
	recipients, wrong := m.GetRecipients()
	if err != nil || wrong != nil {
		return true // which is somebody else's fault to find
	}
	return !strings.ContainsFunc(sender+strings.Join(recipients, ""), func(r rune) bool { return r > unicode.MaxASCII })
}

// inLetters is an address with its host as every mail server knows it: in A-labels
// (RFC 5890). What stands before the host stays as it was typed.
func inLetters(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", errors.New("an address without a host")
	}
	host, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return "", errors.New("an address whose host is none")
	}
	return address[:at+1] + host, nil
}

// mail is the mail itself. Its id stays the same however often it is tried.
func (t task) mail(said message.Rendered, now time.Time) (*mail.Msg, error) {
	from, err := inLetters(t.sender.From)
	if err != nil {
		return nil, err
	}
	to, err := inLetters(t.content.Address)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from, "@")
	name := t.sender.FromName
	if name == "" {
		name = t.brand().Title
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.FromMailAddress(&netmail.Address{Name: cleanName(name), Address: from})
	m.ToMailAddress(&netmail.Address{Name: t.content.Name, Address: to})
	if err := m.EnvelopeFrom(from); err != nil {
		return nil, err
	}
	if t.sender.ReplyTo != "" {
		if err := m.ReplyTo(t.sender.ReplyTo); err != nil {
			return nil, err
		}
	}
	m.Subject(said.Subject)
	m.SetMessageIDWithValue(t.row.ID + "@" + domain)
	m.SetDateWithValue(now)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: nobody's away notice comes back
	m.SetBodyString(mail.TypeTextPlain, said.Text)
	m.AddAlternativeString(mail.TypeTextHTML, said.HTML)
	_, err = m.GetRecipients()
	return m, err
}

// connectFailed tells why no mail was handed over. go-mail has words alone for some
// of it.
func connectFailed(err error) outcome {
	switch code := replyCode(err); {
	case code >= 530 && code <= 538:
		return outcome{later, Credentials, 0}
	case code >= 400:
		return outcome{later, Busy, 0}
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered), strings.Contains(err.Error(), "SMTP AUTH"):
		return outcome{later, Credentials, 0}
	case strings.Contains(err.Error(), "STARTTLS"), errors.Is(err, smtp.ErrUnencrypted):
		return outcome{later, Insecure, 0}
	}
	return unconnected(err)
}

// replyCode is what a mail server answered; 0 if it did not.
func replyCode(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// mailed tells what a mail server made of a mail. Its words are nobody's business:
// they repeat addresses.
func mailed(m *mail.Msg, err error) outcome {
	if err == nil || m.IsDelivered() {
		return outcome{taken, Accepted, 0}
	}
	var failed *mail.SendError
	if !errors.As(err, &failed) {
		return outcome{unclear, Unclear, 0}
	}
	code := failed.ErrorCode()
	switch {
	case code >= 500 && failed.Reason == mail.ErrSMTPRcptTo:
		return outcome{refused, BadAddress, 0}
	case code == 530:
		return outcome{later, Credentials, 0}
	case code >= 500:
		return outcome{refused, Refused, 0}
	case code >= 400:
		return outcome{later, Busy, 0}
	case failed.Reason == mail.ErrSMTPDataClose:
		return outcome{unclear, Unclear, 0} // the last line was on its way
	case failed.Reason == mail.ErrGetSender, failed.Reason == mail.ErrGetRcpts, failed.Reason == mail.ErrNoUnencoded:
		return outcome{refused, Refused, 0}
	}
	return outcome{later, Unreachable, 0} // a mail without its last line is none
}
