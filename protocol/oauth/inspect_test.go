package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestRFC7662_2_2_WhatIsNotActiveIsToldInTwoWords(t *testing.T) {
	for name, test := range map[string]struct {
		answer IntrospectionResponse
		want   string
	}{
		"nothing":                         {IntrospectionResponse{}, `{"active":false}`},
		"claims of a token that is dead":  {IntrospectionResponse{TokenType: TokenTypeBearer, Members: []byte(`{"sub":"cus_1"}`)}, `{"active":false}`},
		"an active one":                   {IntrospectionResponse{Active: true, TokenType: TokenTypeBearer, Members: []byte(`{"sub":"cus_1","exp":1}`)}, `{"active":true,"token_type":"Bearer","sub":"cus_1","exp":1}`},
		"an active one without type":      {IntrospectionResponse{Active: true, Members: []byte(`{"sub":"cus_1"}`)}, `{"active":true,"sub":"cus_1"}`},
		"an active one without any claim": {IntrospectionResponse{Active: true, Members: []byte(`{}`)}, `{"active":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(test.answer)
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
	for _, members := range []string{`[]`, `"x"`, `{`, `null`} {
		if got, err := json.Marshal(IntrospectionResponse{Active: true, Members: []byte(members)}); err == nil {
			t.Errorf("members %s became %s", members, got)
		}
	}
}

func TestRFC7009_2_1_ATokenIsNeededAndAHintIsNot(t *testing.T) {
	for raw, want := range map[string]TokenReference{
		"token=abc": {NewSecret("abc"), ""},
		"token=abc&token_type_hint=refresh_token":      {NewSecret("abc"), HintRefreshToken},
		"token=abc&token_type_hint=something_made_up":  {NewSecret("abc"), "something_made_up"}, // RFC 7009 §2.2.1
		"token=" + strings.Repeat("a", 60_000):         {NewSecret(strings.Repeat("a", 60_000)), ""},
		"token=abc&client_id=spa&token_type_hint=":     {NewSecret("abc"), ""},
		"token=a.b.c&scope=ignored&resource=x&other=1": {NewSecret("a.b.c"), ""},
	} {
		p, err := ParseParameters(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseTokenReference(p); err != nil || !got.Token.Equal(want.Token) || got.Hint != want.Hint {
			t.Errorf("%.40s: got %v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"", "token=", "token_type_hint=access_token", "tokens=abc"} {
		p, err := ParseParameters(raw)
		if err != nil {
			t.Fatal(err)
		}
		var refused *Error
		if _, err := ParseTokenReference(p); !errors.As(err, &refused) || refused.Code != CodeInvalidRequest {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", TokenReference{Token: NewSecret("s3cret")}, TokenReference{Token: NewSecret("s3cret")}, TokenReference{Token: NewSecret("s3cret")}); strings.Contains(text, "s3cret") {
		t.Errorf("a token is printed: %s", text)
	}
}
