package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestRFC6749_5_2_ErrorsCarryTheirStatusAndBody(t *testing.T) {
	for _, test := range []struct {
		err    *Error
		status int
		body   string
	}{
		{InvalidRequest("scope is repeated"), 400, `{"error":"invalid_request","error_description":"scope is repeated"}`},
		{InvalidClient(""), 401, `{"error":"invalid_client"}`},
		{InvalidGrant("spent"), 400, `{"error":"invalid_grant","error_description":"spent"}`},
		{InvalidScope("x"), 400, `{"error":"invalid_scope","error_description":"x"}`},
		{InvalidTarget("x"), 400, `{"error":"invalid_target","error_description":"x"}`},
		{UnauthorizedClient("x"), 400, `{"error":"unauthorized_client","error_description":"x"}`},
		{AccessDenied("x"), 403, `{"error":"access_denied","error_description":"x"}`},
		{LoginRequired("x"), 400, `{"error":"login_required","error_description":"x"}`},
		{ConsentRequired("x"), 400, `{"error":"consent_required","error_description":"x"}`},
		{InvalidToken("x").WithReference("r-1"), 401, `{"error":"invalid_token","error_description":"x","reference":"r-1"}`},
		{InsufficientScope("x"), 403, `{"error":"insufficient_scope","error_description":"x"}`},
		{NewError(CodeInsufficientUserAuthentication, "x"), 401, `{"error":"insufficient_user_authentication","error_description":"x"}`},
		{NewError(CodeTemporarilyUnavailable, "x"), 503, `{"error":"temporarily_unavailable","error_description":"x"}`},
		{ServerError(errors.New("disk full at 10.0.0.1")), 500, `{"error":"server_error","error_description":"the server could not complete the request"}`},
		{&Error{Code: CodeInvalidRequest, Status: http.StatusRequestEntityTooLarge}, 413, `{"error":"invalid_request"}`},
		{&Error{Code: CodeInvalidToken}, 401, `{"error":"invalid_token"}`},
		{&Error{Code: "x\n", Description: "a\"b\\c\r\né\x7f", Reference: "\""}, 400, `{"error":"x?","error_description":"a?b?c?????","reference":"?"}`},
	} {
		t.Run(string(test.err.Code), func(t *testing.T) {
			body, err := json.Marshal(test.err)
			if err != nil || string(body) != test.body || test.err.HTTPStatus() != test.status {
				t.Errorf("got %d %s, %v", test.err.HTTPStatus(), body, err)
			}
		})
	}
}

func TestAnErrorIsFoundInItsChainAndKeepsItsCauseToItself(t *testing.T) {
	cause := errors.New("disk full at 10.0.0.1")
	err := fmt.Errorf("issue token: %w", ServerError(cause))
	if CodeOf(err) != CodeServerError || !errors.Is(err, cause) || CodeOf(cause) != "" || CodeOf(nil) != "" {
		t.Error("the chain is broken")
	}
	if strings.Contains(err.Error(), "10.0.0.1") {
		t.Errorf("shows %v", err)
	}
	plain := InvalidGrant("spent")
	if with := plain.WithReference("r"); plain.Reference != "" || with.Reference != "r" || with.Code != plain.Code {
		t.Error("WithReference changes the original")
	}
	if long := InvalidRequest(strings.Repeat("a", 10000)); len(long.Description) > maxTextBytes {
		t.Errorf("a description of %d bytes", len(long.Description))
	}
}
