package ldif

import (
	"strconv"
	"strings"

	"sallyport/pure/legacy"
)

// Flags of Active Directory's userAccountControl.
const (
	accountDisabled = 0x2
	accountLocked   = 0x10
	passwordExpired = 0x800000
)

// forEver is how the password policy of OpenLDAP writes a lock without an end.
const forEver = "000001010000Z"

// state knows the attributes in which servers keep people out. The strictest that
// is said counts; one that is not understood makes the whole unclear. Locks with an
// end count as if they lasted: an entry does not say what time it is.
func (e *entry) state() legacy.State {
	said, worst := false, legacy.Active
	rank := map[legacy.State]int{legacy.Active: 0, legacy.MustReset: 1, legacy.Locked: 2, legacy.Disabled: 3, legacy.Unclear: 4}
	for _, read := range []func() (legacy.State, bool){e.lockedTime, e.control, e.lockout, e.reset} {
		if state, is := read(); is {
			said = true
			if rank[state] > rank[worst] {
				worst = state
			}
		}
	}
	for _, name := range []string{"nsaccountlock", "ds-pwp-account-disabled", "logindisabled", "pwdaccountdisabled"} {
		if state, is := e.closed(name); is {
			said = true
			if rank[state] > rank[worst] {
				worst = state
			}
		}
	}
	if !said {
		return ""
	}
	return worst
}

// closed reads a flag of 389 Directory Server, OpenDJ or eDirectory.
func (e *entry) closed(name string) (legacy.State, bool) {
	switch strings.ToLower(e.value(name)) {
	case "":
		return "", false
	case "true":
		return legacy.Disabled, true
	case "false":
		return legacy.Active, true
	}
	return legacy.Unclear, true
}

func (e *entry) lockedTime() (legacy.State, bool) {
	switch text := e.value("pwdaccountlockedtime"); text {
	case "":
		return "", false
	case forEver:
		return legacy.Disabled, true
	}
	return legacy.Locked, true
}

func (e *entry) control() (legacy.State, bool) {
	text := e.value("useraccountcontrol")
	if text == "" {
		return "", false
	}
	flags, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return legacy.Unclear, true
	case flags&accountDisabled != 0:
		return legacy.Disabled, true
	case flags&accountLocked != 0:
		return legacy.Locked, true
	case flags&passwordExpired != 0:
		return legacy.MustReset, true
	}
	return legacy.Active, true
}

// lockout reads when Active Directory locked somebody: 0 is never.
func (e *entry) lockout() (legacy.State, bool) {
	switch e.value("lockouttime") {
	case "":
		return "", false
	case "0":
		return legacy.Active, true
	}
	return legacy.Locked, true
}

// reset reads whether the password must be changed before it counts.
func (e *entry) reset() (legacy.State, bool) {
	switch {
	case strings.EqualFold(e.value("pwdreset"), "true"), e.value("pwdlastset") == "0":
		return legacy.MustReset, true
	case e.value("pwdreset") != "", e.value("pwdlastset") != "":
		return legacy.Active, true
	}
	return "", false
}
