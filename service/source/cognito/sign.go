package cognito

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/service/source"
)

// accessKey signs questions by AWS Signature Version 4.
type accessKey struct {
	ID      string
	Secret  string
	Region  string
	Service string
}

const algorithm = "AWS4-HMAC-SHA256"

// sign adds the signature of a question to its headers. The question is a POST to
// the root of a service, with everything in its body.
func (k *accessKey) sign(q *source.Request, now time.Time) error {
	u, err := url.Parse(q.URL)
	if err != nil || u.RawQuery != "" {
		return &source.Fault{Reason: source.NotConfigured, What: "the address cannot be used"}
	}
	stamp := now.UTC().Format("20060102T150405Z")
	q.Header = q.Header.Clone()
	q.Header.Set("X-Amz-Date", stamp)
	signed := map[string]string{"host": u.Host, "content-type": q.Type}
	for name, values := range q.Header {
		signed[strings.ToLower(name)] = strings.Join(values, ",")
	}
	value := k.authorization(part{method: q.Method, path: "/", headers: signed, body: q.Body}, stamp)
	q.Header.Set("Authorization", value)
	return nil
}

// part is what a signature covers.
type part struct {
	method, path, query string
	headers             map[string]string
	body                []byte
}

func (k *accessKey) authorization(p part, stamp string) string {
	names := slices.Sorted(maps.Keys(p.headers))
	var canonical strings.Builder
	fmt.Fprintf(&canonical, "%s\n%s\n%s\n", p.method, p.path, p.query)
	for _, name := range names {
		fmt.Fprintf(&canonical, "%s:%s\n", name, strings.TrimSpace(p.headers[name]))
	}
	list := strings.Join(names, ";")
	fmt.Fprintf(&canonical, "\n%s\n%s", list, digest(p.body))
	scope := strings.Join([]string{stamp[:8], k.Region, k.Service, "aws4_request"}, "/")
	text := strings.Join([]string{algorithm, stamp, scope, digest([]byte(canonical.String()))}, "\n")
	key := []byte("AWS4" + k.Secret)
	for _, step := range []string{stamp[:8], k.Region, k.Service, "aws4_request", text} {
		key = mac(key, step)
	}
	return fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", algorithm, k.ID, scope, list, hex.EncodeToString(key))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
