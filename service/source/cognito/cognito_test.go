package cognito_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/cognito"
	"sallyport/service/source/sourcetest"
)

// The answers are those of Cognito's published API; a real pool was never asked.

var secrets = map[string]string{"client": "app-secret", "key": "aws-secret"}

func connection(finds bool) config.Connection {
	c := config.Connection{Kind: "cognito", Region: "eu-central-1", Pool: "eu-central-1_a", Client: "app", Secret: "client"}
	if finds {
		c.LookupClient, c.LookupSecret = "AKIDEXAMPLE", "key"
	}
	return c
}

const attributes = `[{"Name":"sub","Value":"s1"},{"Name":"email","Value":"ana@acme.example"},{"Name":"email_verified","Value":"true"}]`

func pool(t testing.TB, status int, said string) *sourcetest.Server {
	throttled := false
	return sourcetest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AWSCognitoIdentityProviderService.")
		body, _ := io.ReadAll(r.Body)
		var asked struct {
			Username, PaginationToken, AccessToken string
			AuthParameters                         map[string]string
		}
		_ = json.Unmarshal(body, &asked)
		signed := strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-central-1/cognito-idp/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=")
		switch {
		case operation == "InitiateAuth":
			if asked.AuthParameters["PASSWORD"] != sourcetest.Password || asked.AuthParameters["SECRET_HASH"] == "" {
				sourcetest.JSON(w, 400, `{"__type":"NotAuthorizedException","message":"Incorrect username or password."}`)
				return
			}
			sourcetest.JSON(w, status, said)
		case operation == "GetUser" && asked.AccessToken == "t":
			sourcetest.JSON(w, 200, `{"Username":"8f1c","UserAttributes":`+attributes+`}`)
		case !signed:
			sourcetest.JSON(w, 400, `{"__type":"MissingAuthenticationTokenException"}`)
		case operation == "AdminGetUser" && (asked.Username == "8f1c" || asked.Username == "ana@acme.example"):
			sourcetest.JSON(w, 200, `{"Username":"8f1c","UserAttributes":`+attributes+`,"UserCreateDate":1.7E9,"Enabled":true,"UserStatus":"CONFIRMED"}`)
		case operation == "AdminGetUser":
			sourcetest.JSON(w, 400, `{"__type":"com.amazonaws.cognito#UserNotFoundException"}`)
		case operation == "ListUsers" && asked.PaginationToken == "60" && !throttled:
			throttled = true
			sourcetest.JSON(w, 400, `{"__type":"TooManyRequestsException"}`)
		case operation == "ListUsers":
			listed(w, asked.PaginationToken)
		}
	})
}

func listed(w http.ResponseWriter, token string) {
	first, _ := strconv.Atoi(token)
	var list []string
	for n := first; n < min(first+60, 150); n++ {
		list = append(list, fmt.Sprintf("{\n\"Username\":\"u%d\"}", n))
	}
	next := ""
	if first+60 < 150 {
		next = fmt.Sprintf(`,"PaginationToken":"%d"`, first+60)
	}
	sourcetest.JSON(w, 200, `{"Users":[`+strings.Join(list, ",")+"]"+next+"}")
}

func TestWhatCognitoSaysOfAPasswordIsToldApart(t *testing.T) {
	refused := func(kind, message string) string { return `{"__type":"` + kind + `","message":"` + message + `"}` }
	tests := map[string]struct {
		status  int
		said    string
		verdict source.Verdict
		reason  source.Reason
		second  bool
	}{
		"right":                        {200, `{"AuthenticationResult":{"AccessToken":"t"},"ChallengeParameters":{}}`, source.Match, "", false},
		"right, and wants a code":      {200, `{"ChallengeName":"SOFTWARE_TOKEN_MFA","Session":"s"}`, source.Match, "", true},
		"right, and enrols":            {200, `{"ChallengeName":"MFA_SETUP"}`, source.Match, "", true},
		"made by somebody else":        {200, `{"ChallengeName":"NEW_PASSWORD_REQUIRED"}`, source.NoMatch, source.MustReset, false},
		"asked otherwise":              {200, `{"ChallengeName":"CUSTOM_CHALLENGE"}`, source.Unavailable, source.Unexpected, false},
		"wrong":                        {400, refused("NotAuthorizedException", "Incorrect username or password."), source.NoMatch, source.WrongPassword, false},
		"of a disabled account":        {400, refused("NotAuthorizedException", "User is disabled."), source.NoMatch, source.DisabledThere, false},
		"of an account tried at":       {400, refused("NotAuthorizedException", "Password attempts exceeded"), source.Unavailable, source.LockedThere, false},
		"of a client out of order":     {400, refused("NotAuthorizedException", "Unable to verify secret hash for client app"), source.Unavailable, source.BadClient, false},
		"not authorized for no reason": {400, refused("NotAuthorizedException", "Something new."), source.Unavailable, source.Unexpected, false},
		"of nobody":                    {400, refused("aws#UserNotFoundException", "User does not exist."), source.NoMatch, source.UnknownThere, false},
		"to be reset":                  {400, refused("PasswordResetRequiredException", ""), source.NoMatch, source.MustReset, false},
		"of an unconfirmed account":    {400, refused("UserNotConfirmedException", ""), source.NoMatch, source.Unconfirmed, false},
		"too often asked":              {400, refused("TooManyRequestsException", ""), source.Unavailable, source.RateLimited, false},
		"in a pool that is not there":  {400, refused("ResourceNotFoundException", ""), source.Unavailable, source.BadClient, false},
		"in a flow that is off":        {400, refused("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"), source.Unavailable, source.BadClient, false},
		"refused by a trigger":         {400, refused("UserLambdaValidationException", ""), source.Unavailable, source.Unexpected, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := pool(t, test.status, test.said)
			for _, finds := range []bool{false, true} {
				answer := sourcetest.Verify(t, cognito.Open, server.Spec(connection(finds)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
				if answer.Verdict != test.verdict || answer.Reason != test.reason || answer.SecondFactor != test.second {
					t.Errorf("got %+v", answer)
				}
				if test.second && (answer.Element != nil) != finds {
					t.Errorf("behind a factor: %v", answer.Element)
				}
				if answer.Element != nil && (!strings.Contains(string(answer.Element.Raw), `"Attributes":[{"Name":"sub"`) || !strings.Contains(string(answer.Element.Raw), `"UserStatus":"CONFIRMED"`)) {
					t.Errorf("%s", answer.Element.Raw)
				}
			}
		})
	}
}

func TestAnAnswerAboutSomebodyElseIsNotBelieved(t *testing.T) {
	server := pool(t, 200, `{"AuthenticationResult":{"AccessToken":"t"}}`)
	answer := sourcetest.VerifyAs(t, cognito.Open, server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets), "eva@acme.example")
	if answer.Verdict != source.Unavailable || answer.Reason != source.OtherPerson {
		t.Errorf("got %+v", answer)
	}
}

func TestCognitoThatMisbehavesHasSaidNothing(t *testing.T) {
	sourcetest.Misbehaviour(t, cognito.Open, connection(false), secrets)
}

func TestSomebodyIsFoundByWhateverThePoolTakes(t *testing.T) {
	server := pool(t, 200, "")
	system, err := cognito.Open(t.Context(), server.Spec(connection(true)), sourcetest.Deps(&sourcetest.Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	for identifier, want := range map[string]bool{"ana@acme.example": true, "8f1c": true, "eva": false, "a b": false, "": false} {
		if _, found, err := system.Finder.Find(t.Context(), identifier); found != want || err != nil {
			t.Errorf("%q: %v, %v", identifier, found, err)
		}
	}
}

func TestEverybodyIsReadThoughCognitoThrottles(t *testing.T) {
	server := pool(t, 200, "")
	sourcetest.Fetched(t, cognito.Open, server.Spec(connection(true)), secrets, 150)
}
