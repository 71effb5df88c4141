//go:build peers

package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// keycloakVersion runs on Java 17.
const keycloakVersion = "26.4.5"

// keycloak is a real Keycloak on loopback with a database file of its own.
type keycloak struct {
	home string // the unpacked distribution
	url  string
	port string
	run  *exec.Cmd
	log  string
}

// distribution gives the packed distribution, which `make peers` has fetched.
func distribution(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "sallyport-peers", "keycloak-quarkus-dist-"+keycloakVersion+".zip")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no Keycloak to test with: %v\n\tfix: make peers fetches it", err)
	}
	return path
}

// newKeycloak unpacks one, which has an address and is not started yet.
func newKeycloak(t testing.TB) *keycloak {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("unzip", "-q", distribution(t), "-d", dir).CombinedOutput(); err != nil {
		t.Fatalf("unpacking Keycloak: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	k := &keycloak{
		home: filepath.Join(dir, "keycloak-"+keycloakVersion), url: "http://localhost:" + port, port: port,
		log: filepath.Join(dir, "keycloak.log"),
	}
	t.Cleanup(k.stop)
	return k
}

const adminPassword = "admin-of-a-test"

// command runs a subcommand of kc.sh in a process group of its own.
func (k *keycloak) command(args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(k.home, "bin", "kc.sh"), args...)
	c.Env = append(os.Environ(), "KC_BOOTSTRAP_ADMIN_USERNAME=admin", "KC_BOOTSTRAP_ADMIN_PASSWORD="+adminPassword, "JAVA_OPTS_APPEND=-Xmx768m")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return c
}

func (k *keycloak) start(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(k.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	k.run = k.command("start-dev", "--http-host=127.0.0.1", "--http-port="+k.port, "--cache=local", "--features=recovery-codes")
	k.run.Stdout, k.run.Stderr = log, log
	if err := k.run.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(3 * time.Minute)
	for {
		answer, err := http.Get(k.url + "/realms/master")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(k.log)
			t.Fatalf("Keycloak does not answer: %v\n%s", err, said)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// stop ends Keycloak and waits until it has gone. Its database file is free then.
func (k *keycloak) stop() {
	if k.run == nil {
		return
	}
	_ = syscall.Kill(-k.run.Process.Pid, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() { _ = k.run.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = syscall.Kill(-k.run.Process.Pid, syscall.SIGKILL)
		<-ended
	}
	k.run = nil
}

// token is one for its management.
func (k *keycloak) token(t testing.TB) string {
	t.Helper()
	answer, err := http.PostForm(k.url+"/realms/master/protocol/openid-connect/token", url.Values{
		"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {"admin"}, "password": {adminPassword},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || said.Token == "" {
		t.Fatalf("Keycloak gives its administrator no token: %s, %v", answer.Status, err)
	}
	return said.Token
}

// manage asks its management for something, which must go well.
func (k *keycloak) manage(t testing.TB, method, path string, body any) []byte {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(method, k.url+"/admin/realms"+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+k.token(t))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	if answer.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %s", method, path, answer.Status, said)
	}
	return said
}

// realm is the one that the tests move.
const realm = "harbourlight"

// client is the application by which Sallyport asks Keycloak.
const client = "crossing"

// furnish makes the realm with an application by which passwords can be asked.
func (k *keycloak) furnish(t testing.TB, secret string) {
	t.Helper()
	k.manage(t, http.MethodPost, "", map[string]any{
		"realm": realm, "enabled": true, "registrationAllowed": false, "loginWithEmailAllowed": true,
		"webAuthnPolicyPasswordlessRpId": "", "webAuthnPolicyPasswordlessUserVerificationRequirement": "required",
		"webAuthnPolicyPasswordlessRequireResidentKey": "Yes",
		"clients": []any{map[string]any{
			"clientId": client, "secret": secret, "publicClient": false, "directAccessGrantsEnabled": true,
			"standardFlowEnabled": false, "serviceAccountsEnabled": true, "protocol": "openid-connect",
		}},
	})
}

// letLook gives the application what it takes to read people.
func (k *keycloak) letLook(t testing.TB) {
	t.Helper()
	one := func(path string) string {
		var all []struct{ ID string }
		if err := json.Unmarshal(k.manage(t, http.MethodGet, "/"+realm+path, nil), &all); err != nil || len(all) != 1 {
			t.Fatalf("%s: %d, %v", path, len(all), err)
		}
		return all[0].ID
	}
	application, management := one("/clients?clientId="+client), one("/clients?clientId=realm-management")
	var account struct{ ID string }
	if err := json.Unmarshal(k.manage(t, http.MethodGet, "/"+realm+"/clients/"+application+"/service-account-user", nil), &account); err != nil {
		t.Fatal(err)
	}
	var role map[string]any
	if err := json.Unmarshal(k.manage(t, http.MethodGet, "/"+realm+"/clients/"+management+"/roles/view-users", nil), &role); err != nil {
		t.Fatal(err)
	}
	k.manage(t, http.MethodPost, "/"+realm+"/users/"+account.ID+"/role-mappings/clients/"+management, []any{role})
}

// hashBy has new passwords hashed by an algorithm of Keycloak's.
func (k *keycloak) hashBy(t testing.TB, algorithm string, iterations int) {
	t.Helper()
	k.manage(t, http.MethodPut, "/"+realm, map[string]any{"passwordPolicy": fmt.Sprintf("hashAlgorithm(%s) and hashIterations(%d)", algorithm, iterations)})
}

// admit brings people into the realm; their ids become known.
func (k *keycloak) admit(t testing.TB, people []*person) {
	t.Helper()
	all := make([]any, 0, len(people))
	for _, p := range people {
		all = append(all, p.representation())
	}
	k.manage(t, http.MethodPost, "/"+realm+"/partialImport", map[string]any{"ifResourceExists": "FAIL", "users": all})
}

// export stops Keycloak, has it write the realm down, and gives the files: users in
// files of fifty, or everything in one.
func (k *keycloak) export(t testing.TB, into string, single bool) []string {
	t.Helper()
	k.stop()
	args := []string{"export", "--realm", realm, "--dir", into, "--users", "different_files", "--users-per-file", "50"}
	if single {
		args = []string{"export", "--realm", realm, "--file", filepath.Join(into, realm+"-realm.json"), "--users", "same_file"}
	}
	out, err := k.command(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(into, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing was exported: %v\n%s", err, out)
	}
	var users []string
	for _, f := range files {
		if single || strings.Contains(filepath.Base(f), "-users-") {
			users = append(users, f)
		}
	}
	return users
}
