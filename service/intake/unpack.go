package intake

import "io"

// Unpacked gives what is in a gzip file, and anything else as it is, for whoever
// keeps exports otherwise than [Spool]. Reading gives [ErrUnpacked] of a file that
// is damaged, or that grows to far more than any export does, and errors of from.
func Unpacked(from io.Reader) (io.Reader, error) { return unpacked(from) }
