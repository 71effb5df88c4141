package admin

// cursorOf reads the cursor of a page that goes on behind an id; empty is the first page.
func cursorOf[T any](text string, parse func(string) (T, error)) (after T, err error) {
	if text == "" {
		return after, nil
	}
	if after, err = parse(text); err != nil {
		return after, problem(RequestInvalid, "cursor: nobody gave it")
	}
	return after, nil
}

// cursorText is where the next page begins; empty at the end.
func cursorText[T interface {
	IsZero() bool
	String() string
}](next T) string {
	if next.IsZero() {
		return ""
	}
	return next.String()
}
