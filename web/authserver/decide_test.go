package authserver_test

import (
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
)

// decide replays a recorded decision.
func decide(server *config.LiveServer, r issue.Record) access.Decision {
	return access.Decide(server.Access, r.Request)
}
