package admin

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/service/operator"
)

// late sends a request, and holds its body back until meanwhile has been done,
// which takes a while by the clock of the API.
func (r *realm) late(s sent, meanwhile func()) (int, string) {
	r.Helper()
	var passed atomic.Int64
	cfg := r.cfg
	cfg.Now = func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	server := httptest.NewServer(Network(cfg, r.verify))
	defer server.Close()
	connection, answers, begun := r.begin(server, s)
	if begun != http.StatusContinue { // which says that the guard let it through
		r.Fatalf("it begins with %d", begun)
	}
	meanwhile()
	passed.Store(int64(attendEvery))
	_, err := io.WriteString(connection, s.body)
	r.must(err)
	answer, err := http.ReadResponse(answers, nil)
	r.must(err)
	var text strings.Builder
	_, _ = io.Copy(&text, answer.Body)
	return answer.StatusCode, text.String()
}

// begin sends all of a request but its body, and gives the status by which it is
// told whether to send that.
func (r *realm) begin(server *httptest.Server, s sent) (net.Conn, *bufio.Reader, int) {
	r.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	r.must(err)
	r.Cleanup(func() { _ = connection.Close() })
	fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: gate.example\r\nAuthorization: Bearer %s\r\nIf-Match: *\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		s.method, s.path, s.token, s.header["Content-Type"], len(s.body))
	answers := bufio.NewReader(connection)
	answer, err := http.ReadResponse(answers, nil)
	r.must(err)
	return connection, answers, answer.StatusCode
}

// Each of them was let in, and let the end of the body wait.
func TestWhatIsSentLateIsDoneOnlyIfItIsStillAllowed(t *testing.T) {
	acme := operator.Place{Tenant: "acme"}
	change := sent{method: http.MethodPut, path: Prefix + "/operators/robin/roles", body: `{"role":"desk","place":"acme"}`, header: map[string]string{"Content-Type": "application/json"}}
	export := sent{method: http.MethodPost, path: Prefix + "/environments/acme/preview/migrations/old/runs", body: "ID,LOGIN\n1,kim\n", header: map[string]string{"Content-Type": "text/csv"}}
	for _, test := range []struct {
		name      string
		asked     sent
		meanwhile func(*realm)
		want      int
	}{
		{"nothing changed", change, func(*realm) {}, http.StatusOK},
		{"they were disabled", change, func(r *realm) { r.must(r.cfg.Operators.Disable(r.Context(), "mallory", "operator:ada")) }, http.StatusUnauthorized},
		{"their role was taken", change, func(r *realm) {
			r.must(r.cfg.Operators.Revoke(r.Context(), "mallory", operator.Holding{Role: operator.Owner, Place: acme}, "operator:ada"))
			r.must(r.cfg.Operators.Grant(r.Context(), "mallory", operator.Holding{Role: operator.Developer, Place: acme}, "operator:ada"))
		}, http.StatusForbidden},
		{"their role became smaller than what they give", change, func(r *realm) {
			staging := operator.Place{Tenant: "acme", Environment: "preview"}
			r.must(r.cfg.Operators.Grant(r.Context(), "mallory", operator.Holding{Role: operator.Owner, Place: staging}, "operator:ada"))
			r.must(r.cfg.Operators.Revoke(r.Context(), "mallory", operator.Holding{Role: operator.Owner, Place: acme}, "operator:ada"))
		}, http.StatusForbidden},
		{"they import after they were disabled", export, func(r *realm) { r.must(r.cfg.Operators.Disable(r.Context(), "mallory", "operator:ada")) }, http.StatusUnauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRealm(t)
			r.operator("ada", operator.Owner, operator.Place{})
			mallory := r.operator("mallory", operator.Owner, acme)
			r.operator("robin", operator.Developer, acme)
			test.asked.token = r.token(mallory, Scopes())
			status, text := r.late(test.asked, func() { test.meanwhile(r) })
			if status != test.want {
				t.Errorf("%d %s, want %d", status, text, test.want)
			}
			robin, err := r.cfg.Operators.ByUsername(t.Context(), "robin")
			r.must(err)
			if done := len(robin.Roles) == 2; done != (test.want == http.StatusOK) {
				t.Errorf("robin has %v", robin.Roles)
			}
			if _, err := r.cfg.Directory.Find(t.Context(), r.live("acme").ID, "kim", ""); err == nil {
				t.Error("kim was imported")
			}
		})
	}
}

func TestATokenThatRanOutOnTheWayChangesNothing(t *testing.T) {
	r := newRealm(t)
	id := r.operator("ada", operator.Owner, operator.Place{})
	token := r.token(id, Scopes(), func(c map[string]any) { c["exp"] = time.Now().Add(attendEvery).Unix() })
	status, text := r.late(sent{
		method: http.MethodPost, path: Prefix + "/environments", body: `{"tenant":"acme","name":"staging"}`, token: token,
		header: map[string]string{"Content-Type": "application/json"},
	}, func() {})
	if _, made := r.cfg.Registry.ByName("acme", "staging"); made || status != http.StatusUnauthorized {
		t.Errorf("%d %s", status, text)
	}
}

// Personal parts are for fewer people than the rest of a stream.
func TestAStreamWithPersonalPartsEndsWithTheRightToThem(t *testing.T) {
	r := newRealm(t)
	id := r.operator("robin", operator.Auditor, operator.Place{Tenant: "acme"})
	privacy := operator.Holding{Role: operator.Privacy, Place: operator.Place{Tenant: "acme"}}
	r.must(r.cfg.Operators.Grant(t.Context(), "robin", privacy, "operator:ada"))
	server := httptest.NewServer(r.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+Prefix+"/environments/acme/preview/audit/tail?personal=true", nil)
	r.must(err)
	request.Header.Set("Authorization", "Bearer "+r.token(id, Scopes()))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	response, err := server.Client().Do(request.WithContext(ctx))
	r.must(err)
	defer response.Body.Close()
	r.must(r.cfg.Operators.Revoke(t.Context(), "robin", privacy, "operator:ada"))
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Errorf("it goes on: %v", err)
	}
}

func TestNobodyHoldsMoreStreamsThanTheirShare(t *testing.T) {
	r := newRealm(t)
	acme := operator.Place{Tenant: "acme"}
	greedy := r.token(r.operator("greedy", operator.Auditor, acme), Scopes())
	other := r.token(r.operator("robin", operator.Auditor, acme), Scopes())
	server := httptest.NewServer(r.handler)
	t.Cleanup(server.Close)
	follow := func(token string) (status int, leave func()) {
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+Prefix+"/environments/acme/preview/audit/tail", nil)
		r.must(err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := server.Client().Do(request)
		r.must(err)
		leave = func() { cancel(); _ = response.Body.Close() }
		t.Cleanup(leave)
		return response.StatusCode, leave
	}
	var leave func()
	for n := range maxStreams {
		status := 0
		if status, leave = follow(greedy); status != http.StatusOK {
			t.Fatalf("stream %d: %d", n, status)
		}
	}
	if status, _ := follow(greedy); status != http.StatusTooManyRequests {
		t.Errorf("one more: %d", status)
	}
	if status, _ := follow(other); status != http.StatusOK {
		t.Errorf("somebody else: %d", status)
	}
	leave()
	for deadline := time.Now().Add(5 * time.Second); ; { // the server sees it a moment later
		if status, _ := follow(greedy); status == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("who left one gets no other")
		}
	}
}

func TestNobodyFillsTheMemoryWithTrees(t *testing.T) {
	r := newRealm(t)
	acme := operator.Place{Tenant: "acme"}
	plan := sent{method: http.MethodPost, path: Prefix + "/environments/acme/preview/plan", body: `{"files":{}}`, header: map[string]string{"Content-Type": "application/json"}}
	server := httptest.NewServer(r.handler)
	t.Cleanup(server.Close)
	greedy, other := r.token(r.operator("greedy", operator.Developer, acme), Scopes()), r.token(r.operator("robin", operator.Developer, acme), Scopes())
	for n, test := range []struct {
		token string
		want  int
	}{{greedy, http.StatusContinue}, {greedy, http.StatusContinue}, {greedy, http.StatusTooManyRequests}, {other, http.StatusContinue}} {
		plan.token = test.token
		if _, _, status := r.begin(server, plan); status != test.want {
			t.Errorf("tree %d: %d, want %d", n+1, status, test.want)
		}
	}
}
