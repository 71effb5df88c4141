package route

// Limits. They bound the work that one document or one call can cause; all are
// far above what real APIs use.
const (
	// MaxDocument is the largest OpenAPI document that Compile reads, in bytes.
	MaxDocument = 4 << 20
	// MaxPath is the longest path that Canonicalise accepts, in bytes.
	MaxPath = 8 << 10
	// MaxSegments is the largest number of path segments accepted.
	MaxSegments = 64
	// DefaultMaxBody is the largest request body that ValidateBody checks when
	// Options.MaxBody is zero, in bytes.
	DefaultMaxBody = 1 << 20

	maxDocumentNodes = 400_000 // after aliases are expanded
	maxNesting       = 100     // of a document or a body
	maxBodyNodes     = 200_000
	maxPaths         = 5_000
	maxReferences    = 32 // a reference to a reference to ...
	maxNumber        = 64 // bytes of one number literal
	maxExponent      = 308
	maxProblems      = 100
	maxViolations    = 8

	// maxEffort is how many schema applications one body may cost. A tenth of
	// a second on a slow core, and a thousand times what an ordinary body asks.
	maxEffort = 1_000_000
)
