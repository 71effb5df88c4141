package legacy

import "sallyport/protocol/otp"

// Usable tells whether a second factor can be used here: whether codes can be checked
// with its key, or its address be one. Of recovery codes that is seen only when they
// are sealed.
func (f *Factor) Usable() bool {
	var err error
	switch f.Kind {
	case TOTP:
		_, err = otp.KeyOf(f.Secret, f.Algorithm, f.Digits, f.Period)
	case HOTP:
		_, err = otp.CountedOf(f.Secret, f.Algorithm, f.Digits, f.Counter)
	case Phone, Email:
		a := otp.Address{Address: f.Address, Verified: f.Verified}
		err = a.Check()
	case Recovery:
		return len(f.Codes) > 0 || f.Kept != nil
	}
	return err == nil
}
