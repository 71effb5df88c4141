package config

import (
	"fmt"
	"net/url"
	"regexp"
)

// PasskeySpec says which passkeys count across domains (WebAuthn §5.11, related
// origins). Without it pages ask for those of their own host and the domains above.
type PasskeySpec struct {
	// RPIDs are relying parties elsewhere whose passkeys pages here ask for besides.
	// That domain lists the origin of these pages in its /.well-known/webauthn.
	RPIDs []string `yaml:"rp_ids"`
	// Origins are pages elsewhere that may ask for passkeys of this host: what
	// /.well-known/webauthn says here.
	Origins []string `yaml:"origins"`
}

// Bounds of both lists. Browsers look at no more than a few domains (WebAuthn
// §5.11.1).
const (
	maxRPIDs   = 3
	maxRelated = 20
)

// plainDomain is a host name of several labels, as relying parties are named.
var plainDomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)

// passkeys checks and fills in what an environment says of passkeys.
func (r *report) passkeys(at spot, spec PasskeySpec, fill *variables) PasskeySpec {
	at = at.at("passkeys")
	filled := PasskeySpec{RPIDs: r.each(at.at("rp_ids"), spec.RPIDs, maxRPIDs, fill), Origins: r.each(at.at("origins"), spec.Origins, maxRelated, fill)}
	for i, id := range filled.RPIDs {
		if len(id) > 253 || !plainDomain.MatchString(id) {
			r.fail(at.at("rp_ids", i), finding{OriginInvalid, fmt.Sprintf("%.80q is no id of a relying party", id), "write a host name in small letters, without scheme and port"})
		}
	}
	for i, origin := range filled.Origins {
		u, reason := readWeb(origin)
		if reason == "" && u.Scheme != "https" {
			reason = "is not https"
		}
		if reason == "" && origin != (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() {
			reason = "is more than an origin"
		}
		if reason != "" {
			r.fail(at.at("origins", i), finding{OriginInvalid, "the origin " + reason, "write https://host, with the port only if it is unusual"})
		}
	}
	return filled
}

// each fills in a list that names nothing twice and is not too long.
func (r *report) each(at spot, list []string, most int, fill *variables) []string {
	if len(list) == 0 {
		return nil
	}
	if len(list) > most {
		r.fail(at, finding{OutOfBounds, fmt.Sprintf("the list has %d items", len(list)), fmt.Sprintf("name at most %d", most)})
	}
	filled, seen := make([]string, len(list)), map[string]bool{}
	for i, text := range list {
		filled[i] = fill.fill(at.at(i), text)
		if seen[filled[i]] {
			r.fail(at.at(i), finding{ItemRepeated, fmt.Sprintf("%.80q is here twice", filled[i]), "remove one of them"})
		}
		seen[filled[i]] = true
	}
	return filled
}

// Passkeys is what the environment says of passkeys.
func (s *Snapshot) Passkeys() PasskeySpec {
	if s.Tenant == nil {
		return PasskeySpec{}
	}
	return s.Tenant.Environments[s.Environment].Passkeys
}
