package firebase

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sallyport/service/source"
)

// private asks with the service account.
func (f *system) private(ctx context.Context, method string, body any) (*source.Response, error) {
	question, err := source.JSON(f.base+f.project+"/accounts:"+method, body)
	if err != nil {
		return nil, err
	}
	return f.machine.Do(ctx, question)
}

// Find implements source.Finder: by e-mail address, or by phone number with its
// country code.
func (f *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	body := map[string]any{"email": []string{identifier}}
	if strings.HasPrefix(identifier, "+") && !strings.Contains(identifier, "@") {
		body = map[string]any{"phoneNumber": []string{identifier}}
	}
	answer, err := f.private(ctx, "lookup", body)
	if err != nil {
		return nil, false, err
	}
	if answer.Status != http.StatusOK {
		if wordOf(answer) == "INVALID_EMAIL" || wordOf(answer) == "INVALID_PHONE_NUMBER" {
			return nil, false, nil
		}
		return nil, false, fault(answer)
	}
	list, err := accounts(answer)
	if err != nil {
		return nil, false, err
	}
	for _, raw := range list {
		var a account
		if json.Unmarshal(raw, &a) != nil || !source.Owns(identifier, a.Email, a.Phone) {
			continue
		}
		whole, err := exported(raw, false)
		if err != nil {
			return nil, false, err
		}
		element, err := source.ElementOf(f.spec, whole)
		return element, err == nil, err
	}
	return nil, false, nil
}

const perPage = 500

// Fetch implements source.Fetcher. The cursor is the service's own token of a page.
func (f *system) Fetch(ctx context.Context, from source.Cursor, give func([]byte, source.Cursor) error) error {
	token, pace := string(from), source.NewPace(f.spec)
	for {
		query := url.Values{"maxResults": {strconv.Itoa(perPage)}}
		if token != "" {
			query.Set("nextPageToken", token)
		}
		question := source.Request{URL: f.base + f.project + "/accounts:batchGet?" + query.Encode(), Page: true}
		answer, err := source.Patiently(ctx, f.deps, pace, func(ctx context.Context) (*source.Response, error) { return f.machine.Do(ctx, question) })
		if err != nil {
			return err
		}
		if answer.Status != http.StatusOK {
			return fault(answer)
		}
		var page struct {
			Users []json.RawMessage `json:"users"`
			Next  string            `json:"nextPageToken"`
		}
		if json.Unmarshal(answer.Body, &page) != nil {
			return &source.Fault{Reason: source.Malformed, What: "a page cannot be read"}
		}
		if len(page.Users) == 0 { // the last page names itself again
			return nil
		}
		if err := lines(page.Users, page.Next, give); err != nil {
			return err
		}
		if page.Next == token || page.Next == "" {
			return nil
		}
		token = page.Next
	}
}

// lines gives the people of a page. One goes on only behind a whole page.
func lines(list []json.RawMessage, next string, give func([]byte, source.Cursor) error) error {
	for i, raw := range list {
		whole, err := exported(raw, true)
		if err != nil {
			return err
		}
		line, err := source.LineOf(whole)
		if err != nil {
			return err
		}
		var cursor source.Cursor
		if i == len(list)-1 && next != "" {
			cursor = source.Cursor(next)
		}
		if err := give(line, cursor); err != nil {
			return err
		}
	}
	return nil
}
