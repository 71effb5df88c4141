package interop

import (
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sallyport/interop/harness"
)

var pictures = flag.Bool("pictures", false, "take the pictures of docs/pictures anew (make pictures)")

// mostBytes is what one picture of the documents may weigh.
const mostBytes = 150 << 10

// With -pictures the pictures in the documents are taken from a demo of today.
func TestPicturesOfTheDocuments(t *testing.T) {
	const kept = "../docs/pictures"
	if *pictures {
		taken := t.TempDir()
		runScript(t, "pictures.test.mjs", append(touring(t), "PICTURES="+taken)...)
		runScript(t, "pictures-change.test.mjs", append(waiting(t), "PICTURES="+taken)...)
		names, err := filepath.Glob(filepath.Join(taken, "*.png"))
		if err != nil || t.Failed() {
			t.Fatal("no pictures are taken: ", err)
		}
		for _, name := range names {
			shrink(t, name, filepath.Join(kept, filepath.Base(name)))
		}
	}
	names, err := filepath.Glob(filepath.Join(kept, "*.png"))
	if err != nil || len(names) == 0 {
		t.Fatal("there are no pictures: ", err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > mostBytes {
			t.Errorf("%s has %d bytes, at most %d", name, info.Size(), mostBytes)
		}
	}
}

// waiting starts a demo as it begins, with a change that waits, and invites somebody.
func waiting(t *testing.T) (environment []string) {
	t.Helper()
	chromium := harness.Chromium(t)
	demo := harness.StartDemo(t, harness.Launch{})
	var made struct{ URL string }
	demo.RunJSON(t, &made, "operator", "link", "--role", "security", "--at", "harbourlight")
	return []string{"SALLYPORT_READY=" + demo.ReadyFile, "CHROMIUM=" + chromium, "SALLYPORT_OPERATOR_LINK=" + made.URL}
}

// shrink writes a picture with 256 colours, which is what pages need.
func shrink(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	whole, err := png.Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(out, reduced(whole)); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// reduced gives a picture in its 256 commonest colours; what is rare, such as the edges
// of letters, takes the nearest of them.
func reduced(whole image.Image) *image.Paletted {
	bounds, count := whole.Bounds(), map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(whole.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	common := make([]color.RGBA, 0, len(count))
	for c := range count {
		common = append(common, c)
	}
	slices.SortFunc(common, func(a, b color.RGBA) int { return count[b] - count[a] })
	palette := make(color.Palette, 0, 256)
	for _, c := range common[:min(256, len(common))] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range common {
		index[c] = uint8(palette.Index(c))
	}
	small := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			small.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return small
}
