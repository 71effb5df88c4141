// Package cognito asks a running Amazon Cognito user pool.
//
// Passwords are verified by InitiateAuth with USER_PASSWORD_AUTH, which the app
// client must allow; no signature is needed. Who it was is told by GetUser and, if
// the connection has an access key that may call AdminGetUser and ListUsers
// (lookup_client, lookup_secret), by these, whose users are made into those of
// ListUsers. With the key people can be looked up and read, too. Without it
// nobody knows who has a password but must show a second factor.
//
// Cognito gives neither hashes nor the keys of authenticator apps away.
package cognito

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"sallyport/service/source"
)

// Open makes the system of a connection of kind cognito.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	if !regional(spec.Region) {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "region: is no region"}
	}
	c := &system{spec: spec, deps: deps, client: client, url: spec.URL + "/"}
	if spec.URL == "" {
		c.url = "https://cognito-idp." + spec.Region + ".amazonaws.com/"
	}
	if c.secret, err = deps.SecretOf(ctx, spec.Secret); err != nil {
		return nil, err
	}
	found := &source.System{Verifier: c, Shut: client.Close}
	if spec.LookupClient == "" {
		return found, nil
	}
	key, err := deps.SecretOf(ctx, spec.LookupSecret)
	if err != nil {
		return nil, err
	}
	c.key = &accessKey{ID: spec.LookupClient, Secret: strings.TrimSpace(string(key)), Region: spec.Region, Service: "cognito-idp"}
	found.Finder, found.Fetcher = c, c
	return found, nil
}

func regional(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

type system struct {
	spec   *source.Spec
	deps   source.Deps
	client *source.Client
	url    string
	secret []byte     // of the app client; nil: it has none
	key    *accessKey // nil: nobody can be looked up
}

// call asks for one operation of the service; signed if there is a key and signed
// is set.
func (c *system) call(ctx context.Context, operation string, body any, signed bool) (*source.Response, error) {
	question, err := source.JSON(c.url, body)
	if err != nil {
		return nil, err
	}
	question.Type, question.Page = "application/x-amz-json-1.1", operation == "ListUsers"
	question.Header = http.Header{"X-Amz-Target": {"AWSCognitoIdentityProviderService." + operation}}
	if signed {
		if err := c.key.sign(&question, c.deps.Now()); err != nil {
			return nil, err
		}
	}
	return c.client.Do(ctx, question)
}

// begun is what is read of an answer to InitiateAuth.
type begun struct {
	Challenge string `json:"ChallengeName"`
	Result    *struct {
		AccessToken string
	} `json:"AuthenticationResult"`
}

// Verify implements source.Verifier.
func (c *system) Verify(ctx context.Context, login source.Login) source.Answer {
	parameters := map[string]string{"USERNAME": login.Identifier, "PASSWORD": string(login.Password)}
	if c.secret != nil {
		parameters["SECRET_HASH"] = secretHash(c.secret, login.Identifier, c.spec.Client)
	}
	answer, err := c.call(ctx, "InitiateAuth", map[string]any{
		"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": c.spec.Client, "AuthParameters": parameters,
	}, false)
	if err != nil {
		return source.Reject(err)
	}
	if answer.Status != http.StatusOK {
		return judge(answer)
	}
	var said begun
	if err := answer.Decode(&said); err != nil {
		return source.Reject(err)
	}
	switch said.Challenge {
	case "":
		if said.Result == nil || !source.Token(said.Result.AccessToken) {
			return source.Answer{Reason: source.Malformed}
		}
		return c.who(ctx, login, said.Result.AccessToken)
	case "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", "MFA_SETUP", "SELECT_MFA_TYPE", "DEVICE_SRP_AUTH":
		return c.behindFactor(ctx, login)
	case "NEW_PASSWORD_REQUIRED": // somebody else made the password, for one use
		return source.No(source.MustReset)
	}
	return source.Answer{Reason: source.Unexpected} // a challenge that may come before the password
}

// secretHash is how an app client with a secret proves it.
func secretHash(secret []byte, username, client string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(username + client))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// behindFactor looks up whose password it was, since no token says it.
func (c *system) behindFactor(ctx context.Context, login source.Login) source.Answer {
	if c.key == nil {
		return source.Answer{Verdict: source.Match, SecondFactor: true}
	}
	u, err := c.lookUp(ctx, login.Identifier)
	switch {
	case err != nil:
		return source.Reject(err)
	case u == nil || !u.owns(login.Identifier):
		return source.Answer{Reason: source.OtherPerson}
	}
	answer := c.element(u)
	answer.SecondFactor = true
	return answer
}

// who makes the element of whoever has the token.
func (c *system) who(ctx context.Context, login source.Login, token string) source.Answer {
	answer, err := c.call(ctx, "GetUser", map[string]string{"AccessToken": token}, false)
	if err != nil {
		return source.Reject(err)
	}
	if answer.Status != http.StatusOK {
		return source.Unable(fault(answer))
	}
	var short single
	if err := answer.Decode(&short); err != nil {
		return source.Reject(err)
	}
	u := short.listed()
	u.Enabled, u.Status = true, "CONFIRMED" // or there were no token
	if c.key != nil {
		whole, err := c.lookUp(ctx, short.Username)
		if err != nil {
			return source.Reject(err)
		}
		if whole == nil || whole.Username != short.Username {
			return source.Answer{Reason: source.OtherPerson}
		}
		u = whole
	}
	if !u.owns(login.Identifier) {
		return source.Answer{Reason: source.OtherPerson}
	}
	return c.element(u)
}

func (c *system) element(u *user) source.Answer {
	raw, err := json.Marshal(u)
	if err != nil {
		return source.Answer{Reason: source.Malformed}
	}
	element, err := source.ElementOf(c.spec, raw)
	if err != nil {
		return source.Reject(err)
	}
	return source.Answer{Verdict: source.Match, Element: element}
}
