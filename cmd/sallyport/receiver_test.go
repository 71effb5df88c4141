package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/rogpeppe/go-internal/testscript"
)

// What follows up to the next such line is the receiver of the how-to, word for word.
// -- receiver --

// receiver answers the questions of one authorization server.
type receiver struct {
	issuer, address string // https://id.acme.example/apps, https://risk.acme.example/sallyport
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(request.Body, 64<<10))
	var claims jwt.Claims
	var question struct {
		Ask struct {
			Attributes map[string]string `json:"attributes"`
			Judges     []string          `json:"judges"`
		} `json:"ask"`
	}
	token, err := jwt.ParseSigned(string(body), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || token.Headers[0].ExtraHeaders[jose.HeaderType] != "sallyport-hook+jwt" ||
		token.Claims(r.keys(), &claims, &question) != nil ||
		claims.Validate(jwt.Expected{Issuer: r.issuer, AnyAudience: jwt.Audience{r.address}, Time: time.Now()}) != nil {
		http.Error(w, "this is no question for me", http.StatusUnauthorized)
		return
	}
	answer := map[string]any{"id": claims.ID, "claims": map[string]any{"risk": "low"}}
	if question.Ask.Attributes["account_number"] == "HL-666" {
		answer = map[string]any{"id": claims.ID, "remove": question.Ask.Judges}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// keys reads the published keys. Keep them for some minutes: the next key is
// published long before it signs.
func (r *receiver) keys() (set jose.JSONWebKeySet) {
	if answer, err := http.Get(r.issuer + "/jwks"); err == nil {
		_ = json.NewDecoder(answer.Body).Decode(&set)
		_ = answer.Body.Close()
	}
	return set
}

// -- receiver --

func TestTheReceiverOfTheHowToIsTheOneThatIsTested(t *testing.T) {
	source, err := os.ReadFile("receiver_test.go")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(source), "// -- receiver --\n")
	if len(parts) != 3 || !strings.Contains(documents(t)["docs/how-to/ask-your-own-service.md"], strings.TrimSpace(parts[1])) {
		t.Errorf("copy it into the how-to:\n%s", parts[1])
	}
}

// receive starts the receiver for a server of a ready file, and puts its address
// into a file of a tree in place of HOOK_URL:
//
//	receive ready.json main tree/hooks.yaml
func receive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: receive READY SERVER FILE")
	}
	var ready struct {
		Issuers map[string]string `json:"issuers"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &ready))
	r := &receiver{issuer: ready.Issuers[args[1]]}
	server := httptest.NewServer(r)
	ts.Defer(server.Close)
	r.address = server.URL + "/ask"
	path := ts.MkAbs(args[2])
	content, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(string(content), "HOOK_URL", r.address)), 0o644))
}
