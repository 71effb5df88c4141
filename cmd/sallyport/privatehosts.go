package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"sallyport/service/egress"
)

// privateHostsVariable says for commands without a server, and for serve without the
// flag, which private hosts trees may name.
const privateHostsVariable = "SALLYPORT_ALLOW_PRIVATE_HOSTS"

// refusedAgain is how long a refused host is not told of again.
const refusedAgain = 10 * time.Minute

// privateHosts reads what --allow-private-hosts says, or the variable where it says
// nothing. What is refused is told to log with the way to allow it.
func privateHosts(texts []string, log *slog.Logger) (*egress.Allowance, error) {
	from := "--allow-private-hosts"
	if len(texts) == 0 {
		from, texts = privateHostsVariable, strings.Split(os.Getenv(privateHostsVariable), ",")
	}
	allowed, err := egress.ParseAllowance(texts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	if log != nil {
		allowed.Told = (&refusals{log: log, last: map[string]time.Time{}}).tell
	}
	return allowed, nil
}

// maxRefusals bounds how many hosts are remembered.
const maxRefusals = 1000

// refusals tell of each host now and then.
type refusals struct {
	log  *slog.Logger
	mu   sync.Mutex
	last map[string]time.Time
}

func (r *refusals) tell(hostport string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := now(); at.Sub(r.last[hostport]) >= refusedAgain && (len(r.last) < maxRefusals || !r.last[hostport].IsZero()) {
		r.last[hostport] = at
		r.log.Warn("a private host was refused", "reason", "private-host", "host", hostport, "fix", "if it is meant, start the server with --allow-private-hosts "+hostport)
	}
}
