// What userinfo, introspection and revocation must not do with tokens, as oauth4webapi
// reads their answers.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { authOf, Flow, machine } from './flows.mjs'
import { base64url, elsewhere, insecure, invalidClient, invalidGrant, invalidRequest, issuers, jwt, keys, partsOf, people, refusal, refused, secrets } from './parties.mjs'
import { Visitor } from './visitor.mjs'

const ada = new Visitor()
const invalidToken = refused(401, 'invalid_token', 'bearer')

let flow, other, tokens, foreign, robot, code
before(async () => {
  flow = await Flow.at(issuers.main, 'web', ada)
  other = await Flow.at(issuers.other, 'web', ada)
  tokens = await flow.tokens(people.ada, { scope: 'openid offline_access billing.read.bill' })
  foreign = await other.tokens(people.ada, { scope: 'openid meters.read.value' })
  robot = (await machine()).access_token
  code = (await flow.ask(people.ada)).answer.get('code')
})

// forged are tokens that were never issued, each close to one that was.
function forged(token) {
  const [head, claims] = partsOf(token)
  const [encoded, payload, signature] = token.split('.')
  const [stranger] = keys['feed-es256']
  return {
    'with changed claims': `${encoded}.${base64url({ ...claims, sub: 'somebody' })}.${signature}`,
    'with a longer life': `${encoded}.${base64url({ ...claims, exp: claims.exp + 3600 })}.${signature}`,
    'without a signature': `${encoded}.${payload}.`,
    'of alg none': `${base64url({ ...head, alg: 'none' })}.${payload}.`,
    'signed by an application': jwt(head, claims, stranger),
    'signed by a key that it brings along': jwt({ ...head, kid: undefined, jwk: { kty: 'EC', crv: 'P-256', x: stranger.x, y: stranger.y } }, claims, stranger),
    'of another type': jwt({ ...head, typ: 'JWT' }, claims, stranger),
    'with one character more': `${token}A`,
    'in its own parts': `${payload}.${encoded}.${signature}`,
  }
}

// strange are good things that are no access token of this server.
const strange = () => ({
  'an ID token': tokens.id_token, 'a refresh token': tokens.refresh_token, 'a code': code, 'a token of another server': foreign.access_token, 'an ID token of another server': foreign.id_token,
  'an assertion': jwt({ alg: 'ES256', kid: keys['feed-es256'][0].kid, typ: 'at+jwt' }, { iss: issuers.main, sub: 'feed-es256' }, keys['feed-es256'][0]),
})

test('userinfo takes nothing but an access token of its server', async () => {
  for (const [what, token] of Object.entries({ ...strange(), ...forged(tokens.access_token) })) {
    assert.deepEqual(await refusal(flow.userinfo(token)), invalidToken, what)
  }
  assert.deepEqual(await refusal(other.userinfo(tokens.access_token)), invalidToken)
  assert.deepEqual(await refusal(flow.userinfo(robot)), refused(403, 'insufficient_scope', 'bearer'))
  assert.equal((await flow.userinfo(tokens.access_token, tokens.claims.sub)).sub, tokens.claims.sub)
})

test('userinfo takes a token from the header alone', async () => {
  const endpoint = flow.server.userinfo_endpoint
  const token = tokens.access_token
  const form = new URLSearchParams({ access_token: token })
  for (const [what, url, init] of [
    ['nowhere', endpoint, {}], ['in the query', `${endpoint}?access_token=${token}`, {}], ['in the body', endpoint, { method: 'POST', body: form }],
    ['in a cookie', endpoint, { headers: { cookie: `access_token=${token}` } }], ['as Basic', endpoint, { headers: { authorization: `Basic ${btoa(`x:${token}`)}` } }],
    ['as DPoP', endpoint, { headers: { authorization: `DPoP ${token}` } }],
  ]) {
    // RFC 6750 §3.1: who brings no token is told how, and no error.
    const answer = await elsewhere(url, init)
    assert.deepEqual(await refusal(oauth.processUserInfoResponse(flow.server, flow.party, oauth.skipSubjectCheck, answer)), refused(401, undefined, 'bearer'), what)
  }
  for (const header of [`Bearer ${token} more`, 'Bearer', 'Bearer "quoted"', `Bearer ${token}, Bearer ${token}`]) {
    const answer = await elsewhere(endpoint, { headers: { authorization: header } })
    assert.deepEqual(await refusal(oauth.processUserInfoResponse(flow.server, flow.party, oauth.skipSubjectCheck, answer)), refused(400, 'invalid_request', 'bearer'), header.slice(-20))
  }
  const posted = await elsewhere(endpoint, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  await oauth.processUserInfoResponse(flow.server, flow.party, tokens.claims.sub, posted)
})

test('userinfo of somebody else is noticed by the library', async () => {
  await assert.rejects(flow.userinfo(tokens.access_token, 'somebody-else'), { code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' })
})

// asks introspects as an application, and gives the answer byte for byte, once the
// library agrees with it.
async function asks(name, token, { server = flow.server, auth = authOf(name), more } = {}) {
  const answer = await oauth.introspectionRequest(server, { client_id: name }, auth, token, { ...insecure, additionalParameters: more })
  const text = await answer.clone().text()
  await oauth.processIntrospectionResponse(server, { client_id: name }, answer)
  return text
}

const inactive = '{"active":false}'

test('introspection says two words of whatever is not active, and nobody learns why', async () => {
  const wrong = { ...strange(), ...forged(tokens.access_token), 'nonsense': 'nonsense', 'a dot': '.', 'a line feed': 'a\nb', 'ten kilobytes': 'x'.repeat(10 << 10) }
  delete wrong['a refresh token'] // its own application may ask
  for (const [what, token] of Object.entries(wrong)) {
    for (const name of ['web', 'posting', 'api', 'reporting']) assert.equal(await asks(name, token), inactive, `${what}, asked by ${name}`)
  }
})

test('introspection of another\'s token says the same two words', async () => {
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    for (const more of [undefined, { token_type_hint: 'access_token' }, { token_type_hint: 'refresh_token' }, { token_type_hint: 'pink' }]) {
      for (const name of ['posting', 'reporting', 'lenient']) assert.equal(await asks(name, token, { more }), inactive)
      assert.notEqual(await asks('web', token, { more }), inactive)
    }
  }
  assert.equal(await asks('api', tokens.refresh_token), inactive)
  assert.notEqual(await asks('api', tokens.access_token), inactive)
  assert.notEqual(await asks('api', robot), inactive)
  assert.equal(await asks('api', foreign.access_token), inactive)
  assert.equal(await asks('web', tokens.access_token, { server: other.server }), inactive)
})

test('nobody introspects without proving who they are', async () => {
  for (const [what, name, auth] of [
    ['nothing', 'web', () => {}], ['a name', 'web', oauth.None()], ['a public client', 'browser', oauth.None()], ['a wrong secret', 'web', oauth.ClientSecretBasic('wrong')],
    ['the access token itself', 'web', (s, c, body, headers) => headers.set('authorization', `Bearer ${tokens.access_token}`)],
    ['a session of the customer', 'browser', (s, c, body) => { body.set('client_id', 'browser'); body.set('session', 'x') }],
  ]) assert.deepEqual(await refusal(asks(name, tokens.access_token, { auth })), invalidClient, what)
})

for (const [endpoint, process] of [
  ['introspection', (answer) => oauth.processIntrospectionResponse(flow.server, flow.party, answer)],
  ['revocation', (answer) => oauth.processRevocationResponse(answer)],
]) {
  test(`${endpoint} holds requests to the letter`, async () => {
    const authorization = `Basic ${btoa(`web:${encodeURIComponent(secrets.web)}`)}`
    const form = 'application/x-www-form-urlencoded'
    for (const [what, body, type = form, query = ''] of [
      ['no token', 'token_type_hint=access_token'], ['an empty token', 'token='], ['two tokens', 'token=a&token=b'], ['two hints', 'token=a&token_type_hint=b&token_type_hint=b'],
      ['JSON', '{"token":"a"}', 'application/json'], ['text', 'token=a', 'text/plain'], ['no type', 'token=a', ''], ['a query', 'token=a', form, '?x=1'],
      ['a token in the query', '', form, '?token=a'], ['a hundred kilobytes', `token=${'a'.repeat(100 << 10)}`], ['two clients', 'token=a&client_id=posting'],
      ['two secrets', `token=a&client_id=web&client_secret=${secrets.web}`],
    ]) {
      const answer = await elsewhere(flow.server[`${endpoint}_endpoint`] + query, { method: 'POST', headers: { 'content-type': type, authorization }, body })
      assert.deepEqual(await refusal(process(answer)), invalidRequest, what)
    }
  })
}

const revoke = async (name, token, { server = flow.server, auth = authOf(name), more } = {}) =>
  oauth.processRevocationResponse(await oauth.revocationRequest(server, { client_id: name }, auth, token, { ...insecure, additionalParameters: more }))

test('revoking what is no token is a success that does nothing', async () => {
  for (const [what, token] of Object.entries({ ...forged(tokens.access_token), 'an ID token': tokens.id_token, 'a code': code, 'nonsense': 'nonsense' })) {
    await revoke('web', token)
    assert.ok((await flow.introspect(tokens.access_token)).active, what)
  }
  await revoke('web', tokens.access_token.slice(1), { more: { token_type_hint: 'pink' } })
  assert.ok((await flow.introspect(tokens.refresh_token)).active)
})

test('nobody revokes another\'s token', async () => {
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    for (const name of ['posting', 'reporting', 'browser', 'api']) assert.deepEqual(await refusal(revoke(name, token)), invalidGrant, name)
    for (const auth of [oauth.None(), oauth.ClientSecretBasic('wrong'), () => {}]) assert.deepEqual(await refusal(revoke('web', token, { auth })), invalidClient)
    await revoke('web', token, { server: other.server }) // it is none there
    assert.ok((await flow.introspect(token)).active)
  }
})

test('a revoked token is dead at every endpoint, at once', async () => {
  const fresh = await flow.tokens(people.ada)
  await revoke('web', fresh.access_token, { more: { token_type_hint: 'refresh_token' } })
  assert.equal(await asks('web', fresh.access_token), inactive)
  assert.equal(await asks('api', fresh.access_token), inactive)
  assert.deepEqual(await refusal(flow.userinfo(fresh.access_token)), invalidToken)
  await revoke('web', fresh.access_token) // twice is no mistake
})

test('no script of another origin reads what introspection says', async () => {
  for (const at of ['introspection_endpoint', 'token_endpoint', 'revocation_endpoint', 'userinfo_endpoint']) {
    const answer = await elsewhere(flow.server[at], { method: 'OPTIONS', headers: { origin: 'https://attacker.test', 'access-control-request-method': 'POST' } })
    assert.equal(answer.headers.get('access-control-allow-origin'), null, at)
  }
})
