package meterman

import (
	"crypto/sha256"
	"fmt"
)

// Person is a customer of the story, as a demonstration introduces them.
type Person struct {
	Name      string
	Login     string
	Email     string // empty: none
	Phone     string
	Password  string
	AccountNo string
	Town      string
	Segment   string   // R, C or L
	Groups    []string // what the demonstration's migration makes of Segment
	Story     string
}

// segments names the groups that the segments become.
var segments = map[string]string{"R": "residential", "C": "commercial", "L": "landlords"}

// People are those whom the story follows; the first customers of the export,
// in this order. Nothing is wrong with any of their records.
func People() []Person {
	people := []Person{
		{
			Name: "Dana Reyes", Login: "dana.reyes", Email: "dana.reyes@harbourlight.test", Phone: "(212) 555-0100", Town: "Harbour Point", Segment: "R",
			Story: "wants to pay quickly, with the login that she has had for years",
		},
		{
			Name: "Otis Bell", Login: "otis.bell", Phone: "212-555-0101", Town: "Gull Quay", Segment: "R",
			Story: "is 78, has a landline and no e-mail address",
		},
		{
			Name: "Rita Solano", Login: "rita.solano", Email: "rita.solano@harbourlight.test", Phone: "212.555.0102", Town: "Lantern Hill", Segment: "R",
			Story: "works at the support desk, and is a customer like any other at home",
		},
		{
			Name: "Mei Castellan", Login: "castellan.bakery", Email: "mei@castellan-bakery.example", Phone: "+1 212 555 0103", Town: "Harbour Point", Segment: "C",
			Story: "runs a bakery with three ovens and one bill",
		},
		{
			Name: "Ivo Larkin", Login: "LARKIN-ESTATES", Email: "ivo@larkin-estates.example", Phone: "(212) 555-0104", Town: "Steam Row", Segment: "L",
			Story: "lets eleven flats and pays for the light in the stairs",
		},
		{
			Name: "Zoë Núñez", Login: "zoe.nunez", Email: "zoe.nunez@letterbox.test", Phone: "212-555-0105", Town: "Gull Quay", Segment: "R",
			Story: "moves house next week",
		},
	}
	for i := range people {
		p := &people[i]
		p.Password = Password(p.Login)
		p.AccountNo = accountNumber(i)
		p.Groups = []string{segments[p.Segment]}
	}
	return people
}

// words make passwords that can be read out.
var words = [...]string{
	"anchor", "beacon", "copper", "dynamo", "ember", "ferry", "gauge", "harbour", "island", "jetty", "kettle", "lantern", "meter",
	"nickel", "orchard", "pylon", "quay", "rudder", "signal", "tide", "umber", "valve", "winch", "zephyr", "boiler", "cable",
	"drum", "fuse", "gull", "hinge", "lamp", "mast",
}

// Password is the MeterMan password of whoever has that login, as it is spelt in
// the export. Anybody can compute it: see the package comment.
func Password(login string) string {
	sum := sha256.Sum256([]byte("harbourlight demo " + login))
	return fmt.Sprintf("%s-%s-%02d", words[sum[0]%32], words[sum[1]%32], sum[2]%100)
}

// accountNumber is the number on the bills of the i-th customer.
func accountNumber(i int) string { return fmt.Sprintf("HL-%04d-%03d", 1000+i*7%9000, i*37%1000) }
