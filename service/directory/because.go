package directory

// Because gives a directory whose changes the ledger tells with a reason, which
// whoever asks for them has typed. It is no place for personal data. An empty
// reason is none.
func (d *Directory) Because(reason string) *Directory {
	with := *d
	with.reason = reason
	return &with
}
