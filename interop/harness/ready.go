package harness

import (
	"encoding/json"
	"fmt"
	"os"
)

// Ready is the file that --ready-file names. The server writes it by renaming it into
// place once every listener answers. Maps are keyed by the names of the story: "dana",
// "my-account", "payright". A server that is no demo leaves the last three out.
type Ready struct {
	Version     int    `json:"version"`
	PID         int    `json:"pid"`
	Tenant      string `json:"tenant"`
	Environment string `json:"environment"`
	// URL and Gateway are base URLs without a slash at the end.
	URL     string `json:"url"`
	Gateway string `json:"gateway"`
	// Store is what --store takes, but without credentials.
	Store string `json:"store"`
	// Issuers are the authorization servers of the environment, by name.
	Issuers map[string]string `json:"issuers"`
	// Apps are the base URLs of the utility's own pages.
	Apps         map[string]string      `json:"apps"`
	People       map[string]Person      `json:"people"`
	Applications map[string]Application `json:"applications"`
}

// Person is a sample customer.
type Person struct {
	Name     string `json:"name"`
	Username string `json:"username"`
	Email    string `json:"email"` // empty if the customer has none
	Password string `json:"password"`
}

// Application is a registered application with its credentials.
type Application struct {
	Issuer          string   `json:"issuer"` // its URL
	Server          string   `json:"server"` // the same by name, a key of Ready.Issuers
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
	info, err := os.Stat(name)
	if err != nil {
		return Ready{}, err
	}
	if mode := info.Mode(); mode != 0o600 {
		return Ready{}, fmt.Errorf("%s holds secrets and has mode %v, want 0600", name, mode)
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
