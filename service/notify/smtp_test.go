package notify_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/message"
	"sallyport/service/notify"
)

// postOffice is a mail server that says what a test wants it to.
type postOffice struct {
	net.Listener
	security *tls.Config
	roots    *x509.CertPool
	replies  map[string]string // by verb, in place of what is usual; "drop" ends the connection; "." is the end of a mail
	plain    bool              // no STARTTLS

	extension string // a line more of what it can do

	mu    sync.Mutex
	mails []string
	said  []string // what clients said in the clear

	recipients []string // the lines that named them
}

func newPostOffice(t *testing.T, host string) *postOffice {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, _ := x509.ParseCertificate(der)
	p := &postOffice{replies: map[string]string{}, roots: x509.NewCertPool(), security: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	p.roots.AddCert(certificate)
	if p.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	go func() {
		for {
			connection, err := p.Accept()
			if err != nil {
				return
			}
			go p.serve(connection)
		}
	}()
	return p
}

func (p *postOffice) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	in, secure := bufio.NewReader(connection), false
	fmt.Fprint(connection, "220 post office\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if verb == "RCPT" {
			p.mu.Lock()
			p.recipients = append(p.recipients, line)
			p.mu.Unlock()
		}
		if !secure {
			p.mu.Lock()
			p.said = append(p.said, line)
			p.mu.Unlock()
		}
		reply := p.replies[verb]
		switch {
		case reply == "drop":
			return
		case reply != "":
		case verb == "EHLO" && secure:
			reply = "250-post office\r\n" + p.extension + "250 AUTH PLAIN LOGIN"
		case verb == "EHLO" && !p.plain:
			reply = "250-post office\r\n250 STARTTLS"
		case verb == "STARTTLS":
			fmt.Fprint(connection, "220 go ahead\r\n")
			connection = tls.Server(connection, p.security)
			in, secure = bufio.NewReader(connection), true
			continue
		case verb == "AUTH":
			reply = "235 welcome"
		case verb == "DATA":
			fmt.Fprint(connection, "354 go on\r\n")
			var mail strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				mail.WriteString(line)
			}
			p.mu.Lock()
			p.mails = append(p.mails, mail.String())
			p.mu.Unlock()
			if reply = p.replies["."]; reply == "drop" {
				return
			}
			if reply == "" {
				reply = "250 taken"
			}
		default:
			reply = "250 ok"
		}
		fmt.Fprint(connection, reply+"\r\n")
	}
}

func (p *postOffice) sender(more string) string {
	_, port, _ := net.SplitHostPort(p.Addr().String())
	return fmt.Sprintf("{kind: sender, name: mail, channel: email, url: \"smtp://localhost:%s\", from: no-reply@acme.example, username: sallyport, secret: signing, timeout: 2s%s}", port, more)
}

// newWorldAt is a world whose mail goes to p.
func newWorldAt(t *testing.T, p *postOffice) *world {
	w := newWorld(t, p.sender(""))
	w.cfg.Roots = p.roots
	w.Service = notify.New(w.cfg)
	return w
}

func (p *postOffice) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.mails)
}

func TestAMailHasBothPartsAndNamesNobodyButTheBrand(t *testing.T) {
	p := newPostOffice(t, "localhost")
	w := newWorldAt(t, p)
	m := w.news(message.Email, "Aroha@acme.example")
	m.To.Name, m.Values["name"] = "Aroha\r\nBcc: eve@acme.example", "Aroha\r\n.\r\nMAIL FROM:<eve@acme.example>"
	w.queue(m)
	w.run(w.settled)
	if w.state() != "sent accepted" || p.count() != 1 {
		t.Fatalf("%s, %d mails\n%s", w.state(), p.count(), w.log.String())
	}
	mail := p.mails[0]
	head, _, _ := strings.Cut(mail, "\r\n\r\n")
	for _, want := range []string{"Subject: Your password was changed", "From: \"Acme Energy\" <no-reply@acme.example>", "Message-ID: <" + w.listed()[0].ID + "@acme.example>", "multipart/alternative", "Auto-Submitted: auto-generated"} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in\n%s", want, head)
		}
	}
	if !strings.Contains(mail, "text/plain") || !strings.Contains(mail, "text/html") || strings.Contains(head, "\nBcc") || strings.Contains(strings.ToLower(mail), "sallyport") || strings.Contains(strings.ToLower(head), "go-mail") {
		t.Errorf("%s", mail)
	}
}

func TestWhatAMailServerSaysDecidesWhatBecomesOfAMail(t *testing.T) {
	for name, test := range map[string]struct {
		verb, reply string
		code, news  string // of a code, and of a notice
	}{
		"it takes no such address":          {"RCPT", "550 no such mailbox Aroha@acme.example", "failed address-refused", "failed address-refused"},
		"the mailbox is full":               {"RCPT", "452 full", "queued busy", "queued busy"},
		"it refuses the mail":               {".", "554 no", "failed refused", "failed refused"},
		"it takes no mail now":              {".", "451 later", "queued busy", "queued busy"},
		"it is gone behind the last line":   {".", "drop", "failed unclear", "queued unclear"},
		"it is gone before there is a mail": {"MAIL", "drop", "queued unreachable", "queued unreachable"},
		"it does not take the password":     {"AUTH", "535 no", "queued credentials", "queued credentials"},
		"it speaks no EHLO, so no TLS":      {"EHLO", "502 what", "queued insecure", "queued insecure"},
	} {
		t.Run(name, func(t *testing.T) {
			codes := newPostOffice(t, "localhost")
			codes.replies[test.verb] = test.reply
			v := newWorldAt(t, codes)
			v.queue(v.code(message.Email, "a@acme.example"))
			v.run(v.settled)
			if v.state() != test.code {
				t.Errorf("a code is %s, want %s", v.state(), test.code)
			}
			p := newPostOffice(t, "localhost")
			p.replies[test.verb] = test.reply
			w := newWorldAt(t, p)
			w.queue(w.news(message.Email, "a@acme.example"))
			w.run(w.settled)
			if w.state() != test.news {
				t.Errorf("a notice is %s, want %s", w.state(), test.news)
			}
			if strings.Contains(w.log.String(), "acme.example") {
				t.Errorf("the log tells the address: %s", w.log.String())
			}
		})
	}
}

func TestWithoutTLSNothingIsSaid(t *testing.T) {
	stripped, other := newPostOffice(t, "localhost"), newPostOffice(t, "mail.elsewhere.example")
	stripped.plain = true
	strangers := newPostOffice(t, "localhost")
	strangers.roots = x509.NewCertPool()
	for name, p := range map[string]*postOffice{"STARTTLS is stripped": stripped, "the certificate is another's": other, "nobody knows who signed it": strangers} {
		w := newWorldAt(t, p)
		w.queue(w.code(message.Email, "aroha@acme.example"))
		w.run(w.settled)
		if w.state() != "queued insecure" || p.count() != 0 {
			t.Errorf("%s: %s, %d mails", name, w.state(), p.count())
		}
		for _, line := range p.said {
			if strings.Contains(line, "AUTH") || strings.Contains(line, "aroha") || strings.Contains(line, "MAIL") {
				t.Errorf("%s: %q was said in the clear", name, line)
			}
		}
	}
}

func TestANoticeWhoseFateNobodyKnowsIsRepeatedUnderItsName(t *testing.T) {
	p := newPostOffice(t, "localhost")
	p.replies["."] = "drop"
	w := newWorldAt(t, p)
	w.queue(w.news(message.Email, "a@acme.example"))
	w.run(w.settled)
	w.pass(5 * time.Second)
	w.run(w.settled)
	id := "Message-ID: <" + w.listed()[0].ID
	if p.count() != 2 || !strings.Contains(p.mails[0], id) || !strings.Contains(p.mails[1], id) {
		t.Errorf("%d mails", p.count())
	}
}

func TestAnAddressBeyondASCIIIsGivenOnlyToWhoKnowsSuchAddresses(t *testing.T) {
	for _, c := range []struct{ name, address, extension, state, line string }{
		{"a host is written in A-labels, which every server knows", "zoe@münchen.test", "", "sent accepted", "RCPT TO:<zoe@xn--mnchen-3ya.test>"},
		{"what stands before it needs a server that says it can", "zoë@acme.example", "250-SMTPUTF8\r\n", "sent accepted", "RCPT TO:<zoë@acme.example>"},
		{"any other is not asked", "zoë@acme.example", "", "failed address-refused", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPostOffice(t, "localhost")
			p.extension = c.extension
			w := newWorldAt(t, p)
			m := w.news(message.Email, c.address)
			w.queue(m)
			w.run(w.settled)
			if got := strings.Join(p.recipients, "\n"); w.state() != c.state || got != c.line {
				t.Errorf("%s, asked %q\n%s", w.state(), got, w.log.String())
			}
		})
	}
}
