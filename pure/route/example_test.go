package route_test

import (
	"fmt"

	"sallyport/pure/route"
)

const meters = `
openapi: 3.1.0
info: {title: Meters, version: "1"}
security: [{oauth: [meter.read.reading]}]
paths:
  /meters/{meter}/readings:
    parameters:
      - {name: meter, in: path, required: true, schema: {type: string}}
    get: {operationId: listReadings, responses: {"200": {description: ok}}}
    post:
      operationId: addReading
      security: [{oauth: [meter.write.reading]}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [kwh], properties: {kwh: {type: number, minimum: 0}}}
      responses: {"201": {description: ok}}
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: https://id.harbourlight.example/token
          scopes: {meter.read.reading: See readings, meter.write.reading: Send readings}
`

func ExampleCompile() {
	table, problems := route.Compile("meters", []byte(meters), route.Options{BasePath: "/meters/v1"})
	if route.Refused(problems) {
		fmt.Println(problems)
		return
	}
	path, err := route.Canonicalise("/meters/v1/meters/M%2D7/readings")
	if err != nil {
		fmt.Println(err)
		return
	}
	match, verdict := table.Match("POST", path)
	meter, _ := match.Parameter("meter")
	fmt.Println(verdict, match.Operation.ID, meter, match.Operation.Security.Alternatives)
	fmt.Println(match.ValidateBody("application/json", []byte(`{"kwh": -1}`)))
	// Output:
	// found addReading M-7 [[meter.write.reading]]
	// body does not fit the schema: body at /kwh: is less than 0
}

func ExampleTable_Reach() {
	table, _ := route.Compile("meters", []byte(meters), route.Options{})
	for _, scope := range table.Scopes() {
		for _, operation := range table.Reach(scope) {
			fmt.Println(scope, "opens", operation.Method, operation.Template)
		}
	}
	// Output:
	// meter.read.reading opens GET /meters/{meter}/readings
	// meter.write.reading opens POST /meters/{meter}/readings
}

func ExampleCanonicalise() {
	for _, raw := range []string{"/bills/%7Ejo%c3%a9", "/public/%2e%2e/admin", "/bills%2f17"} {
		path, err := route.Canonicalise(raw)
		fmt.Println(path, err)
	}
	// Output:
	// /bills/~jo%C3%A9 <nil>
	//  path has a dot segment (at byte 8)
	//  path has an encoded slash or backslash (at byte 6)
}

func ExampleLint() {
	table, _ := route.Compile("meters", []byte(`
openapi: 3.1.0
info: {title: Meters, version: "1"}
paths:
  /readings:
    delete: {operationId: dropReadings, security: [{token: [meter.read.reading]}], responses: {"204": {description: ok}}}
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
`), route.Options{})
	for _, problem := range route.Lint(table) {
		fmt.Println(problem)
	}
	// Output:
	// warning write-under-read at line 6, #/paths/~1readings/delete: dropReadings is a DELETE and opens to meter.read.reading, which only reads; ask for a write scope
}
