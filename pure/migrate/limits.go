package migrate

import "sallyport/pure/cut"

// What one export may ask of us. A row beyond them is held, a header beyond
// them refuses the file.
const (
	MaxField   = cut.MaxField // bytes of one value of CSV
	MaxColumns = cut.MaxColumns
	MaxRow     = cut.MaxRow // bytes of one row
	MaxKey     = 256        // bytes of a record's key

	maxName      = 200 // bytes of a customer's name
	maxAttribute = 4 << 10
	maxGroup     = 63
	maxFields    = 200 // mapped fields of a plan
	maxSpecified = 1000

	// maxContested bounds what a Contest remembers: about 48 MiB.
	maxContested = 1 << 20
)
