package firebase

import (
	"net/http"
	"strings"

	"sallyport/service/source"
)

// wordOf is the first word of an error's message, which is a stable one.
func wordOf(answer *source.Response) string {
	var said struct {
		Error struct {
			Message string `json:"message"`
			Status  string `json:"status"`
		} `json:"error"`
	}
	if answer.Decode(&said) != nil {
		return ""
	}
	word, _, _ := strings.Cut(said.Error.Message, " ")
	if strings.HasPrefix(said.Error.Message, "API key") {
		return "API_KEY_INVALID"
	}
	return strings.TrimSuffix(word, ":")
}

// judge tells what an error of signInWithPassword says of the password.
func judge(answer *source.Response) source.Answer {
	switch wordOf(answer) {
	case "EMAIL_NOT_FOUND", "INVALID_EMAIL", "MISSING_EMAIL":
		return source.No(source.UnknownThere)
	case "INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS", "MISSING_PASSWORD":
		return source.No(source.WrongPassword)
	case "USER_DISABLED":
		return source.No(source.DisabledThere)
	case "PASSWORD_DOES_NOT_MEET_REQUIREMENTS":
		return source.No(source.MustReset)
	case "TOO_MANY_ATTEMPTS_TRY_LATER": // of this account
		return source.Answer{Reason: source.LockedThere}
	}
	return source.Unable(fault(answer))
}

// fault tells why the service does not answer a question, whatever it was.
func fault(answer *source.Response) *source.Fault {
	switch wordOf(answer) {
	case "API_KEY_INVALID", "OPERATION_NOT_ALLOWED", "PASSWORD_LOGIN_DISABLED", "CONFIGURATION_NOT_FOUND", "PROJECT_NOT_FOUND",
		"TENANT_NOT_FOUND", "INVALID_TENANT_ID", "INVALID_PROJECT_ID", "UNSUPPORTED_TENANT_OPERATION", "ADMIN_ONLY_OPERATION",
		"INSUFFICIENT_PERMISSION", "PERMISSION_DENIED":
		return &source.Fault{Reason: source.BadClient, What: "the API key, the project or the service account is not as it must be"}
	case "QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED":
		return &source.Fault{Reason: source.RateLimited, What: "too many requests"}
	}
	if answer.Status == http.StatusBadRequest {
		return &source.Fault{Reason: source.Unexpected, What: "an error that is not known"}
	}
	return answer.Fault()
}
