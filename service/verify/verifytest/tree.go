package verifytest

// Tree is a configuration with two authorization servers, three applications,
// an API and two products. backend is where the API's calls go.
func Tree(backend string) map[string]string {
	return map[string]string{"tree.yaml": tree + "  url: " + backend + "\n", "billing.openapi.yaml": document}
}

const tree = `
kind: tenant
name: harbourlight
title: Harbourlight Energy
environments:
  production: {url: "${listen.url}"}
groups:
  - {name: residential}
---
kind: authorization-server
name: apps
audience: https://api.example/apps
scopes:
  - {name: billing.read.bill, kind: customer-read, title: See bills, default: true}
  - {name: billing.write.payment, kind: customer-write, title: Pay}
policies:
  - name: all
    applications: [portal]
    rules: [{name: all, grants: [authorization_code], scopes: ["*"]}]
---
kind: authorization-server
name: partners
audience: https://api.example/partners
scopes:
  - {name: payments.write.posting, kind: system-write, title: Post}
  - {name: payments.read.posting, kind: system-read, title: Read, default: true}
policies:
  - name: all
    applications: [payright, sunshare]
    rules: [{name: all, grants: [client_credentials], scopes: ["*"]}]
---
kind: application
name: portal
type: browser
redirects: [https://portal.example/back]
origins: [https://portal.example]
assigned: {apps: [billing.read.bill, billing.write.payment]}
---
kind: application
name: payright
type: machine
assigned: {partners: [payments.write.posting, payments.read.posting]}
---
kind: application
name: sunshare
type: machine
assigned: {partners: [payments.read.posting]}
---
kind: product
name: standard
apis: [billing]
applications: [portal, payright, sunshare]
---
kind: product
name: everybody
apis: [billing]
applications: ["*"]
rate: {calls: 2, per: 60s, burst: 2}
---
kind: api
name: billing
openapi: billing.openapi.yaml
servers: [apps, partners]
path: /billing
public: [status]
validate: true
backend:
  identity: true
  timeout: 5s
`

const document = `
openapi: 3.1.0
info: {title: Billing, version: "1"}
components:
  securitySchemes:
    apps:
      type: oauth2
      flows: {authorizationCode: {authorizationUrl: /a, tokenUrl: /t, scopes: {billing.read.bill: x, billing.write.payment: x}}}
    partners:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: /t, scopes: {payments.write.posting: x, payments.read.posting: x}}}
paths:
  /status:
    get: {operationId: status, security: [], responses: {"200": {description: ok}}}
  /events:
    get: {operationId: events, security: [{partners: [payments.read.posting]}], responses: {"200": {description: ok}}}
  /bills/{bill}:
    get:
      operationId: bill
      security: [{apps: [billing.read.bill]}]
      parameters: [{name: bill, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok}}
  /payments:
    get:
      operationId: payments
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 100}}]
      security: [{partners: [payments.read.posting]}]
      responses: {"200": {description: ok}}
    post:
      operationId: post
      security: [{apps: [billing.write.payment]}, {partners: [payments.write.posting]}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [account, cents]
              properties: {account: {type: string}, cents: {type: integer, minimum: 1}}
      responses: {"201": {description: ok}}
`
