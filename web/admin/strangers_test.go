package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/verify"
)

// deaf verifies nothing, for a reason that names what is behind the server.
type deaf struct{ error }

func (d deaf) Verify(context.Context, *environment.Live, *config.LiveServer, string) (*verify.Token, error) {
	return nil, d.error
}

func TestStrangersAreNotToldWhatIsBehindTheServer(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("ada", operator.Owner, operator.Place{}), Scopes())
	for _, err := range []error{
		fmt.Errorf("%w: dial tcp 10.1.2.3:5432: refused", r.cfg.Faults.Unavailable),
		errors.New("dial tcp 10.1.2.3:5432: refused"),
	} {
		r.handler = Network(r.cfg, deaf{err})
		answer, p := r.ask(sent{method: "GET", path: Prefix + "/whoami", token: token})
		if answer.Code < 500 || p.Code == "" || strings.Contains(answer.Body.String(), "10.1.2.3") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	}
}
