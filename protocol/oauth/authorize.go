package oauth

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ClientID names a client (RFC 6749 §2.2).
type ClientID string

// ResponseType is a response_type; the authorization code is the only one.
type ResponseType string

// ResponseTypeCode is the code flow's (RFC 6749 §4.1.1).
const ResponseTypeCode ResponseType = "code"

// Prompt is a value of prompt (OpenID Connect Core §3.1.2.1).
type Prompt string

// The prompts of OpenID Connect Core.
const (
	PromptNone          Prompt = "none"
	PromptLogin         Prompt = "login"
	PromptConsent       Prompt = "consent"
	PromptSelectAccount Prompt = "select_account"
)

// ACR names an authentication context class, a level of assurance.
type ACR string

// Bounds of single parameters.
const (
	maxClientIDBytes = 512
	maxShortBytes    = 1 << 10 // state, nonce and hints
	maxHintBytes     = 16 << 10
	maxListItems     = 32
	maxMaxAge        = 10 * 365 * 24 * time.Hour
)

// AuthorizationRequest is a request at the authorization endpoint (RFC 6749 §4.1.1,
// OpenID Connect Core §3.1.2.1) of sound form. Whether the client, its redirect URI
// and its scopes exist is still to be asked. Optional members are zero if omitted.
type AuthorizationRequest struct {
	// Return says where the client wants the answer. It is a claim by a stranger
	// until Return.Match.
	Return       Return
	ResponseType ResponseType
	// Scopes is nil if scope was omitted.
	Scopes []Scope
	Nonce  string
	// Challenge is zero if there was none; public clients must send one.
	Challenge Challenge
	// Prompts has PromptNone alone or not at all.
	Prompts []Prompt
	// MaxAge is nil if omitted. Zero asks to authenticate now.
	MaxAge      *time.Duration
	ACRValues   []ACR // in the client's order of preference
	Claims      ClaimsRequest
	LoginHint   string
	UILocales   []string // as sent: not checked, in order of preference
	IDTokenHint Secret
	Resources   []string // absolute URIs without fragment (RFC 8707)
}

// ParseAuthorizationRequest checks the form of p. There are two kinds of error:
//
//   - *NotRedirectableError: client_id or redirect_uri is missing or malformed. Show it
//     on a page of the server's own.
//   - *Error: anything else. The result's Return is valid then: match it with the client's
//     registration, and if that succeeds, answer with Destination.Failure.
//
// Unknown parameters are ignored (RFC 6749 §3.1).
func ParseAuthorizationRequest(p Parameters) (AuthorizationRequest, error) {
	to, err := parseReturn(p)
	if err != nil {
		return AuthorizationRequest{}, err
	}
	r := AuthorizationRequest{Return: to}
	// Each step reads one group of parameters; the first that fails names the error.
	for _, step := range []func(Parameters) error{
		refuseRequestObjects, r.readReturn, r.readResponseType, r.readScopes, r.readNonce, r.readChallenge,
		r.readPrompts, r.readMaxAge, r.readLists, r.readClaims, r.readHints, r.readResources,
	} {
		if err := step(p); err != nil {
			return AuthorizationRequest{Return: r.Return}, err
		}
	}
	return r, nil
}

// Has reports whether scope was asked for.
func (r AuthorizationRequest) Has(scope Scope) bool { return slices.Contains(r.Scopes, scope) }

// Asks reports whether prompt was among the prompts.
func (r AuthorizationRequest) Asks(prompt Prompt) bool { return slices.Contains(r.Prompts, prompt) }

// refuseRequestObjects comes first: parameters beside a request object do not
// say what the client means.
func refuseRequestObjects(p Parameters) error {
	switch {
	case p.Has("request"):
		return NewError(CodeRequestNotSupported, "request is not supported")
	case p.Has("request_uri"):
		return NewError(CodeRequestURINotSupported, "request_uri is not supported")
	case p.Has("registration"):
		return NewError(CodeRegistrationNotSupported, "registration is not supported")
	}
	return nil
}

// readReturn reports what is wrong with state and response_mode. A state that is refused
// is not sent back.
func (r *AuthorizationRequest) readReturn(p Parameters) error {
	if p.Get("state") != r.Return.State {
		return InvalidRequest("state is too long or has a character that is not allowed")
	}
	if mode := p.Get("response_mode"); mode != "" && mode != string(r.Return.Mode) {
		return InvalidRequest("response_mode must be query or form_post")
	}
	return nil
}

func (r *AuthorizationRequest) readResponseType(p Parameters) error {
	switch p.Get("response_type") {
	case "":
		return InvalidRequest("response_type is missing")
	case string(ResponseTypeCode):
		r.ResponseType = ResponseTypeCode
		return nil
	}
	return NewError(CodeUnsupportedResponseType, "response_type must be code")
}

func (r *AuthorizationRequest) readScopes(p Parameters) (err error) {
	r.Scopes, err = ParseScopes(p.Get("scope"))
	return err
}

func (r *AuthorizationRequest) readNonce(p Parameters) error {
	r.Nonce = p.Get("nonce")
	return checkShort("nonce", r.Nonce, maxShortBytes)
}

func (r *AuthorizationRequest) readChallenge(p Parameters) (err error) {
	r.Challenge, err = ParseChallenge(p.Get("code_challenge"), p.Get("code_challenge_method"))
	return err
}

func (r *AuthorizationRequest) readPrompts(p Parameters) error {
	words, err := splitList("prompt", p.Get("prompt"))
	if err != nil {
		return err
	}
	for _, word := range words {
		switch prompt := Prompt(word); prompt {
		case PromptNone, PromptLogin, PromptConsent, PromptSelectAccount:
			r.Prompts = append(r.Prompts, prompt)
		default:
			return InvalidRequest("prompt has an unknown value")
		}
	}
	if r.Asks(PromptNone) && len(r.Prompts) > 1 {
		return InvalidRequest("prompt none must stand alone")
	}
	return nil
}

func (r *AuthorizationRequest) readMaxAge(p Parameters) error {
	text := p.Get("max_age")
	if text == "" {
		return nil
	}
	if len(text) > 20 || strings.Trim(text, "0123456789") != "" {
		return InvalidRequest("max_age must be a number of seconds")
	}
	// A number too large for us means the same as the largest: any age is fine.
	age := maxMaxAge
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds < int64(maxMaxAge/time.Second) {
		age = time.Duration(seconds) * time.Second
	}
	r.MaxAge = &age
	return nil
}

func (r *AuthorizationRequest) readLists(p Parameters) error {
	values, err := splitList("acr_values", p.Get("acr_values"))
	if err != nil {
		return err
	}
	for _, value := range values {
		r.ACRValues = append(r.ACRValues, ACR(value))
	}
	r.UILocales, err = splitList("ui_locales", p.Get("ui_locales"))
	return err
}

func (r *AuthorizationRequest) readClaims(p Parameters) (err error) {
	r.Claims, err = ParseClaimsRequest(p.Get("claims"))
	return err
}

func (r *AuthorizationRequest) readHints(p Parameters) error {
	r.LoginHint = p.Get("login_hint")
	if err := checkShort("login_hint", r.LoginHint, maxShortBytes); err != nil {
		return err
	}
	hint := p.Get("id_token_hint")
	r.IDTokenHint = NewSecret(hint)
	return checkShort("id_token_hint", hint, maxHintBytes)
}

func (r *AuthorizationRequest) readResources(p Parameters) (err error) {
	r.Resources, err = parseResources(p)
	return err
}

// parseResources reads resource (RFC 8707 §2): absolute URIs without fragment.
// Repetitions of one URI are dropped.
func parseResources(p Parameters) ([]string, error) {
	var resources []string
	for _, resource := range p.All("resource") {
		u, err := url.Parse(resource)
		if err != nil || !u.IsAbs() || len(resource) > MaxRedirectBytes || strings.Contains(resource, "#") || hasControl(resource) {
			return nil, InvalidTarget("resource must be an absolute URI without fragment")
		}
		if !slices.Contains(resources, resource) {
			resources = append(resources, resource)
		}
	}
	return resources, nil
}

// splitList splits a list that is delimited by spaces.
func splitList(name, value string) ([]string, error) {
	if err := checkShort(name, value, maxShortBytes); err != nil {
		return nil, err
	}
	words := strings.Fields(value)
	if len(words) > maxListItems {
		return nil, InvalidRequest(fmt.Sprintf("%s has more than %d values", name, maxListItems))
	}
	return words, nil
}

func checkShort(name, value string, limit int) error {
	if len(value) > limit {
		return InvalidRequest(fmt.Sprintf("%s is longer than %d bytes", name, limit))
	}
	if hasControl(value) {
		return InvalidRequest(name + " has a control character")
	}
	return nil
}
