package directory

import "sallyport/store"

// What is kept of accounts and agreements, as the store has it.
type (
	AccountMember = store.AccountMember
	KeptAgreement = store.Agreement
)

// The kinds of agreements.
const (
	AgreedDocument = store.AgreedDocument
	AgreedPurpose  = store.AgreedPurpose
)
