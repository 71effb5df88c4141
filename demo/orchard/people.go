package orchard

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Person is a customer of the story, as a demonstration introduces them.
type Person struct {
	Name, Email, Password, AccountNo, Story string
}

// Juno is the customer whom the story follows; nothing is wrong with her record.
func Juno() Person {
	const email = "juno.applegarth@orchardvalley.test"
	return Person{
		Name: "Juno Applegarth", Email: email, Password: Password(email), AccountNo: accountNumber(0),
		Story: "came with Orchard Valley Power, from Auth0, and signs in with the password that she had there",
	}
}

var (
	givenNames = strings.Fields(`Abel Blythe Cyrus Dilys Eamon Flora Gideon Hester Ivor Jessamy Kit Linus Maud Nell Orla Piers Quill
		Rufus Saskia Tamsin Ulric Vesta Wilf Xanthe Ysolde Zeb`)
	familyNames = strings.Fields(`Appletree Bramley Codling Damson Elderfield Fennel Greengage Hazelwood Ivory Juniper Kerne Larch
		Medlar Nettle Orchardson Pippin Quince Russet Sorrel Thornapple Umber Verjuice Winterbourne Yewdale`)
	towns = []string{"Orchard Cross", "Pippin Hill", "Cidermill", "Blossom End", "Long Furrow"}
	words = strings.Fields(`apple bough core dew elder fallow graft hive ivy juice ladle millet nectar oat press quill rake stem thorn
		vine willow yoke barn crate drill fence`)
)

// Password is the Auth0 password of whoever has that address. Anybody can
// compute it: see the package comment.
func Password(email string) string {
	sum := sha256.Sum256([]byte("orchard valley demo " + email))
	return fmt.Sprintf("%s-%s-%02d", words[int(sum[0])%len(words)], words[int(sum[1])%len(words)], sum[2]%100)
}

// accountNumber is the number on the bills of the i-th customer.
func accountNumber(i int) string { return fmt.Sprintf("OV-%04d-%03d", 2000+i*11%7000, i*53%1000) }
