// Package otp makes and checks the second factors that a customer types: codes
// of authenticator apps (TOTP, RFC 6238 over HOTP, RFC 4226), the otpauth
// addresses that such apps scan, and recovery codes. It keeps nothing: which
// step or recovery code was used already is for the caller to store, and
// service/signin does.
//
// A code is accepted one step early and one step late, so that clocks may
// differ and people may be slow (RFC 6238 §5.2). [Key.Match] tells the step
// that matched, because a step must be taken once only.
package otp
