package passhash

// Bounds are the largest costs that Parse accepts. An imported hash is the
// attacker's choice when the import is, so each is checked before any work.
type Bounds struct {
	EncodedBytes  int // length of an encoded hash
	PasswordBytes int // length of a password given to New or Verify
	CryptBytes    int // the same for crypt(3) kinds, whose work grows with it
	SaltBytes     int // length of a salt, key, pepper or fixed text
	SumBytes      int // length of a derived sum
	MinSumBytes   int // a shorter sum would be found by guessing

	BcryptCost     int    // log2 of the rounds
	Argon2KiB      uint32 // memory
	Argon2Time     uint32 // passes
	Argon2Threads  uint8  // lanes
	ScryptBytes    uint64 // memory, 128·N·r, of scrypt, Firebase scrypt and yescrypt
	ScryptParallel int    // p; memory times p stays within four times ScryptBytes
	PBKDF2Rounds   int    // iterations times output blocks
	SHACryptRounds int    // crypt(3) $5$ and $6$
	PHPassLog2     int    // log2 of the rounds of phpass and Drupal 7
	DigestRounds   int    // repetitions of a plain digest
	FeedbackRounds int    // the same where each round takes in salt and password again
}

// Limits are the bounds in force: at them a single verification takes seconds
// and a quarter of a gibibyte, never more. They are read only.
var Limits = Bounds{
	EncodedBytes:  8 << 10,
	PasswordBytes: 1024,
	CryptBytes:    512, // as libxcrypt's CRYPT_MAX_PASSPHRASE_SIZE
	SaltBytes:     1024,
	SumBytes:      512,
	MinSumBytes:   8,

	BcryptCost:     15,
	Argon2KiB:      256 << 10,
	Argon2Time:     16,
	Argon2Threads:  16,
	ScryptBytes:    256 << 20,
	ScryptParallel: 16,
	PBKDF2Rounds:   10_000_000,
	SHACryptRounds: 1_000_000,
	PHPassLog2:     20,
	DigestRounds:   1_000_000,
	FeedbackRounds: 50_000,
}

// maxSteps bounds the pipeline: a few transforms, an algorithm, a wrap.
const maxSteps = 8
