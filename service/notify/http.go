package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/message"
)

// line is a node's way to one adapter.
type line struct {
	sender *config.LiveSender
	client *http.Client
}

// client gives the way to an adapter. One of another revision begins anew: its
// address, or whom it trusts, may have changed.
func (s *Service) client(t task) *http.Client {
	name := lineName{t.live.ID, t.sender.Name}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[name]
	if l == nil || l.sender != t.sender {
		if l != nil {
			l.client.CloseIdleConnections()
		}
		l = &line{t.sender, s.dialer(t.sender).Client(s.roots(t.sender), t.sender.Timeout.Std())}
		s.lines[name] = l
	}
	return l.client
}

// order is what an adapter is asked: to deliver one message.
type order struct {
	Version  int              `json:"version"`
	ID       string           `json:"id"`
	Channel  string           `json:"channel"`
	To       string           `json:"to"`
	Name     string           `json:"name,omitempty"`
	From     string           `json:"from,omitempty"`
	FromName string           `json:"from_name,omitempty"`
	Language message.Language `json:"language"`
	Brand    string           `json:"brand,omitempty"`
	Template string           `json:"template"`
	Secret   bool             `json:"secret,omitempty"` // hands one out: keep it out of logs
	Until    *time.Time       `json:"until,omitempty"`
	Subject  string           `json:"subject,omitempty"`
	Text     string           `json:"text"`
	HTML     string           `json:"html,omitempty"`
}

// orderVersion is that of the form of orders and answers.
const orderVersion = 1

func (t task) order(said message.Rendered) order {
	_, language := t.snapshot.Sheet(t.kind.Name, t.brand().Name, t.content.Language)
	name := t.sender.FromName
	if name == "" {
		name = t.brand().Title
	}
	o := order{
		Version: orderVersion, ID: t.row.ID, Channel: t.row.Channel, To: t.content.Address, Name: t.content.Name, From: t.sender.From, FromName: name,
		Language: language, Brand: t.brand().Name, Template: t.row.Template, Secret: t.kind.Secret, Subject: said.Subject, Text: said.Text, HTML: said.HTML,
	}
	if !t.content.Until.IsZero() {
		until := t.content.Until.UTC().Truncate(time.Second)
		o.Until = &until
	}
	return o
}

// byHTTP asks an adapter. It must know a message by its id, so it is asked again
// whatever became of the first time.
func (s *Service) byHTTP(ctx context.Context, t task, said message.Rendered) outcome {
	key, failed := s.secret(ctx, t)
	if failed != nil {
		return *failed
	}
	body, err := json.Marshal(t.order(said))
	if err != nil {
		return outcome{refused, Unsayable, 0}
	}
	wrote := false
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote = true }})
	request, err := http.NewRequestWithContext(traced, http.MethodPost, t.sender.URL, bytes.NewReader(body))
	if err != nil {
		return outcome{later, Unreachable, 0}
	}
	sign(request.Header, key, t.row.ID, s.cfg.Now(), body)
	response, err := s.client(t).Do(request)
	switch {
	case err != nil && wrote:
		return outcome{unclear, Unclear, 0}
	case err != nil:
		return unconnected(err)
	}
	defer response.Body.Close()
	return answered(response, t.row.ID)
}

// sign signs an order as Standard Webhooks 1.0 has it: whoever has the secret knows
// that it is from us, unchanged, and of when.
func sign(header http.Header, key []byte, id string, now time.Time, body []byte) {
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, signingKey(key))
	_, _ = io.WriteString(mac, id+"."+at+".")
	mac.Write(body)
	header.Set("Content-Type", "application/json")
	header.Set("Accept", "application/json")
	header.Set("User-Agent", "")
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", at)
	header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// signingKey is the secret as bytes; one that begins with whsec_ is base64 behind it.
func signingKey(secret []byte) []byte {
	text := strings.TrimRight(string(secret), "\r\n")
	if encoded, found := strings.CutPrefix(text, "whsec_"); found {
		if raw, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			return raw
		}
	}
	return []byte(text)
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 4 << 10

// answered tells what an adapter made of an order. It has taken it if it says so by
// naming it: a page of some proxy that says 200 to everything does not.
func answered(response *http.Response, id string) outcome {
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
		var answer struct {
			ID string `json:"id"`
		}
		if err != nil || len(body) > maxAnswer || json.Unmarshal(body, &answer) != nil || answer.ID != id {
			return outcome{unclear, Unclear, 0}
		}
		return outcome{taken, Accepted, 0}
	case status == http.StatusUnprocessableEntity:
		return outcome{refused, BadAddress, 0}
	case status == http.StatusBadRequest, status == http.StatusGone, status == http.StatusRequestEntityTooLarge:
		return outcome{refused, Refused, 0}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return outcome{later, Credentials, 0}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return outcome{later, Busy, retryAfter(response.Header.Get("Retry-After"))}
	case status >= 500:
		return outcome{unclear, Unclear, 0}
	}
	return outcome{later, Unreachable, 0} // another page, or none: mended by the configuration
}

// retryAfter reads a number of seconds (RFC 9110 §10.2.3); a date is not heeded.
func retryAfter(text string) time.Duration {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
