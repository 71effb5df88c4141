package cognito

import (
	"strings"

	"sallyport/service/source"
)

// refusal is an error as the service writes it.
type refusal struct {
	Type    string `json:"__type"` // perhaps behind a name space and #
	Message string `json:"message"`
}

func refusalOf(answer *source.Response) (refusal, bool) {
	var said refusal
	if answer.Decode(&said) != nil || said.Type == "" {
		return refusal{}, false
	}
	if i := strings.LastIndexByte(said.Type, '#'); i >= 0 {
		said.Type = said.Type[i+1:]
	}
	return said, true
}

// judge tells what an error of InitiateAuth says of the password.
func judge(answer *source.Response) source.Answer {
	said, is := refusalOf(answer)
	if !is {
		return source.Unable(answer.Fault())
	}
	switch said.Type {
	case "NotAuthorizedException":
		return notAuthorized(said.Message)
	case "UserNotFoundException":
		return source.No(source.UnknownThere)
	case "PasswordResetRequiredException":
		return source.No(source.MustReset)
	case "UserNotConfirmedException":
		return source.No(source.Unconfirmed)
	}
	return source.Unable(fault(answer))
}

// notAuthorized parts what the service has one type for.
func notAuthorized(message string) source.Answer {
	switch {
	case strings.HasPrefix(message, "Incorrect username or password"):
		return source.No(source.WrongPassword)
	case strings.HasPrefix(message, "User is disabled"):
		return source.No(source.DisabledThere)
	case strings.HasPrefix(message, "Temporary password has expired"):
		return source.No(source.MustReset)
	case strings.HasPrefix(message, "Password attempts exceeded"):
		return source.Answer{Reason: source.LockedThere}
	case strings.Contains(message, "SECRET_HASH"), strings.Contains(message, "secret hash"), strings.Contains(message, "Client "):
		return source.Answer{Reason: source.BadClient}
	}
	return source.Answer{Reason: source.Unexpected}
}

// fault tells why the service does not answer a question, whatever it was.
func fault(answer *source.Response) *source.Fault {
	said, is := refusalOf(answer)
	if !is {
		return answer.Fault()
	}
	switch said.Type {
	case "TooManyRequestsException", "LimitExceededException", "ThrottlingException", "RequestLimitExceeded":
		return &source.Fault{Reason: source.RateLimited, What: "too many requests"}
	case "InternalErrorException", "InternalFailure", "ServiceUnavailable":
		return &source.Fault{Reason: source.Broken, What: "an internal error"}
	case "ResourceNotFoundException", "InvalidParameterException", "AccessDeniedException", "UnrecognizedClientException",
		"InvalidSignatureException", "SignatureDoesNotMatch", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"ExpiredTokenException", "InvalidUserPoolConfigurationException", "NotAuthorizedException":
		return &source.Fault{Reason: source.BadClient, What: "the app client, the pool or the access key is not as it must be"}
	}
	return answer.Fault()
}
