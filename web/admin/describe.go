package admin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/service/environment"
)

// securityScheme names the one way to be let in by the network.
const securityScheme = "operator"

// DescriptionPath is where the OpenAPI document is. It holds no secret, and
// anybody may read it.
const DescriptionPath = Prefix + "/openapi.json"

// systemName is tenant and name of the operators' environment.
const systemName = "system"

// system is the environment of the operators; nil if this node has none.
func (a *api) system() *environment.Live {
	if a.cfg.Registry == nil {
		return nil
	}
	live, _ := a.cfg.Registry.ByName(systemName, systemName)
	return live
}

// issuer is the authorization server whose tokens count here; nil if this node
// serves none.
func (a *api) issuer() *config.LiveServer {
	system := a.system()
	if system == nil || system.Snapshot() == nil {
		return nil
	}
	return system.Snapshot().Servers[environment.ManagementServer]
}

// securityScheme describes how to be let in.
func (a *api) securityScheme() *huma.SecurityScheme {
	issuer := "/console/" + environment.ManagementServer
	if server := a.issuer(); server != nil {
		issuer = server.Issuer
	}
	about := map[string]string{}
	for action, scope := range scopes {
		about[scope] = string(action)
	}
	return &huma.SecurityScheme{
		Type: "oauth2", Description: "By the network only; the control socket lets in whoever can open it",
		Flows: &huma.OAuthFlows{AuthorizationCode: &huma.OAuthFlow{
			AuthorizationURL: issuer + "/authorize", TokenURL: issuer + "/token", RefreshURL: issuer + "/token", Scopes: about,
		}},
	}
}

// schemaName names the schema of a type. Those of other packages are named for their
// package too, as several have, say, an Operation.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if of := path.Base(t.PkgPath()); t.Name() != "" && of != "admin" && of != "." {
		return strings.ToUpper(of[:1]) + of[1:] + name
	}
	return name
}

// describe publishes the OpenAPI document. It is made once, when somebody reads it: most
// of what uses the API never does, and every command that holds the store itself would
// pay for it.
func (a *api) describe() {
	written := sync.OnceValue(a.document)
	a.mux.HandleFunc("GET "+DescriptionPath, func(w http.ResponseWriter, r *http.Request) {
		d, header := written(), w.Header()
		header.Set("ETag", d.tag)
		header.Set("Cache-Control", "no-cache")
		if strings.Contains(r.Header.Get("If-None-Match"), d.tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		header.Set("Content-Type", "application/vnd.oai.openapi+json")
		_, _ = w.Write(d.text)
	})
}

// document is the description as it is sent, and its entity tag.
type document struct {
	text []byte
	tag  string
}

func (a *api) document() document {
	text, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		panic(fmt.Sprintf("admin: describing the routes: %v", err)) // a test would have met it
	}
	sum := sha256.Sum256(text)
	return document{text, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}
