package cognito

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"sallyport/service/source"
)

// attribute is one of a user's.
type attribute struct {
	Name  string
	Value string
}

// user is one of ListUsers.
type user struct {
	Username   string
	Attributes []attribute
	Created    json.RawMessage `json:"UserCreateDate,omitempty"`
	Modified   json.RawMessage `json:"UserLastModifiedDate,omitempty"`
	Enabled    bool
	Status     string      `json:"UserStatus"`
	Options    []mfaOption `json:"MFAOptions,omitempty"`
	Settings   []string    `json:"UserMFASettingList,omitempty"`
}

type mfaOption struct {
	Medium    string `json:"DeliveryMedium"`
	Attribute string `json:"AttributeName"`
}

// single is a user as GetUser and AdminGetUser give one.
type single struct {
	Username   string
	Attributes []attribute     `json:"UserAttributes"`
	Created    json.RawMessage `json:"UserCreateDate"`
	Modified   json.RawMessage `json:"UserLastModifiedDate"`
	Enabled    bool
	Status     string      `json:"UserStatus"`
	Options    []mfaOption `json:"MFAOptions"`
	Settings   []string    `json:"UserMFASettingList"`
}

// listed makes it one of ListUsers.
func (s *single) listed() *user {
	return &user{s.Username, s.Attributes, s.Created, s.Modified, s.Enabled, s.Status, s.Options, s.Settings}
}

// signIn are attributes by which a pool may let people sign in.
var signIn = [...]string{"email", "phone_number", "preferred_username", "sub"}

func (u *user) owns(typed string) bool {
	names := []string{u.Username}
	for _, a := range u.Attributes {
		for _, name := range signIn {
			if a.Name == name {
				names = append(names, a.Value)
			}
		}
	}
	return source.Owns(typed, names...)
}

// lookUp gives a user by username or by an alias of it; nil for nobody.
func (c *system) lookUp(ctx context.Context, name string) (*user, error) {
	if name == "" || len(name) > 128 || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' }) {
		return nil, nil // no username is like that, and the service takes it for our mistake
	}
	answer, err := c.call(ctx, "AdminGetUser", map[string]string{"UserPoolId": c.spec.Pool, "Username": name}, true)
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		if said, is := refusalOf(answer); is && said.Type == "UserNotFoundException" {
			return nil, nil
		}
		return nil, fault(answer)
	}
	var found single
	if err := answer.Decode(&found); err != nil {
		return nil, err
	}
	return found.listed(), nil
}

// Find implements source.Finder: by whatever the pool lets people sign in with.
func (c *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	u, err := c.lookUp(ctx, identifier)
	if err != nil || u == nil || !u.owns(identifier) {
		return nil, false, err
	}
	raw, err := json.Marshal(u)
	if err != nil {
		return nil, false, &source.Fault{Reason: source.Malformed, What: "a user cannot be written"}
	}
	element, err := source.ElementOf(c.spec, raw)
	return element, err == nil, err
}

const perPage = 60

// Fetch implements source.Fetcher. The cursor is the service's own token of a page.
func (c *system) Fetch(ctx context.Context, from source.Cursor, give func([]byte, source.Cursor) error) error {
	token, pace := string(from), source.NewPace(c.spec)
	for {
		question := map[string]any{"UserPoolId": c.spec.Pool, "Limit": perPage}
		if token != "" {
			question["PaginationToken"] = token
		}
		answer, err := source.Patiently(ctx, c.deps, pace, func(ctx context.Context) (*source.Response, error) {
			answer, err := c.call(ctx, "ListUsers", question, true)
			if err == nil && answer.Status != http.StatusOK {
				return nil, fault(answer) // throttling has the status of a mistake here
			}
			return answer, err
		})
		if err != nil {
			return err
		}
		var page struct {
			Users []json.RawMessage
			Next  string `json:"PaginationToken"`
		}
		if json.Unmarshal(answer.Body, &page) != nil {
			return &source.Fault{Reason: source.Malformed, What: "a page cannot be read"}
		}
		if err := source.GivePage(page.Users, source.Cursor(page.Next), give); err != nil {
			return err
		}
		if page.Next == token && token != "" {
			return &source.Fault{Reason: source.Unexpected, What: "a page is followed by itself"}
		}
		if token = page.Next; token == "" {
			return nil
		}
	}
}
