package config

// Limits of a tree. They hold for files, for what Decode reads, and for what
// variables may grow to; all are far above what real tenants have.
const (
	MaxFile     = 4 << 20  // bytes of one file
	MaxFiles    = 2000     // files of a tree
	MaxTree     = 32 << 20 // bytes of all files
	MaxObjects  = 20_000   // documents of a tree
	MaxItems    = 5000     // entries of one list or table
	MaxPath     = 255      // bytes of a file's path
	MaxLogo     = 32 << 10 // bytes of a brand's logo
	MaxProblems = 200      // problems that are told at once
	MaxText     = 8 << 10  // bytes of a text once variables are filled in

	maxNesting  = 50      // of YAML within a document
	maxExpanded = 8 << 20 // bytes that variables may add to a whole tree
)
