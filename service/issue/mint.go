package issue

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"sync"

	"sallyport/protocol/jose"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/keyring"
	"sallyport/store"
)

// signer turns a payload into a token, by signing or by sealing it.
type signer interface {
	Algorithm() jose.Algorithm
	Sign(rand io.Reader, payload []byte) (string, error)
}

// signers are the two that an answer needs; id is nil without an ID token.
type signers struct{ access, id signer }

// minted is what was made of an issuance.
type minted struct {
	access, id             string
	accessClaims, idClaims Claims
}

// mint makes the claims and the tokens. Preview calls it too.
func (i *issuance) mint(with signers, random io.Reader) (minted, error) {
	m := minted{accessClaims: i.accessClaims()}
	var err error
	if m.access, err = sign(with.access, random, m.accessClaims); err != nil {
		return minted{}, err
	}
	if with.id != nil {
		m.idClaims = i.idClaims(tokenHash(with.id.Algorithm(), m.access))
		m.id, err = sign(with.id, random, m.idClaims)
	}
	return m, err
}

func sign(with signer, random io.Reader, claims Claims) (string, error) {
	payload, err := claims.appendJSON(make([]byte, 0, 512))
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	if with.Algorithm() == jose.ES256 {
		random = nil // deterministic (RFC 6979), and a quarter faster
	}
	return with.Sign(random, payload)
}

// tokenHash is at_hash (OIDC Core §3.1.3.6): the left half of the hash that
// the algorithm uses; Ed25519 uses SHA-512.
func tokenHash(alg jose.Algorithm, token string) string {
	if alg == jose.EdDSA {
		sum := sha512.Sum512([]byte(token))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// signersFor borrows the keys of an answer.
func (s *Service) signersFor(ctx context.Context, i *issuance) (with signers, err error) {
	if i.opaque() {
		if with.access, err = s.cfg.Keys.Sealing(ctx, i.view.Env, i.server.Name); err != nil || !i.idToken() {
			return with, err
		}
	}
	signing, err := s.Signing(ctx, i.view, i.server)
	if err != nil {
		return signers{}, err
	}
	return i.pick(with, signing)
}

// pick adds what is still missing.
func (i *issuance) pick(with signers, signing *keyring.Signing) (signers, error) {
	var err error
	if with.access == nil {
		if with.access, err = signing.AccessSigner(Algorithm(i.server)); err != nil {
			return signers{}, err
		}
	}
	if i.idToken() {
		with.id, err = signing.IDSigner(idAlgorithm(i.server, i.application))
	}
	return with, err
}

// opaque tells whether the access token is one that only we can read.
func (i *issuance) opaque() bool { return i.server.TokensOf(i.application) == config.TokensOpaque }

// Signing lends the keys of an authorization server: those of its own
// algorithm and of every algorithm that an application wants for ID tokens.
func (s *Service) Signing(ctx context.Context, v View, server *config.LiveServer) (*keyring.Signing, error) {
	return s.cfg.Keys.Signing(ctx, v.Env, server.Name, s.algorithms.of(v, server)...)
}

// Algorithm is that of a server's access tokens.
func Algorithm(server *config.LiveServer) jose.Algorithm {
	if server.Signing.Algorithm == "" {
		return jose.ES256
	}
	return jose.Algorithm(server.Signing.Algorithm)
}

func idAlgorithm(server *config.LiveServer, a *config.Application) jose.Algorithm {
	if a.IDTokenAlgorithm == "" {
		return Algorithm(server)
	}
	return jose.Algorithm(a.IDTokenAlgorithm)
}

// algorithms remembers which ones each server needs under the newest snapshot.
type algorithms struct{ known sync.Map }

type serverName struct {
	env  store.EnvironmentID
	name string
}

type needed struct {
	snapshot   *config.Snapshot
	algorithms []jose.Algorithm
}

func (a *algorithms) of(v View, server *config.LiveServer) []jose.Algorithm {
	name := serverName{v.Env, server.Name}
	if known, found := a.known.Load(name); found && known.(needed).snapshot == v.Snapshot {
		return known.(needed).algorithms
	}
	all := []jose.Algorithm{Algorithm(server)}
	for _, application := range v.Snapshot.Applications {
		if alg := idAlgorithm(server, application); !slices.Contains(all, alg) && serves(server, application) {
			all = append(all, alg)
		}
	}
	slices.Sort(all)
	a.known.Store(name, needed{v.Snapshot, all})
	return all
}

// serves tells whether a server is assigned to an application that has ID tokens.
func serves(server *config.LiveServer, a *config.Application) bool {
	_, assigned := a.Assigned[server.Name]
	return assigned && has(a, access.AuthorizationCode)
}

// random fills a fresh array of n bytes.
func (s *Service) random(into []byte) error {
	if _, err := io.ReadFull(s.cfg.Rand, into); err != nil {
		return fmt.Errorf("no randomness: %w", err)
	}
	return nil
}
