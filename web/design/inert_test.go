package design_test

import (
	"testing"

	"sallyport/web/design"
)

func TestNoCellOfAFileIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+49": "'+49", "-x": "'-x", "@x": "'@x", "\tx": "'\tx", "x=1": "x=1", "": "",
		"x;=1+1": "x;'=1+1", "x; \"=1": "x; \"'=1", "x\t@x": "x\t'@x", "x\r\n-1": "x\r\n'-1", "\n=1": "'\n'=1", "＝1": "'＝1", `{"a":[1,-2]}`: `{"a":[1,-2]}`,
	} {
		if got := design.Inert(cell); got != want {
			t.Errorf("%q: %q", cell, got)
		}
	}
}
