package config

// Kind names what an object is.
type Kind string

// The kinds, as `kind:` spells them.
const (
	KindTenant       Kind = "tenant"
	KindServer       Kind = "authorization-server"
	KindApplication  Kind = "application"
	KindAPI          Kind = "api"
	KindProduct      Kind = "product"
	KindBrand        Kind = "brand"
	KindJourney      Kind = "journey"
	KindMigration    Kind = "migration"
	KindExpectations Kind = "expectations"
	KindHook         Kind = "hook"
	KindSender       Kind = "sender"
	KindMessage      Kind = "message"
	KindDocument     Kind = "document"
	KindPurpose      Kind = "purpose"
	KindRecords      Kind = "records"
)

// holder is an object of any kind.
type holder interface{ meta() *Meta }

func (m *Meta) meta() *Meta { return m }

// kinds makes an empty object of each kind.
var kinds = []struct {
	kind  Kind
	fresh func() holder
}{
	{KindTenant, func() holder { return new(Tenant) }},
	{KindServer, func() holder { return new(Server) }},
	{KindApplication, func() holder { return new(Application) }},
	{KindAPI, func() holder { return new(API) }},
	{KindProduct, func() holder { return new(Product) }},
	{KindBrand, func() holder { return new(Brand) }},
	{KindJourney, func() holder { return new(Journey) }},
	{KindMigration, func() holder { return new(Migration) }},
	{KindExpectations, func() holder { return new(Expectations) }},
	{KindHook, func() holder { return new(Hook) }},
	{KindSender, func() holder { return new(Sender) }},
	{KindMessage, func() holder { return new(Message) }},
	{KindDocument, func() holder { return new(Document) }},
	{KindPurpose, func() holder { return new(Purpose) }},
	{KindRecords, func() holder { return new(Records) }},
}

// fresh is an empty object of a kind, nil if there is no such kind.
func (k Kind) fresh() holder {
	for _, one := range kinds {
		if one.kind == k {
			return one.fresh()
		}
	}
	return nil
}

func kindNames() []string {
	var names []string
	for _, one := range kinds {
		names = append(names, string(one.kind))
	}
	return names
}
