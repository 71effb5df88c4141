package meterman

import "strings"

var firstNames = strings.Fields(`Ada Alma Amos Anouk Arlo Asha Bea Bram Cato Cleo Cora Dario Della Edda Elio Emre Enid Esme Ezra Faye
	Finn Gwen Hana Hugo Ida Inez Ione Iris Isla Jago Jona Jude Kaia Kofi Lars Leda Lena Lino Lotte Luca Mabel Mara Milo Mina Nadia
	Nico Nora Odin Olga Omar Opal Otto Petra Pia Quinn Rafe Remy Rhea Rory Rosa Saul Selma Sina Tess Theo Tove Uma Vera Viggo Wren
	Yara Yusuf Zelda Zoë André Noël`)

var lastNames = strings.Fields(`Abbott Achterberg Alder Amari Ashdown Baptiste Barrow Bellweather Birch Blanchard Brask Calloway Carrow Castell
	Cobb Corwin Dalgaard Danvers Darrow Devane Drummond Eastlake Ellery Everard Fairchild Farrow Fennimore Fielding Garrick
	Gladwell Greer Hadley Halloran Harrow Hartigan Holloway Ibsen Ingram Jessop Juniper Kessler Kingsley Kovac Lachance Larkspur
	Lindqvist Lockhart Marchetti Marlow Merrick Mistry Moreau Nakagawa Northcott Núñez Oakes Okafor Ostrander Pemberton
	Pickering Quarles Ravenhill Redfern Rosales Sandoval Sedgwick Shale Sinclair Sørensen Stirling Tanaka Thackeray Thorne Umbridge
	Vasquez Verhoeven Wainwright Weatherby Whitlock Winslow Yarrow Zielinski`)

// tradeNames and trades make businesses.
var tradeNames = strings.Fields(`Anchor Beacon Copper Dockside Eastgate Foghorn Gaslight Hillside Ironbridge Junction Keystone Lighthouse
	Millpond Northside Oakwood Pierhead Quayside Riverside Steamside Tollgate`)

var trades = strings.Fields(`Bakery Books Brewing Ceramics Cycles Dental Florist Garage Hardware Laundry Optics Pharmacy Press Tailors Veterinary`)

var towns = []string{
	"Harbour Point", "Gull Quay", "Lantern Hill", "Steam Row", "Eastlight", "Saltmarsh", "Millrace", "Northmoor", "Tidewater", "Old Foundry",
}

// domains are reserved by RFC 2606 and RFC 6761, and lead nowhere.
var domains = []string{"letterbox.test", "quaymail.test", "post.example", "inbox.example", "tidewater.test"}

// areaCodes give a hundred fictional numbers each, 555-0100 to 555-0199.
var areaCodes = strings.Fields(`212 315 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934 201 551 609 732 848`)

// plain spells a name for a login or an address.
var plain = strings.NewReplacer("ë", "e", "é", "e", "ú", "u", "ñ", "n", "ø", "o", " ", ".")

func spelt(name string) string { return plain.Replace(strings.ToLower(name)) }
