package route_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/route"
)

const goodPayment = `{"money":{"amount":"12.50","currency":"EUR"},"method":{"card":"tok_1"}}`

// TestBodiesAreCheckedAlikeInBothDialects runs each case against the 3.1
// document and its 3.0 twin.
func TestBodiesAreCheckedAlikeInBothDialects(t *testing.T) {
	for _, test := range []struct {
		name, contentType, body string
		reason                  route.RequestReason // empty: accepted
		violation               string              // pointer and what
	}{
		{"a good body; the id is read-only, so a request need not have it", "application/json", goodPayment, "", ""},
		{"a charset does no harm", "Application/JSON; charset=utf-8", goodPayment, "", ""},
		{"null where it may be", "application/json", strings.Replace(goodPayment, "{", `{"reference":null,`, 1), "", ""},
		{"nothing", "application/json", "", route.BodyMissing, ""},
		{"another type", "text/plain", goodPayment, route.ContentTypeRefused, ""},
		{"no type", "", goodPayment, route.ContentTypeRefused, ""},
		{"a range as a type", "application/*", goodPayment, route.ContentTypeRefused, ""},
		{"not JSON", "application/json", "{", route.BodyMalformed, " line 1: unexpected EOF"},
		{"two values", "application/json", goodPayment + "{}", route.BodyMalformed, " line 1: something follows the value"},
		{"not UTF-8", "application/json", "{\"a\":\"\xff\"}", route.BodyMalformed, " it is not UTF-8"},
		{
			"a name twice, of which the API might read the other", "application/json",
			`{"money":{"amount":"12.50","amount":"0.01","currency":"EUR"},"method":{"card":"tok_1"}}`,
			route.BodyMalformed, ` line 1: the name "amount" is given twice`,
		},
		{"a number like a bomb", "application/json", `{"instalments":1e999999999}`, route.BodyMalformed, " a number's exponent is beyond 308"},
		{"a wrong type", "application/json", `[]`, route.BodyInvalid, " is of type array, not object"},
		{
			"a lacking property", "application/json", `{"money":{"amount":"1.00"},"method":{"card":"tok_1"}}`,
			route.BodyInvalid, `/money lacks "currency"`,
		},
		{
			"a property too many", "application/json", `{"money":{"amount":"1.00","currency":"EUR","a/b":1},"method":{"card":"tok_1"}}`,
			route.BodyInvalid, `/money has properties that are not allowed: "a/b"`,
		},
		{
			"a pattern", "application/json", `{"money":{"amount":"hunter2","currency":"EUR"},"method":{"card":"tok_1"}}`,
			route.BodyInvalid, "/money/amount does not match the pattern \"^[0-9]{1,9}\\\\.[0-9]{2}$\"",
		},
		{
			"an exclusive bound", "application/json", strings.Replace(goodPayment, "{", `{"instalments":0,`, 1),
			route.BodyInvalid, "/instalments is not more than 0",
		},
		{
			"no alternative fits", "application/json", `{"money":{"amount":"1.00","currency":"EUR"},"method":{"cash":1}}`,
			route.BodyInvalid, "/method fits none of the alternatives",
		},
		{"deep nesting", "application/json", strings.Repeat("[", 200) + strings.Repeat("]", 200), route.BodyTooComplex, ""},
		{"very many values", "application/json", "[" + strings.Repeat("1,", 300_000) + "1]", route.BodyTooComplex, ""},
		{"very many bytes", "application/json", strings.Repeat(" ", route.DefaultMaxBody) + goodPayment, route.BodyTooLarge, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, file := range []string{"billing.yaml", "billing-3.0.yaml"} {
				m, _ := compileFile(t, file, billingOptions).Match("POST", "/billing/v1/bills/17/payments")
				expectRefusal(t, m.ValidateBody(test.contentType, []byte(test.body)), test.reason, test.violation)
			}
		})
	}
}

func expectRefusal(t *testing.T, err error, reason route.RequestReason, violation string) {
	t.Helper()
	if reason == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var refused *route.RequestError
	if !errors.As(err, &refused) || refused.Reason != reason {
		t.Fatalf("got %v, want %s", err, reason)
	}
	var got string
	if len(refused.Violations) > 0 {
		got = refused.Violations[0].Pointer + " " + refused.Violations[0].What
	}
	if got != violation {
		t.Errorf("violation %q, want %q", got, violation)
	}
}

func TestABodyIsOnlyTakenWhereOneIsDocumented(t *testing.T) {
	table := compileFile(t, "billing.yaml", billingOptions)
	m, _ := table.Match("GET", "/billing/v1/bills")
	expectRefusal(t, m.ValidateBody("", nil), "", "")
	expectRefusal(t, m.ValidateBody("application/json", []byte("{}")), route.BodyUnexpected, "")
	expectRefusal(t, route.Match{}.ValidateBody("", nil), route.BodyUnexpected, "")
}

func TestRefusalsDoNotRepeatWhatTheCallerSent(t *testing.T) {
	m, _ := compileFile(t, "billing.yaml", billingOptions).Match("POST", "/billing/v1/bills/17/payments")
	for _, body := range []string{
		`{"money":{"amount":"s3cret","currency":"s3cret"},"method":"s3cret","reference":["s3cret"],"instalments":"s3cret"}`,
		`{"money":"s3cret"}`, `s3cret`, `{"money":s3cret}`,
	} {
		err := m.ValidateBody("application/json", []byte(body))
		var refused *route.RequestError
		if !errors.As(err, &refused) {
			t.Fatalf("accepted %s", body)
		}
		for _, v := range refused.Violations {
			if strings.Contains(v.Pointer+v.What+err.Error(), "s3cret") {
				t.Errorf("%s: %+v", body, v)
			}
		}
	}
}

func TestParametersAreChecked(t *testing.T) {
	const bills, bill = "/billing/v1/bills", "/billing/v1/bills/9d0bcdb4-6a32-4bd5-9a37-7c0d3f0d3a10"
	for _, test := range []struct{ name, path, query, violation string }{
		{"all is well", bills, "account=12345678&limit=10&state=open&state=paid&unknown=1", ""},
		{"a path parameter", bill, "", ""},
		{"a path parameter of another format", "/billing/v1/bills/17", "", "path bill is not of the format uuid"},
		{"a required one is missing", bills, "", "query account is missing"},
		{"digits as text keep their type", bills, "account=1234567", "query account does not match the pattern \"^[0-9]{8}$\""},
		{"one given twice", bills, "account=12345678&account=87654321", "query account is given more than once"},
		{"a number out of range", bills, "account=12345678&limit=101", "query limit is more than 100"},
		{"no number", bills, "account=12345678&limit=ten", "query limit is of type string, not integer"},
		{"a number like a bomb", bills, "account=12345678&limit=1e99999999", "query limit a number's exponent is beyond 308"},
		{"one of a list", bills, "account=12345678&state=open&state=lost", "query state is none of the allowed values"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, file := range []string{"billing.yaml", "billing-3.0.yaml"} {
				m, verdict := compileFile(t, file, billingOptions).Match("GET", test.path)
				if verdict != route.Found {
					t.Fatal(verdict)
				}
				query, _ := url.ParseQuery(test.query)
				var got string
				var refused *route.RequestError
				if errors.As(m.ValidateParameters(query), &refused) {
					v := refused.Violations[0]
					got = v.In + " " + v.Name + " " + v.What
				}
				if got != test.violation {
					t.Errorf("%q, want %q", got, test.violation)
				}
			}
		})
	}
}

// operands is the usual shape of an expression language. An evaluator that tries
// every alternative triples its work with each level.
const operands = `
openapi: 3.1.0
info: {title: expressions, version: "1"}
security: [{s: [query.read.meter]}]
paths:
  /search:
    post:
      operationId: search
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Expression"}}}}
      responses: {"200": {description: ok}}
components:
  securitySchemes: {s: {type: http, scheme: bearer}}
  schemas:
    Expression:
      oneOf:
        - {type: object, properties: {and: {type: array, items: {$ref: "#/components/schemas/Expression"}}}, required: [and]}
        - {type: object, properties: {and: {type: array, items: {$ref: "#/components/schemas/Expression"}}, or: {}}, required: [or]}
        - {type: object, properties: {and: {type: array, items: {$ref: "#/components/schemas/Expression"}}, not: {}}, required: [not]}
        - {type: string}
`

func TestTheWorkForABodyIsBoundedBeforehand(t *testing.T) {
	table, problems := route.Compile("expressions", []byte(operands), route.Options{})
	if table == nil {
		t.Fatal(problems)
	}
	m, _ := table.Match("POST", "/search")
	nested := func(n int) []byte {
		return []byte(strings.Repeat(`{"and":[`, n) + `"leaf"` + strings.Repeat(`]}`, n))
	}
	expectRefusal(t, m.ValidateBody("application/json", nested(5)), "", "")
	start := time.Now()
	expectRefusal(t, m.ValidateBody("application/json", nested(40)), route.BodyTooComplex, "")
	if took := time.Since(start); took > time.Second {
		t.Errorf("refusing took %s", took)
	}
}

func TestLongTextWeighsMoreThanOneValue(t *testing.T) {
	patterns := strings.Repeat("{pattern: '^(a|b)*c?$'}, ", 400)
	doc := strings.Replace(operands, "- {type: string}", "- {type: string}\n        - {type: boolean, allOf: ["+patterns+"]}", 1)
	table, problems := route.Compile("expressions", []byte(doc), route.Options{})
	if table == nil {
		t.Fatal(problems)
	}
	m, _ := table.Match("POST", "/search")
	expectRefusal(t, m.ValidateBody("application/json", []byte(`"short"`)), "", "")
	expectRefusal(t, m.ValidateBody("application/json", []byte(`"`+strings.Repeat("a", 1<<20-10)+`"`)), route.BodyTooComplex, "")
}

func FuzzValidateBody(f *testing.F) {
	table, _ := route.Compile("billing", readFile(f, "billing.yaml"), billingOptions)
	m, _ := table.Match("POST", "/billing/v1/bills/17/payments")
	f.Add([]byte(goodPayment))
	f.Add([]byte(`{"money":1e5}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		err := m.ValidateBody("application/json", body)
		var refused *route.RequestError
		if err != nil && (!errors.As(err, &refused) || len(refused.Violations) > 8) {
			t.Fatalf("%T: %v", err, err)
		}
	})
}

func BenchmarkValidateBody(b *testing.B) {
	table, _ := route.Compile("billing", readFile(b, "billing.yaml"), billingOptions)
	m, _ := table.Match("POST", "/billing/v1/bills/17/payments")
	b.ReportAllocs()
	for b.Loop() {
		if err := m.ValidateBody("application/json", []byte(goodPayment)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestATableIsSharedBetweenGoroutines(t *testing.T) {
	table := compileFile(t, "billing.yaml", billingOptions)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				m, _ := table.Match("POST", "/billing/v1/bills/9d0bcdb4-6a32-4bd5-9a37-7c0d3f0d3a10/payments")
				if err := errors.Join(m.ValidateParameters(nil), m.ValidateBody("application/json", []byte(goodPayment))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
