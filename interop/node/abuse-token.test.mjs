// What the token endpoint must not do, as oauth4webapi reads its answers.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { authOf, Flow, machine } from './flows.mjs'
import { elsewhere, insecure, invalidClient, invalidGrant, invalidRequest, issuers, people, redirectOf, refusal, refused, secrets, soon } from './parties.mjs'
import { Visitor } from './visitor.mjs'

const ada = new Visitor()
const offline = { scope: 'openid offline_access billing.read.bill' }

let flow, other
before(async () => {
  flow = await Flow.at(issuers.main, 'web', ada)
  other = await Flow.at(issuers.other, 'web', ada)
})

const dead = (flow, token) => soon('the token is dead', async () => !(await flow.introspect(token)).active)

// raw sends a body that no library would, and has the library read the answer.
async function raw(body, { headers = {}, method = 'POST', url = flow.server.token_endpoint } = {}) {
  const answer = await elsewhere(url, {
    method, body, headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic('reporting', secrets.reporting), ...headers },
  })
  return oauth.processClientCredentialsResponse(flow.server, { client_id: 'reporting' }, answer)
}

const basic = (name, secret) => `Basic ${btoa(`${encodeURIComponent(name)}:${encodeURIComponent(secret)}`)}`
const good = 'grant_type=client_credentials'

test('the strictest client agrees with a whole sign-in', async () => {
  flow.party.require_auth_time = true
  const tokens = await flow.tokens(people.ada, { ...offline, max_age: '600' })
  assert.equal(tokens.raw.token_type, 'Bearer')
  assert.equal(tokens.scope, offline.scope)
  const info = await flow.userinfo(tokens.access_token, tokens.claims.sub)
  assert.equal(info.sub, tokens.claims.sub)
  const request = new Request('https://api.acme.example/', { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const claims = await oauth.validateJwtAccessToken(flow.server, request, 'https://api.acme.example/main', insecure)
  assert.equal(claims.sub, tokens.claims.sub)
  await assert.rejects(oauth.validateJwtAccessToken(flow.server, request, 'https://api.acme.example/other', insecure))
  await assert.rejects(oauth.validateJwtAccessToken(other.server, request, 'https://api.acme.example/main', insecure))
  await flow.refresh(tokens.refresh_token)

  const query = new Flow(flow.server, 'web', ada, `${redirectOf('web')}?tenant=1`) // a registered query is kept
  await query.tokens(people.ada)
})

test('form, method, type and size of a request are held to the letter', async () => {
  const many = Array.from({ length: 70 }, (_, i) => `p${i}=1`).join('&')
  for (const [what, body, more] of [
    ['grant_type twice', `${good}&${good}`],
    ['grant_type twice, once empty', `${good}&grant_type=`],
    ['scope twice', `${good}&scope=billing.read.report&scope=billing.read.report`],
    ['an unknown parameter twice', `${good}&x=1&x=2`],
    ['no grant_type', 'scope=billing.read.report'],
    ['an empty body', ''],
    ['JSON', JSON.stringify({ grant_type: 'client_credentials' }), { headers: { 'content-type': 'application/json' } }],
    ['a form that says it is text', good, { headers: { 'content-type': 'text/plain' } }],
    ['a form that says it is two things', good, { headers: { 'content-type': 'application/x-www-form-urlencoded, text/plain' } }],
    ['multipart', `--b\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--b--\r\n`,
      { headers: { 'content-type': 'multipart/form-data; boundary=b' } }],
    ['a body of a hundred kilobytes', `${good}&x=${'x'.repeat(100 << 10)}`],
    ['seventy parameters', `${good}&${many}`],
    ['parameters in the query beside the body', good, { url: `${flow.server.token_endpoint}?x=1` }],
    ['the grant in the query', '', { url: `${flow.server.token_endpoint}?${good}` }],
    ['a semicolon for an ampersand', `${good};scope=billing.read.report`],
    ['a broken escape', `${good}&scope=%zz`],
    ['bytes that are no text', `${good}&scope=%ff%fe`],
    ['a NUL', `${good}&scope=a%00b`],
    ['a secret in header and body', `${good}&client_id=reporting&client_secret=${secrets.reporting}`],
    ['another client_id in the body', `${good}&client_id=web`],
    ['credentials in the query', good, { headers: { authorization: '' }, url: `${flow.server.token_endpoint}?client_id=reporting&client_secret=${secrets.reporting}` }],
  ]) assert.deepEqual(await refusal(raw(body, more)), invalidRequest, what)

  await raw(good) // the one without a mistake
  await raw(good, { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' } })
})

test('a grant that is not offered is not supported', async () => {
  for (const grant of [
    'password', 'implicit', 'Client_Credentials', 'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer', 'urn:openid:params:grant-type:ciba',
  ]) {
    const answer = await oauth.genericTokenEndpointRequest(
      flow.server, { client_id: 'reporting' }, authOf('reporting'), grant, { username: 'ada', password: people.ada.password, assertion: 'a', device_code: 'c' }, insecure)
    assert.deepEqual(await refusal(oauth.processGenericTokenEndpointResponse(flow.server, { client_id: 'reporting' }, answer)), refused(400, 'unsupported_grant_type'), grant)
  }
})

test('only POST is for programs', async () => {
  for (const at of ['token_endpoint', 'introspection_endpoint', 'revocation_endpoint']) {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await elsewhere(`${flow.server[at]}?${good}`, { method, headers: { authorization: basic('reporting', secrets.reporting) } })
      assert.equal(answer.status, 405, `${method} at ${at}`)
      assert.match(answer.headers.get('allow'), /POST/)
      await answer.body?.cancel()
    }
  }
})

test('who does not authenticate as it is registered is a stranger', async () => {
  for (const [what, name, auth] of [
    ['a wrong secret', 'reporting', oauth.ClientSecretBasic('wrong')],
    ['the secret of another', 'reporting', oauth.ClientSecretBasic(secrets.web)],
    ['a client that is not there', 'nobody', oauth.ClientSecretBasic(secrets.web)],
    ['the body, where the header is registered', 'reporting', oauth.ClientSecretPost(secrets.reporting)],
    ['the header, where the body is registered', 'posting', oauth.ClientSecretBasic(secrets.posting)],
    ['a name alone', 'reporting', oauth.None()],
    ['a public client with a secret', 'browser', oauth.ClientSecretPost('secret')],
    ['a JWT made with the secret', 'reporting', oauth.ClientSecretJwt(secrets.reporting)],
    ['a bearer token', 'reporting', (s, c, body, headers) => headers.set('authorization', `Bearer ${secrets.reporting}`)],
    ['a secret that is not form-encoded', 'reporting', (s, c, body, headers) => headers.set('authorization', `Basic ${btoa('reporting:%zz')}`)],
    ['no colon', 'reporting', (s, c, body, headers) => headers.set('authorization', `Basic ${btoa('reporting')}`)],
    ['nothing at all', 'reporting', () => {}],
  ]) {
    const party = { client_id: name }
    const answer = await oauth.clientCredentialsGrantRequest(flow.server, party, auth, {}, insecure)
    const { error_description: said } = await answer.clone().json()
    assert.ok(!/unknown|registered/.test(said ?? ''), `${what}: ${said}`)
    assert.deepEqual(await refusal(oauth.processClientCredentialsResponse(flow.server, party, answer)), invalidClient, what)
  }
})

test('who fails too often is told to wait, and keeps nobody else from the token', async () => {
  const party = { client_id: 'reporting' }
  const from = (address) => ({ ...insecure, [oauth.customFetch]: (url, init) => fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), 'x-forwarded-for': address } }) })
  const attempt = async (address, secret) => oauth.clientCredentialsGrantRequest(flow.server, party, oauth.ClientSecretBasic(secret), {}, from(address))
  const answers = []
  for (let i = 0; i < 12; i++) answers.push(await attempt('192.0.2.1', 'wrong'))
  assert.deepEqual(answers.slice(0, 10).map(({ status }) => status), Array(10).fill(401))
  assert.ok(Number(answers[11].headers.get('retry-after')) > 0)
  assert.deepEqual(await refusal(oauth.processClientCredentialsResponse(flow.server, party, answers[11])), refused(429, 'temporarily_unavailable'))
  assert.equal((await attempt('192.0.2.1', secrets.reporting)).status, 429) // it learns nothing from the right one
  await oauth.processClientCredentialsResponse(flow.server, party, await attempt('192.0.2.2', secrets.reporting))
})

test('without openid there is no ID token, and no userinfo', async () => {
  const got = await flow.ask(people.ada, { scope: 'billing.read.bill' })
  const answer = await oauth.authorizationCodeGrantRequest(flow.server, flow.party, flow.auth, got.answer, flow.redirectUri, got.verifier, insecure)
  const tokens = await oauth.processAuthorizationCodeResponse(flow.server, { client_id: 'web' }, answer)
  assert.equal(tokens.id_token, undefined)
  assert.deepEqual(await refusal(flow.userinfo(tokens.access_token)), refused(403, 'insufficient_scope', 'bearer'))
})

test('an unknown client and a wrong secret are told the same', async () => {
  const said = []
  for (const name of ['reporting', 'nobody']) {
    const answer = await oauth.clientCredentialsGrantRequest(flow.server, { client_id: name }, oauth.ClientSecretBasic('wrong'), {}, insecure)
    const { reference, error_description: text, ...rest } = await answer.json()
    said.push([answer.status, Object.keys({ reference, text }), String(text).replace(reference, ''), rest])
  }
  assert.deepEqual(said[0], said[1])
})

test('a machine gets what it is registered for', async () => {
  for (const [parameters, error] of [
    [{ scope: 'openid' }, 'invalid_scope'], [{ scope: 'billing.read.bill' }, 'invalid_scope'], [{ scope: 'no.such.scope' }, 'invalid_scope'],
    [{ scope: 'billing.read.report"' }, 'invalid_scope'], [{ scope: 'meters.read.report' }, 'invalid_scope'],
    [{ resource: 'https://api.acme.example/other' }, 'invalid_target'], [{ resource: 'not a URI' }, 'invalid_target'],
  ]) assert.deepEqual(await refusal(machine('reporting', parameters)), refused(400, error), JSON.stringify(parameters))
  for (const name of ['web', 'posting', 'browser']) assert.deepEqual(await refusal(machine(name)), refused(400, 'unauthorized_client'), name)
  await machine('reporting', { resource: 'https://api.acme.example/main' })
})

test('an application without codes has none to redeem', async () => {
  const got = await flow.ask(people.ada)
  assert.deepEqual(await refusal(flow.redeem(got, { party: { client_id: 'reporting' }, auth: authOf('reporting') })), refused(400, 'unauthorized_client'))
})

for (const [what, changes] of [
  ['another verifier', { verifier: oauth.generateRandomCodeVerifier() }],
  ['no verifier', { verifier: oauth.nopkce }],
  ['a short verifier', { verifier: 'short' }],
  ['another redirect address of the same application', { redirectUri: `${redirectOf('web')}?tenant=1` }],
  ['a redirect address with a slash more', { redirectUri: `${redirectOf('web')}/` }],
  ['the redirect address in capitals', { redirectUri: 'https://WEB.acme.example/callback' }],
]) {
  test(`a code with ${what} is refused, and is not lost to its owner`, async () => {
    const got = await flow.ask(people.ada)
    assert.deepEqual(await refusal(flow.redeem(got, changes)), invalidGrant)
    await flow.redeem(got)
  })
}

test('a challenge cannot be redeemed as a verifier', async () => {
  const got = await flow.ask(people.ada)
  assert.deepEqual(await refusal(flow.redeem(got, { verifier: await oauth.calculatePKCECodeChallenge(got.verifier) })), invalidGrant)
})

test('no code without the redirect address that it was sent to', async () => {
  const got = await flow.ask(people.ada)
  const { [oauth.customFetch]: send } = insecure
  const without = (url, init) => { init.body.delete('redirect_uri'); return send(url, init) }
  assert.deepEqual(await refusal(flow.redeem(got, { [oauth.customFetch]: without })), invalidGrant)
})

test('a verifier for a request that had no challenge tells of a downgrade', async () => {
  const lenient = new Flow(flow.server, 'lenient', ada)
  const bare = { code_challenge: undefined, code_challenge_method: undefined }
  const got = await lenient.ask(people.ada, bare)
  assert.deepEqual(await refusal(lenient.redeem(got)), invalidGrant)
  await lenient.redeem(await lenient.ask(people.ada, bare), { verifier: oauth.nopkce })
  assert.deepEqual(await refusal(lenient.redeem(await lenient.ask(people.ada), { verifier: oauth.nopkce })), invalidGrant)
})

test('a code that comes twice costs the first its tokens', async () => {
  const got = await flow.ask(people.ada, offline)
  const tokens = await flow.redeem(got)
  assert.deepEqual(await refusal(flow.redeem(got)), invalidGrant)
  assert.deepEqual(await refusal(flow.refresh(tokens.refresh_token)), invalidGrant)
  await dead(flow, tokens.access_token)
})

test('of ten parallel redemptions one wins at most, and nothing of it lives', async () => {
  const got = await flow.ask(people.ada, offline)
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => flow.redeem(got)))
  const won = answers.filter(({ status }) => status === 'fulfilled')
  assert.ok(won.length <= 1)
  for (const { value } of won) {
    assert.deepEqual(await refusal(flow.refresh(value.refresh_token)), invalidGrant)
    await dead(flow, value.access_token)
  }
})

test('a code belongs to its application, and is burnt by another that brings it', async () => {
  for (const thief of ['posting', 'browser', 'lenient']) {
    const got = await flow.ask(people.ada)
    assert.deepEqual(await refusal(flow.redeem(got, { party: { client_id: thief }, auth: authOf(thief) })), invalidGrant, thief)
    assert.deepEqual(await refusal(flow.redeem(got)), invalidGrant, thief)
  }
})

test('a code is worth nothing at another server', async () => {
  const got = await flow.ask(people.ada)
  // The library would notice the wrong issuer: a careless one would not.
  const careless = oauth.validateAuthResponse(other.server, other.party, new URLSearchParams([...got.answer].map(([k, v]) => [k, k === 'iss' ? issuers.other : v])), got.state)
  assert.deepEqual(await refusal(other.redeem({ ...got, answer: careless })), invalidGrant)
})

test('no code is made by changing one', async () => {
  const got = await flow.ask(people.ada)
  const code = got.answer.get('code')
  for (const changed of [code.slice(1), `${code}A`, code.slice(0, -1), (code[0] === 'A' ? 'B' : 'A') + code.slice(1), code.split('').reverse().join(''), 'code', `${code} `]) {
    const answer = oauth.validateAuthResponse(flow.server, flow.party, new URLSearchParams([...got.answer].map(([k, v]) => [k, k === 'code' ? changed : v])), got.state)
    assert.deepEqual(await refusal(flow.redeem({ ...got, answer })), invalidGrant, changed)
  }
  await flow.redeem(got)
})

test('a refresh never widens, and narrows for once', async () => {
  let tokens = await flow.tokens(people.ada, offline)
  for (const scope of ['openid billing.write.payment', 'openid billing.read.bill billing.write.payment', 'openid profile', 'no.such.scope', 'meters.read.value']) {
    assert.deepEqual(await refusal(flow.refresh(tokens.refresh_token, { scope })), refused(400, 'invalid_scope'), scope)
  }
  const narrow = await flow.refresh(tokens.refresh_token, { scope: 'openid' })
  assert.equal(narrow.scope, 'openid')
  tokens = await flow.refresh(narrow.refresh_token)
  assert.equal(tokens.scope, offline.scope)
  assert.deepEqual(await refusal(flow.refresh(tokens.refresh_token, { resource: 'https://api.acme.example/other' })), refused(400, 'invalid_target'))
  await flow.refresh(tokens.refresh_token)
})

test('a refresh token is for its application and its server', async () => {
  const tokens = await flow.tokens(people.ada, offline)
  assert.deepEqual(await refusal(other.refresh(tokens.refresh_token)), invalidGrant)
  const { refresh_token: next } = await flow.refresh(tokens.refresh_token)
  assert.deepEqual(await refusal(flow.refresh(next, {}, { party: { client_id: 'posting' }, auth: authOf('posting') })), invalidGrant)
  assert.deepEqual(await refusal(flow.refresh(next)), invalidGrant) // it was stolen
})

test('what is no refresh token refreshes nothing', async () => {
  const got = await flow.ask(people.ada, offline)
  const tokens = await flow.redeem(got)
  const token = tokens.refresh_token
  for (const wrong of [tokens.access_token, tokens.id_token, got.answer.get('code'), 'rt_', token.slice(0, -1), `${token}A`, token.replace('rt_', ''), `${token} `]) {
    assert.deepEqual(await refusal(flow.refresh(wrong)), invalidGrant, wrong.slice(0, 8))
  }
  await flow.refresh(token)
})

test('of ten parallel refreshes one wins at most', async () => {
  const tokens = await flow.tokens(people.ada, offline)
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => flow.refresh(tokens.refresh_token)))
  const won = answers.filter(({ status }) => status === 'fulfilled')
  assert.ok(won.length <= 1)
  for (const { value } of won) assert.deepEqual(await refusal(flow.refresh(value.refresh_token)), invalidGrant)
})

test('no answer is kept by a cache', async () => {
  for (const [url, init] of [
    [flow.server.token_endpoint, { method: 'POST', body: new URLSearchParams(good), headers: { authorization: basic('reporting', secrets.reporting) } }],
    [flow.server.token_endpoint, { method: 'POST', body: new URLSearchParams(good) }],
    [flow.server.introspection_endpoint, { method: 'POST', body: new URLSearchParams('token=a'), headers: { authorization: basic('reporting', secrets.reporting) } }],
    [flow.server.userinfo_endpoint, {}],
  ]) {
    const answer = await elsewhere(url, init)
    assert.match(answer.headers.get('cache-control'), /no-store/)
    await answer.body?.cancel()
  }
})
