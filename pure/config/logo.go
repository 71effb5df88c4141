package config

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const svgNamespace = "http://www.w3.org/2000/svg"

// logoElements draw; everything else may load, move or run something.
var logoElements = []string{
	"svg", "g", "defs", "symbol", "use", "title", "desc", "path", "rect", "circle", "ellipse", "line",
	"polyline", "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "metadata",
}

// checkLogo is why an SVG may not be shown on a page where people type
// passwords; empty if it may. Elements are those of an allow-list; handlers,
// entities, style sheets and whatever leads out of the file are refused.
func checkLogo(svg []byte) (reason string) {
	if len(svg) > MaxLogo {
		return fmt.Sprintf("has %d bytes, more than %d", len(svg), MaxLogo)
	}
	reader := xml.NewDecoder(bytes.NewReader(svg))
	seen, depth := false, 0
	for {
		token, err := reader.Token()
		if errors.Is(err, io.EOF) && seen && depth == 0 {
			return ""
		}
		if err != nil {
			return "is no well-formed SVG"
		}
		switch token := token.(type) {
		case xml.StartElement:
			if reason := checkElement(token, depth); reason != "" {
				return reason
			}
			if depth == 0 && seen {
				return "has two roots"
			}
			seen = true
			depth++
		case xml.EndElement:
			depth--
		case xml.Directive:
			return "has a document type or an entity"
		case xml.ProcInst:
			if token.Target != "xml" {
				return "has a processing instruction"
			}
		}
	}
}

func checkElement(e xml.StartElement, depth int) string {
	switch {
	case depth == 0 && e.Name.Local != "svg":
		return "does not begin with svg"
	case e.Name.Space != svgNamespace:
		return fmt.Sprintf("has the element %.40q outside SVG", e.Name.Local)
	case !slices.Contains(logoElements, e.Name.Local):
		return fmt.Sprintf("has the element %.40q", e.Name.Local)
	case depth > maxNesting:
		return "is nested too deep"
	}
	for _, a := range e.Attr {
		if reason := checkAttribute(a); reason != "" {
			return reason
		}
	}
	return ""
}

func checkAttribute(a xml.Attr) string {
	name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
	if a.Name.Space == "xmlns" || name == "xmlns" {
		return ""
	}
	switch {
	case strings.HasPrefix(name, "on"):
		return fmt.Sprintf("has the handler %.40q", a.Name.Local)
	case name == "href" && !strings.HasPrefix(value, "#"), name == "src", name == "base":
		return fmt.Sprintf("leads out of the file by %.40q", a.Name.Local)
	case strings.Contains(value, "javascript:"), strings.Contains(value, "data:"), strings.Contains(value, "@import"), strings.Contains(value, "expression"),
		strings.ContainsAny(value, `\`), strings.Contains(value, "image"), strings.Contains(value, "/*"):
		return fmt.Sprintf("has something to load or run in %.40q", a.Name.Local)
	}
	for rest := value; ; {
		_, after, found := strings.Cut(rest, "url")
		if !found {
			return ""
		}
		if rest = after; !strings.HasPrefix(strings.TrimLeft(rest, `( '"`), "#") {
			return fmt.Sprintf("leads out of the file by %.40q", a.Name.Local)
		}
	}
}
