package ldap

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"sallyport/service/source"
)

// Verify implements [source.Verifier]: it finds the entry, and binds as it.
func (d *directory) Verify(ctx context.Context, login source.Login) source.Answer {
	if len(login.Password) == 0 { // an unauthenticated bind always succeeds
		return source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
	}
	s, err := d.connect(ctx)
	if err != nil {
		return source.Unable(source.FaultOf(ctx, err))
	}
	defer s.close()
	entry, err := d.lookUp(ctx, s, login.Identifier)
	if err != nil {
		return source.Unable(source.FaultOf(ctx, err))
	}
	if entry == nil {
		return source.Answer{Verdict: source.NoMatch, Reason: source.UnknownThere}
	}
	answer := d.bind(ctx, s, entry.DN, login.Password)
	if answer.Verdict != source.Match {
		return answer
	}
	if answer.Element, err = d.element(entry); err != nil {
		return source.Unable(source.FaultOf(ctx, err))
	}
	return answer
}

// bind asks whether the password is that of an entry.
func (d *directory) bind(ctx context.Context, s *session, dn string, password []byte) source.Answer {
	s.raw.allow(maxQuestion)
	request := ldap.NewSimpleBindRequest(dn, string(password), []ldap.Control{ldap.NewControlBeheraPasswordPolicy()})
	result, err := s.SimpleBind(request)
	policy := policyOf(result)
	var failed *ldap.Error
	switch {
	case err == nil && policy == changeAfterReset:
		return source.Answer{Verdict: source.NoMatch, Reason: source.MustReset}
	case err == nil:
		return source.Answer{Verdict: source.Match}
	case errors.As(err, &failed) && failed.ResultCode < ldap.ErrorNetwork && s.raw.broken() == nil && ctx.Err() == nil:
		return refusal(failed, policy)
	}
	return source.Unable(d.faultOf(ctx, s, err))
}

// Errors of the password policy control (draft-behera-ldap-password-policy-11 §6.2);
// none is -1.
const (
	passwordExpired  = 0
	accountLocked    = 1
	changeAfterReset = 2
)

func policyOf(result *ldap.SimpleBindResult) int {
	if result == nil {
		return -1
	}
	if c, is := ldap.FindControl(result.Controls, ldap.ControlTypeBeheraPasswordPolicy).(*ldap.ControlBeheraPasswordPolicy); is && c != nil {
		return int(c.Error)
	}
	return -1
}

// activeDirectory finds the number in what Active Directory says of a refused bind.
var activeDirectory = regexp.MustCompile(`\bdata ([0-9a-f]{1,8})\b`)

// refusal reads a refused bind. What says nothing of the password is Unavailable.
func refusal(failed *ldap.Error, policy int) source.Answer {
	no := func(why source.Reason) source.Answer { return source.Answer{Verdict: source.NoMatch, Reason: why} }
	unable := func(why source.Reason) source.Answer { return source.Answer{Reason: why} }
	words := diagnostic(failed)
	switch failed.ResultCode {
	case ldap.LDAPResultInvalidCredentials:
		switch {
		case policy == accountLocked: // whether or not it is the right one
			return unable(source.LockedThere)
		case policy == passwordExpired, policy == changeAfterReset:
			return no(source.MustReset)
		}
		return sayingSo(words)
	case ldap.LDAPResultInappropriateAuthentication: // the entry has no password
		return no(source.WrongPassword)
	case ldap.LDAPResultNoSuchObject: // it went between the two questions
		return no(source.UnknownThere)
	case ldap.LDAPResultUnwillingToPerform:
		if strings.Contains(words, "inactivated") { // 389 Directory Server
			return no(source.DisabledThere)
		}
	case ldap.LDAPResultConstraintViolation:
		if strings.Contains(words, "retry limit") {
			return unable(source.LockedThere)
		}
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultOther:
		return unable(source.Broken)
	case ldap.LDAPResultReferral:
		return unable(source.Redirected)
	case ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultInsufficientAccessRights:
		return unable(source.BadClient)
	}
	return unable(source.Unexpected)
}

// sayingSo reads invalidCredentials by the words of Active Directory. It tells all but
// a lock only to whoever has the right password.
func sayingSo(words string) source.Answer {
	number := activeDirectory.FindStringSubmatch(words)
	if number == nil {
		return source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
	}
	switch strings.TrimLeft(number[1], "0") {
	case "775":
		return source.Answer{Reason: source.LockedThere}
	case "532", "773":
		return source.Answer{Verdict: source.NoMatch, Reason: source.MustReset}
	case "530", "531", "533", "701":
		return source.Answer{Verdict: source.NoMatch, Reason: source.DisabledThere}
	case "525":
		return source.Answer{Verdict: source.NoMatch, Reason: source.UnknownThere}
	}
	return source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
}

// diagnostic is what the directory says in words, for looking at alone.
func diagnostic(failed *ldap.Error) string {
	if failed.Err == nil {
		return ""
	}
	words := failed.Err.Error()
	return strings.ToLower(words[:min(len(words), 1000)])
}

// faultOf tells why a question came to no answer.
func (d *directory) faultOf(ctx context.Context, s *session, err error) *source.Fault {
	if fault := s.raw.broken(); fault != nil {
		return fault
	}
	if ctx.Err() != nil {
		return source.FaultOf(ctx, ctx.Err())
	}
	var failed *ldap.Error
	if !errors.As(err, &failed) || failed.ResultCode >= ldap.ErrorNetwork {
		return source.FaultOf(ctx, err)
	}
	switch failed.ResultCode {
	case ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultOperationsError,
		ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return &source.Fault{Reason: source.BadClient, What: "the directory does not let the account search"}
	case ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInappropriateMatching:
		return &source.Fault{Reason: source.NotConfigured, What: "base: names nothing, or a filter does not fit"}
	case ldap.LDAPResultReferral:
		return &source.Fault{Reason: source.Redirected, What: "the directory sends us elsewhere"}
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultOther, ldap.LDAPResultTimeLimitExceeded:
		return &source.Fault{Reason: source.Broken, What: "the directory says that it cannot answer"}
	case ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return &source.Fault{Reason: source.BadClient, What: "the directory gives the account fewer entries than there are"}
	}
	return &source.Fault{Reason: source.Unexpected, What: "the directory answers what is not understood"}
}
