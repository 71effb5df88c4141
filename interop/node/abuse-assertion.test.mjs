// Assertions that a strict server must not take, at each endpoint that takes them.
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import {
  assertionClaims, base64url, elsewhere, hs256, insecure, invalidClient, invalidRequest, issuers, jwt, keys, now, refusal, secrets, serverOf,
} from './parties.mjs'

const name = 'feed-es256'
const party = { client_id: name }
const [key] = keys[name]
const header = { alg: 'ES256', kid: key.kid }
const publicPEM = createPublicKey({ key: { kty: key.kty, crv: key.crv, x: key.x, y: key.y }, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
const publicJWK = JSON.stringify({ kty: key.kty, crv: key.crv, x: key.x, y: key.y })

let server
before(async () => { server = await serverOf(issuers.main) })

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

// proves authenticates by what the library would never send.
const proves = (assertion, more = {}) => (_server, _client, body) => {
  const fields = { client_assertion_type: jwtBearer, client_assertion: assertion, ...more }
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) body.set(field, value)
}

// endpoints, each with the library's reading of its answers.
const endpoints = {
  token: async (auth, at = server) => oauth.processClientCredentialsResponse(at, party, await oauth.clientCredentialsGrantRequest(at, party, auth, {}, insecure)),
  introspection: async (auth, at = server) => oauth.processIntrospectionResponse(at, party, await oauth.introspectionRequest(at, party, auth, 'token', insecure)),
  revocation: async (auth, at = server) => oauth.processRevocationResponse(await oauth.revocationRequest(at, party, auth, 'token', insecure)),
}

const signed = (claims = {}, head = {}, by = key, algorithm) =>
  jwt({ ...header, ...head }, { ...assertionClaims(name, issuers.main), ...claims }, by, algorithm)

const flipped = (token) => token.slice(0, -4) + (token.at(-4) === 'A' ? 'B' : 'A') + token.slice(-3)
const unsigned = (head, claims = {}) => `${base64url(head)}.${base64url({ ...assertionClaims(name, issuers.main), ...claims })}.`

test('each endpoint takes a good assertion', async () => {
  for (const use of Object.values(endpoints)) {
    await use(proves(signed()))
    await use(proves(signed(), { client_id: name }))
    await use(proves(signed({}, { typ: 'JWT' })))
    await use(proves(signed({}, { typ: 'client-authentication+jwt' })))
  }
})

const table = {
  'for the token endpoint, not the issuer': () => signed({ aud: server.token_endpoint }),
  'for the issuer in an array': () => signed({ aud: [issuers.main] }),
  'for the issuer and somebody else': () => signed({ aud: [issuers.main, 'https://attacker.example'] }),
  'for the issuer with a slash behind it': () => signed({ aud: `${issuers.main}/` }),
  'for another issuer': () => signed({ aud: issuers.other }),
  'for nobody': () => signed({ aud: undefined }),
  'by another issuer': () => signed({ iss: 'feed-rs256' }),
  'by nobody': () => signed({ iss: undefined }),
  'about another application': () => signed({ sub: 'feed-rs256' }),
  'about nobody': () => signed({ sub: undefined }),
  'about an application that is not there': () => signed({ iss: 'nobody', sub: 'nobody' }),
  'about an application that has a secret': () => signed({ iss: 'web', sub: 'web' }),
  'without jti': () => signed({ jti: undefined }),
  'with an empty jti': () => signed({ jti: '' }),
  'with a jti that is no text': () => signed({ jti: 7 }),
  'with a jti of a kilobyte': () => signed({ jti: 'j'.repeat(1024) }),
  'that expired': () => signed({ iat: now() - 120, exp: now() - 60 }),
  'that never expires': () => signed({ exp: undefined }),
  'that lives for an hour': () => signed({ exp: now() + 3600 }),
  'that expires in milliseconds': () => signed({ exp: Date.now() }),
  'that expires at a text': () => signed({ exp: String(now() + 60) }),
  'that will be issued': () => signed({ iat: now() + 180, exp: now() + 240 }),
  'that is good only later': () => signed({ nbf: now() + 180 }),
  'with alg none': () => unsigned({ alg: 'none' }),
  'with alg none and a kid': () => unsigned({ alg: 'none', kid: key.kid }),
  'with alg NonE': () => unsigned({ alg: 'NonE', kid: key.kid }),
  'of ES256 without a signature': () => unsigned(header),
  'by HS256 with the public key as PEM': () => hs256({ alg: 'HS256', kid: key.kid }, assertionClaims(name, issuers.main), publicPEM),
  'by HS256 with the public key as JWK': () => hs256({ alg: 'HS256', kid: key.kid }, assertionClaims(name, issuers.main), publicJWK),
  'by HS256 with an empty key': () => hs256({ alg: 'HS256', kid: key.kid }, assertionClaims(name, issuers.main), ''),
  'by an unknown key': () => signed({}, { kid: 'unknown' }),
  'by a key whose name leads elsewhere': () => signed({}, { kid: '../feed-rs256-1' }),
  'by the key of another application, under its own name': () => signed({}, { kid: 'feed-two-1' }, keys['feed-two'][0]),
  'by the key of another application, under this one\'s name': () => signed({}, {}, keys['feed-two'][0]),
  'by the key of another application, without a name': () => signed({}, { kid: undefined }, keys['feed-two'][0]),
  'by a key that it brings along': () => signed({}, { kid: undefined, jwk: { kty: 'EC', crv: 'P-256', x: keys['feed-two'][0].x, y: keys['feed-two'][0].y } }, keys['feed-two'][0]),
  'by a key that would have to be fetched': () => signed({}, { kid: undefined, jku: 'http://127.0.0.1:1/keys' }, keys['feed-two'][0]),
  'by an algorithm that the key is not for': () => signed({}, { alg: 'RS256' }, keys['feed-rs256'][0], 'RS256'),
  'with a changed signature': () => flipped(signed()),
  'with changed claims': () => {
    const [head, , signature] = signed().split('.')
    return `${head}.${base64url({ ...assertionClaims(name, issuers.main), exp: now() + 200 })}.${signature}`
  },
  'of a type that is for something else': () => signed({}, { typ: 'at+jwt' }),
  'with an extension that must be understood': () => signed({}, { crit: ['exp'] }),
  'with two of a claim': () => {
    const claims = JSON.stringify(assertionClaims(name, issuers.main)).replace('"sub":', `"sub":"feed-rs256","sub":`)
    return jwt(header, claims, key)
  },
  'of four parts': () => `${signed()}.${base64url('more')}`,
  'of no parts': () => 'assertion',
  'with white space in it': () => signed().replace('.', '.\n'),
}

for (const [what, make] of Object.entries(table)) {
  test(`an assertion ${what} is refused at each endpoint`, async () => {
    for (const [endpoint, use] of Object.entries(endpoints)) {
      assert.deepEqual(await refusal(use(proves(make()))), invalidClient, endpoint)
    }
  })
}

test('an assertion is good once, at all endpoints and all servers together', async () => {
  for (const first of Object.keys(endpoints)) {
    const assertion = signed()
    await endpoints[first](proves(assertion))
    for (const [endpoint, use] of Object.entries(endpoints)) {
      assert.deepEqual(await refusal(use(proves(assertion))), invalidClient, `${first}, then ${endpoint}`)
    }
    assert.deepEqual(await refusal(endpoints.token(proves(assertion), await serverOf(issuers.other))), invalidClient)
  }
})

test('a second assertion with the same jti is a replay', async () => {
  const jti = crypto.randomUUID()
  await endpoints.token(proves(signed({ jti })))
  assert.deepEqual(await refusal(endpoints.token(proves(signed({ jti, exp: now() + 90 })))), invalidClient)
})

test('of twenty at once, one is taken', async () => {
  const assertion = signed()
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => endpoints.token(proves(assertion))))
  assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('an assertion that was refused is not spent', async () => {
  const jti = crypto.randomUUID()
  await refusal(endpoints.token(proves(signed({ jti, aud: server.token_endpoint }))))
  await endpoints.token(proves(signed({ jti })))
})

const basic = (client, secret) => `Basic ${btoa(`${client}:${secret}`)}`

for (const [what, auth, want] of [
  ['a secret in the body beside it', () => proves(signed(), { client_secret: secrets.web }), invalidRequest],
  ['a secret in the header beside it', () => (s, c, body, headers) => {
    proves(signed())(s, c, body)
    headers.set('authorization', basic('web', secrets.web))
  }, invalidRequest],
  ['no type', () => proves(signed(), { client_assertion_type: undefined, client_id: name }), invalidRequest],
  ['the type of SAML', () => proves(signed(), { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }), invalidClient],
  ['another client_id', () => proves(signed(), { client_id: 'feed-rs256' }), invalidClient],
]) {
  test(`an assertion with ${what} is refused`, async () => {
    for (const use of Object.values(endpoints)) assert.deepEqual(await refusal(use(auth())), want)
  })
}

test('a type without an assertion is refused', async () => {
  const auth = (_s, _c, body) => { body.set('client_assertion_type', jwtBearer); body.set('client_id', name) }
  for (const use of Object.values(endpoints)) assert.deepEqual(await refusal(use(auth)), invalidRequest)
})

test('an application that has keys is not let in by a name or by anything like a secret', async () => {
  for (const auth of [
    oauth.None(), oauth.ClientSecretPost('secret'), oauth.ClientSecretBasic('secret'), oauth.ClientSecretPost(publicJWK),
    oauth.ClientSecretJwt('secret'), oauth.ClientSecretJwt(publicPEM),
  ]) {
    for (const use of Object.values(endpoints)) assert.deepEqual(await refusal(use(auth)), invalidClient)
  }
})

test('what this server signed itself proves nobody', async () => {
  const { access_token: token } = await endpoints.token(proves(signed()))
  for (const use of Object.values(endpoints)) assert.deepEqual(await refusal(use(proves(token))), invalidClient)
})

test('two assertions are one too many', async () => {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_assertion_type: jwtBearer })
  body.append('client_assertion', signed())
  body.append('client_assertion', signed())
  const answer = await elsewhere(server.token_endpoint, { method: 'POST', body })
  assert.deepEqual(await refusal(oauth.processClientCredentialsResponse(server, party, answer)), invalidRequest)
})
