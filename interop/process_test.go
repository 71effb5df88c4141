package interop

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// A rolling upgrade must not cost a customer the answer that was under way.
func TestATokenRequestUnderWayIsAnsweredBeforeTheServerLeaves(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	payRight := demo.Applications[harness.PayRight]
	address := strings.TrimPrefix(demo.URL, "http://")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()

	body := "grant_type=client_credentials&scope=" + harness.ScopeWritePosting
	req, err := http.NewRequest(http.MethodPost, payRight.Issuer+"/token", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(payRight.ClientID, payRight.ClientSecret)
	fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		req.URL.Path, address, req.Header.Get("Authorization"), len(body))
	answer := bufio.NewReader(connection)
	// Its going on to ask for the body shows that the server works on the request.
	if line, err := answer.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("the server answered %q, %v", line, err)
	}
	if _, err := answer.ReadString('\n'); err != nil {
		t.Fatal(err)
	}

	demo.Signal(t, syscall.SIGTERM)
	await(t, 10*time.Second, "the server takes no more connections", func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	fmt.Fprint(connection, body)
	res, err := http.ReadResponse(answer, req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		t.Errorf("the request under way got %s: %s", res.Status, text)
	}
	demo.Stop(t)
}

func TestAnInterruptEndsItAsWell(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	demo.Signal(t, syscall.SIGINT)
	demo.Stop(t)
}
