// Package directory finds and changes customers, and keeps the secrets of
// applications.
//
// It owns three rules: how what somebody typed becomes a person
// ([Directory.Find]), what it means to disable one or to sign them out everywhere
// ([Directory.Disable], [Directory.SignOut], [Cut]), and
// what an application is told to call one ([Subject]). What customers prove and
// which sessions they have is service/signin's; bringing them from an earlier
// system is service/intake's.
package directory
