package harness

import (
	"encoding/json"
	"fmt"
	"os"
)

// Ready is the file that `sallyport demo --ready-file` writes, by renaming it into
// place once every listener answers. Maps are keyed by the names of the story:
// "dana", "my-account", "payright".
type Ready struct {
	// Issuers are the authorization servers of the customers' environment, by name.
	Issuers map[string]string `json:"issuers"`
	// Gateway, Console, Desk and Portal are base URLs without a slash at the end.
	Gateway string `json:"gateway"`
	Console string `json:"console"`
	Desk    string `json:"desk"`
	Portal  string `json:"portal"`
	// Apps are the base URLs of the utility's own pages.
	Apps         map[string]string      `json:"apps"`
	People       map[string]Person      `json:"people"`
	Applications map[string]Application `json:"applications"`
}

// Person is a sample customer or operator.
type Person struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Application is a registered application with its credentials.
type Application struct {
	Issuer          string   `json:"issuer"` // a key of Ready.Issuers
	ClientID        string   `json:"client_id"`
	ClientSecret    string   `json:"client_secret"` // empty for public applications
	RedirectURIs    []string `json:"redirect_uris"`
	Scopes          []string `json:"scopes"`
	SubscriptionKey string   `json:"subscription_key"` // empty if it calls no API
}

func readReady(name string) (Ready, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return Ready{}, err
	}
	var r Ready
	if err := json.Unmarshal(text, &r); err != nil {
		return Ready{}, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// secrets are the values of the file that nobody may read in a log.
func (r Ready) secrets() []string {
	var all []string
	for _, p := range r.People {
		all = append(all, p.Password)
	}
	for _, a := range r.Applications {
		all = append(all, a.ClientSecret, a.SubscriptionKey)
	}
	return all
}
