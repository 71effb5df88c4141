package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
)

// Sender says by whom messages of one channel are delivered: `kind: sender`. It holds
// no secret: Secret names one of the environment's.
type Sender struct {
	Meta     `yaml:",inline"`
	Channel  string   `yaml:"channel"`  // email, sms, voice, letter
	URL      string   `yaml:"url"`      // smtp://host:587 (upgraded by STARTTLS), smtps://host:465, https://… of an adapter, or folder: of letters
	Username string   `yaml:"username"` // of smtp and smtps
	Secret   string   `yaml:"secret"`   // name of the password of smtp and smtps, or of what an adapter's requests are signed with
	From     string   `yaml:"from"`     // of email: the address; of sms and voice: the number or name that is shown
	FromName string   `yaml:"from_name"`
	ReplyTo  string   `yaml:"reply_to"` // of email
	Brands   []string `yaml:"brands"`   // whose messages it delivers; absent: those that no other sender names
	Timeout  Duration `yaml:"timeout"`  // for one message; default 20s, at most 1m
	Network  []string `yaml:"network"`  // host:port that may be private addresses
	CA       string   `yaml:"ca" config:"asset"`
	TLS      string   `yaml:"tls"` // of smtp: required (default), none on this machine
}

// Via is how a sender is spoken to.
type Via string

// The ways.
const (
	ViaSMTP   Via = "smtp"
	ViaHTTP   Via = "http"
	ViaFolder Via = "folder" // letters as files, in the server's directory of letters
)

// LiveSender is a sender with its file loaded and its defaults set.
type LiveSender struct {
	*Sender
	Via     Via
	Address *url.URL
	Private []string // the host:port of Network, in lower case
	CAPEM   []byte   // certificates that sign the sender's; nil: the machine's own
}

// Bounds of senders.
const (
	defaultSendTime = Duration(20 * time.Second)
	maxSendTime     = Duration(time.Minute)
	maxSenderName   = 100
)

// sender checks one sender and sets its defaults.
func (c *checker) sender(at spot, s *Sender) {
	live := &LiveSender{Sender: s}
	c.snapshot.Senders[s.Name] = live
	channels := make([]string, 0, 4)
	for _, channel := range message.Channels() {
		channels = append(channels, string(channel))
	}
	if c.required(at, "channel", s.Channel) {
		c.oneOf(at.at("channel"), "channel", s.Channel, channels...)
	}
	c.senderAddress(at, live)
	c.senderFrom(at, s)
	c.references(at.at("brands"), "the sender", "brand", s.Brands, c.names(KindBrand))
	c.within(at, "timeout", s.Timeout, bounds{"the time that a sender has for a message", Duration(time.Second), maxSendTime})
	if s.Timeout == 0 {
		s.Timeout = defaultSendTime
	}
	if s.Secret != "" && checkName(s.Secret) != "" { // it may be the secret itself, so it is not repeated
		c.fail(at.at("secret"), finding{SenderInvalid, "secret is no name of a secret", "name one that sallyport secret put keeps: lower-case letters, digits and dashes"})
	}
	if s.CA != "" {
		_, content, found := c.file(at, "ca", s.CA)
		if found && !strings.Contains(string(content), "BEGIN CERTIFICATE") {
			c.fail(at.at("ca"), finding{SenderInvalid, "the file holds no certificate in PEM", "name a file that begins with BEGIN CERTIFICATE"})
		}
		live.CAPEM = content
	}
	c.senderNetwork(at.at("network"), live)
}

func (c *checker) senderNetwork(list spot, live *LiveSender) {
	c.once(list, live.Network, "host")
	if len(live.Network) > maxPrivateHosts {
		c.fail(list, finding{OutOfBounds, fmt.Sprintf("%d hosts are named", len(live.Network)), fmt.Sprintf("name at most %d", maxPrivateHosts)})
	}
	for i, text := range live.Network {
		if !isHostPort(text) {
			c.fail(list.at(i), finding{SenderInvalid, fmt.Sprintf("%.80q is no host and port", text), "write it mail.internal.example:587"})
			continue
		}
		live.Private = append(live.Private, strings.ToLower(text))
	}
}

// senderAddress decides by the address how the sender is spoken to. Messages hold
// codes, so they travel over TLS but on this machine.
func (c *checker) senderAddress(at spot, live *LiveSender) {
	if !c.required(at, "url", live.URL) {
		return
	}
	invalid := func(key, what, fix string) { c.fail(at.at(key), finding{SenderInvalid, what, fix}) }
	u, err := url.Parse(live.URL)
	if err != nil || strings.ContainsFunc(live.URL, func(r rune) bool { return r <= ' ' || r > '~' }) {
		invalid("url", "the address of the sender cannot be read", "write it smtp://host:587, smtps://host:465 or https://host/path")
		return
	}
	live.Address = u
	_, secret := u.User.Password()
	switch u.Scheme {
	case "folder":
		live.Via = ViaFolder
		if live.URL != "folder:" || live.Channel != string(message.Letter) {
			invalid("url", "only letters go to a folder, and only to the server's own", "write channel: letter with url: \"folder:\", and start the server with --letters DIR")
		}
		return
	case "smtp", "smtps":
		live.Via = ViaSMTP
		c.mailServer(at, live, u)
	case "https", "http":
		live.Via = ViaHTTP
		if _, reason := readWeb(live.URL); reason != "" || u.RawQuery != "" || u.ForceQuery {
			invalid("url", "the address of the sender "+or(reason, "has a query"), "write an https address; http only for this machine")
		}
		if live.Secret == "" {
			c.fail(at, finding{FieldRequired, "an adapter could not tell who asks it", "add secret: with the name of the secret that requests are signed with"})
		}
	default:
		c.oneOf(at.at("url"), "scheme of a sender", u.Scheme, "smtp", "smtps", "https", "folder")
	}
	if secret {
		invalid("url", "the address holds a password", "name it by secret:, and put it there with sallyport secret put")
	}
}

func (c *checker) mailServer(at spot, live *LiveSender, u *url.URL) {
	invalid := func(key, what, fix string) { c.fail(at.at(key), finding{SenderInvalid, what, fix}) }
	live.TLS = or(live.TLS, TLSRequired)
	c.oneOf(at.at("tls"), "way to encrypt", live.TLS, TLSRequired, TLSNone)
	switch {
	case u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		invalid("url", "the address is not a host and a port", "write it "+u.Scheme+"://mail.example.com:587")
	case live.TLS == TLSNone && (u.Scheme == "smtps" || !isThisMachine(u.Hostname())):
		invalid("tls", "codes and passwords would travel in clear", "leave tls: out; none is for a mail server on this machine")
	}
	if live.Channel != string(message.Email) {
		invalid("url", "a mail server delivers mail alone", "name the https address of an adapter")
	}
	if (live.Username == "") != (live.Secret == "") {
		invalid("username", "a name and a password go together", "give username: and secret:, or neither")
	}
}

// senderFrom checks whose messages they seem to be.
func (c *checker) senderFrom(at spot, s *Sender) {
	address := func(key, text string) {
		if _, err := customer.Normalise(customer.Email, text, ""); err != nil {
			c.fail(at.at(key), finding{SenderInvalid, key + " is no address", "write it no-reply@mail.example.com"})
		}
	}
	if s.Channel == string(message.Email) {
		if c.required(at, "from", s.From) {
			address("from", s.From)
		}
		if s.ReplyTo != "" {
			address("reply_to", s.ReplyTo)
		}
	} else if s.ReplyTo != "" {
		c.fail(at.at("reply_to"), finding{SenderInvalid, "only mail has an address to reply to", "remove it"})
	}
	for key, text := range map[string]string{"from": s.From, "from_name": s.FromName, "username": s.Username} {
		if len(text) > 320 || key == "from_name" && len(text) > maxSenderName || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			c.fail(at.at(key), finding{SenderInvalid, key + " is too long, or has an invisible character", "write it on one line"})
		}
	}
}

// senderOverlaps refuses two senders for the same messages.
func (c *checker) senderOverlaps() {
	taken := map[[2]string]string{}
	each(c, func(at spot, s *Sender) {
		brands := s.Brands
		if len(brands) == 0 {
			brands = []string{""}
		}
		for _, brand := range brands {
			key := [2]string{s.Channel, brand}
			if other := taken[key]; other != "" && other != s.Name {
				c.fail(at, finding{SenderInvalid, fmt.Sprintf("the sender %q delivers %s of the same brands already", other, s.Channel), "give each its own channel or brands"})
			}
			taken[key] = s.Name
		}
	})
}

// SenderOf gives who delivers a channel for a brand: the sender that names the brand,
// else the one that names none; nil if there is neither.
func (s *Snapshot) SenderOf(channel message.Channel, brand string) *LiveSender {
	var rest *LiveSender
	for _, sender := range s.Senders {
		switch {
		case sender.Channel != string(channel):
		case slices.Contains(sender.Brands, brand):
			return sender
		case len(sender.Brands) == 0:
			rest = sender
		}
	}
	return rest
}
