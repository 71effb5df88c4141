// What the authorization endpoint must not do. Answers that reach the application are
// read by oauth4webapi, which wants the right state and issuer in errors, too.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { Flow } from './flows.mjs'
import { issuers, now, people, redirectOf } from './parties.mjs'
import { Visitor } from './visitor.mjs'

const ada = new Visitor()

let flow, other, tokens
before(async () => {
  flow = await Flow.at(issuers.main, 'web', ada)
  other = await Flow.at(issuers.other, 'web', ada)
  tokens = await flow.tokens(people.ada)
})

// told gives the error that an application is sent, as the library finds it.
async function told(changes, at = flow) {
  const sent = await at.request(changes)
  const { arrived, ...page } = await at.visitor.visit(sent.url, at.redirectUri)
  assert.ok(arrived, `${JSON.stringify(changes)} is answered with ${page.status} on ${page.url}`)
  let failure
  try {
    oauth.validateAuthResponse(at.server, at.party, arrived, sent.state)
  } catch (error) {
    failure = error
  }
  assert.ok(failure instanceof oauth.AuthorizationResponseError, `${JSON.stringify(changes)}: ${failure ?? 'a code'}`)
  assert.equal(arrived.searchParams.has('code'), false)
  assert.equal(failure.error_description, arrived.searchParams.get('error_description'))
  return failure.error
}

// stays makes sure that an error is shown at home and sent nowhere.
async function stays(url, what) {
  const page = await ada.visit(url, 'https://')
  assert.equal(page.arrived, undefined, `${what} led to ${page.arrived}`)
  assert.equal(page.status, 400, what)
  assert.equal(page.url.host, new URL(issuers.main).host)
  assert.equal(page.headers.location, undefined)
  assert.match(page.headers['content-security-policy'], /frame-ancestors 'none'/)
  return page
}

const callback = redirectOf('web')

for (const [what, address] of Object.entries({
  'a slash more': `${callback}/`, 'no path': 'https://web.acme.example', 'a path below': `${callback}/more`, 'a path above': 'https://web.acme.example/',
  'a query more': `${callback}?x=1`, 'an empty query': `${callback}?`, 'another value in the query': `${callback}?tenant=2`, 'a parameter behind the query': `${callback}?tenant=1&x=1`,
  'a fragment': `${callback}#x`, 'an empty fragment': `${callback}#`, 'another scheme': callback.replace('https', 'http'), 'a scheme in capitals': callback.replace('https', 'HTTPS'),
  'a host in capitals': callback.replace('web.', 'WEB.'), 'a port': callback.replace('.example', '.example:443'), 'another port': callback.replace('.example', '.example:8443'),
  'a subdomain': callback.replace('//web', '//evil.web'), 'a longer host': callback.replace('.example', '.example.attacker.test'),
  'a user name': callback.replace('//', '//web.acme.example@'), 'a user name that hides the host': 'https://web.acme.example@attacker.test/callback',
  'many at signs': 'https://web.acme.example@@attacker.test/callback', 'a backslash': 'https://web.acme.example\\@attacker.test/callback', 'an escaped slash': callback.replace('/callback', '/%2fcallback'),
  'dot segments': callback.replace('/callback', '/x/../callback'), 'escaped dot segments': callback.replace('/callback', '/x/%2e%2e/callback'), 'two slashes': callback.replace('/callback', '//callback'),
  'a semicolon': `${callback};x`, 'white space before it': ` ${callback}`, 'a tab in it': callback.replace('web', 'we\tb'), 'a line feed behind it': `${callback}\n`,
  'no scheme': '//web.acme.example/callback', 'a path alone': '/callback', 'javascript': 'javascript:alert(1)//web.acme.example/callback', 'data': 'data:text/html,x',
  'a letter that looks alike': callback.replace('acme', 'аcme'), 'a full stop behind the host': callback.replace('.example', '.example.'),
  'the address of another application': redirectOf('posting'), 'nothing': '', 'two kilobytes': `${callback}${'x'.repeat(2048)}`,
})) {
  test(`a redirect address with ${what} is sent nothing`, async () => {
    await stays((await flow.request({ redirect_uri: address })).url, what)
  })
}

test('a loopback address differs in its port alone, and for native applications alone', async () => {
  const native = new Flow(flow.server, 'native', ada)
  const led = async (address) => (await ada.visit((await native.request({ redirect_uri: address })).url, address)).arrived
  for (const address of ['http://127.0.0.1:1024/callback', 'http://127.0.0.1/callback', 'http://127.0.0.1:65535/callback']) {
    assert.ok(await led(address), address)
  }
  for (const address of [
    'http://localhost:1024/callback', 'http://127.0.0.2:1024/callback', 'http://127.0.0.1:0/callback', 'http://127.0.0.1:65536/callback', 'http://127.0.0.1:/callback',
    'http://127.0.0.1:080/callback', 'https://127.0.0.1:1024/callback', 'http://127.0.0.1:1024/callback/', 'http://127.0.0.1:1024@attacker.test/callback',
    'http://127.1:1024/callback', 'http://2130706433/callback', 'http://[::1]:1024/callback', 'com.acme.water:/callback/', 'com.acme.water://callback',
  ]) await stays((await native.request({ redirect_uri: address })).url, address)
})

test('without an application that is known nothing is sent anywhere', async () => {
  for (const changes of [{ client_id: undefined }, { client_id: '' }, { client_id: 'nobody' }, { client_id: 'Web' }, { client_id: 'we\0b' }, { client_id: 'posting' }]) {
    await stays((await flow.request(changes)).url, JSON.stringify(changes))
  }
})

test('no parameter stands twice', async () => {
  for (const name of ['client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'response_type', 'code_challenge', 'code_challenge_method', 'prompt', 'unknown']) {
    const { url } = await flow.request({ prompt: 'none', unknown: '1' })
    url.searchParams.append(name, url.searchParams.get(name))
    await stays(url, name)
  }
})

for (const [what, changes, error] of [
  ['plain', { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
  ['a challenge without a method, which would be plain', { code_challenge_method: undefined }, 'invalid_request'],
  ['a method in small letters', { code_challenge_method: 's256' }, 'invalid_request'],
  ['a method without a challenge', { code_challenge: undefined }, 'invalid_request'],
  ['no challenge at all', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['a challenge that is too short', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
  ['a challenge that is too long', { code_challenge: 'a'.repeat(44) }, 'invalid_request'],
  ['a challenge with padding', { code_challenge: `${'a'.repeat(42)}=` }, 'invalid_request'],
  ['a token for an answer', { response_type: 'token' }, 'unsupported_response_type'],
  ['an ID token for an answer', { response_type: 'id_token' }, 'unsupported_response_type'],
  ['a code and an ID token', { response_type: 'code id_token' }, 'unsupported_response_type'],
  ['a code and a token', { response_type: 'code token' }, 'unsupported_response_type'],
  ['nothing', { response_type: 'none' }, 'unsupported_response_type'],
  ['no response type', { response_type: undefined }, 'invalid_request'],
  ['an answer in the fragment', { response_mode: 'fragment' }, 'invalid_request'],
  ['an answer that is signed', { response_mode: 'jwt' }, 'invalid_request'],
  ['an unknown scope', { scope: 'openid no.such.scope' }, 'invalid_scope'],
  ['a scope of machines', { scope: 'openid billing.read.report' }, 'invalid_scope'],
  ['a scope of another server', { scope: 'openid meters.read.value' }, 'invalid_scope'],
  ['a malformed scope', { scope: 'openid "' }, 'invalid_scope'],
  ['another audience', { resource: 'https://api.acme.example/other' }, 'invalid_target'],
  ['none beside another prompt', { prompt: 'none login' }, 'invalid_request'],
  ['an unknown prompt', { prompt: 'magic' }, 'invalid_request'],
  ['an age below zero', { max_age: '-1' }, 'invalid_request'],
  ['an age that is no number', { max_age: '1e3' }, 'invalid_request'],
  ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
  ['a request object', { request: 'a.b.c' }, 'request_not_supported'],
  ['a request object elsewhere', { request_uri: 'https://attacker.example/r' }, 'request_uri_not_supported'],
  ['a registration', { registration: '{}' }, 'registration_not_supported'],
  ['an id_token_hint that is none', { id_token_hint: 'hint' }, 'invalid_request'],
  ['a nonce of a kilobyte and more', { nonce: 'n'.repeat(1100) }, 'invalid_request'],
]) {
  test(`an application that asks for ${what} is told ${error}`, async () => {
    assert.equal(await told(changes), error)
    assert.equal(await told({ ...changes, prompt: changes.prompt ?? 'none' }), error)
  })
}

test('a public application cannot leave PKCE out, and another can only where it is registered so', async () => {
  const bare = { code_challenge: undefined, code_challenge_method: undefined }
  for (const [name, redirect] of [['browser'], ['native', 'http://127.0.0.1/callback'], ['posting'], ['keyed']]) {
    assert.equal(await told(bare, new Flow(flow.server, name, ada, redirect)), 'invalid_request', name)
  }
  await new Flow(flow.server, 'lenient', ada).ask(people.ada, bare)
  assert.equal(await told({ code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }, new Flow(flow.server, 'lenient', ada)), 'invalid_request')
})

const tampered = (token) => {
  const [head, claims, signature] = token.split('.')
  const changed = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url')), sub: 'somebody' })).toString('base64url')
  return `${head}.${changed}.${signature}`
}

test('only an ID token of this server is a hint', async () => {
  const foreign = await other.tokens(people.ada, { scope: 'openid meters.read.value' })
  for (const [what, hint] of [
    ['tampered', tampered(tokens.id_token)], ['without its signature', `${tokens.id_token.split('.').slice(0, 2).join('.')}.`],
    ['of another issuer', foreign.id_token], ['an access token', tokens.access_token],
  ]) assert.equal(await told({ id_token_hint: hint, prompt: 'none' }), 'invalid_request', what)
  await flow.tokens({}, { id_token_hint: tokens.id_token, prompt: 'none' })
})

test('a hint of somebody else is no way into this session', async () => {
  const ben = new Flow(flow.server, 'web', new Visitor())
  const { id_token: hint } = await ben.tokens(people.ben)
  assert.equal(await told({ id_token_hint: hint, prompt: 'none' }), 'login_required')
  // Nor does it help to sign in as somebody else than the hint says.
  const nobody = new Flow(flow.server, 'web', new Visitor())
  await assert.rejects(nobody.ask(people.ada, { id_token_hint: hint }), { name: 'AuthorizationResponseError', error: 'login_required' })
})

test('prompt=none shows nothing, whatever is missing', async () => {
  const nobody = new Flow(flow.server, 'web', new Visitor())
  assert.equal(await told({ prompt: 'none' }, nobody), 'login_required')
  assert.equal(await told({ prompt: 'none', max_age: '0' }), 'login_required')
  assert.equal(await told({ prompt: 'none' }, new Flow(flow.server, 'asking', ada)), 'consent_required')
  assert.equal(await told({ prompt: 'none', acr_values: 'mfa' }), 'login_required')
  assert.equal(await told({ prompt: 'none', scope: 'openid billing.write.payment' }), 'login_required')
})

test('an application that is not assigned to a server gets nothing there', async () => {
  for (const name of ['posting', 'browser', 'asking']) {
    const stray = new Flow(other.server, name, ada)
    assert.equal(await told({ scope: 'openid' }, stray), 'unauthorized_client', name)
  }
})

test('an answer of one server is no answer of another', async () => {
  const sent = await other.request({ scope: 'openid meters.read.value' })
  const { arrived } = await ada.visit(sent.url, other.redirectUri)
  assert.throws(() => oauth.validateAuthResponse(flow.server, flow.party, arrived, sent.state), { code: 'OAUTH_INVALID_RESPONSE' })
  oauth.validateAuthResponse(other.server, other.party, arrived, sent.state)
})

test('max_age makes the customer sign in again, and the ID token says when', async () => {
  for (const changes of [{ max_age: '0' }, { prompt: 'login' }]) {
    const page = await ada.visit((await flow.request(changes)).url, flow.redirectUri)
    assert.equal(page.arrived, undefined, 'nobody had to sign in')
    const start = now()
    const { claims } = await flow.tokens(people.ada, changes)
    assert.ok(claims.auth_time >= start, 'auth_time is that of an earlier sign-in')
  }
})

test('a cookie from before a sign-in is worth nothing after it', async () => {
  const before = ada.twin()
  await new Flow(flow.server, 'web', before).ask({}, { prompt: 'none' })
  await flow.tokens(people.ada, { prompt: 'login' })
  assert.equal(await told({ prompt: 'none' }, new Flow(flow.server, 'web', before)), 'login_required')
  await flow.ask({}, { prompt: 'none' })

  // What an attacker planted is there when Ben comes, and is not Ben afterwards.
  const attacker = new Flow(flow.server, 'web', new Visitor())
  const { url } = await attacker.request()
  const page = await attacker.visitor.visit(url, attacker.redirectUri)
  const ben = new Flow(flow.server, 'web', attacker.visitor.twin())
  await ben.visitor.signIn(page.url, ben.redirectUri, people.ben)
  assert.equal(await told({ prompt: 'none' }, attacker), 'login_required')
  await ben.ask({}, { prompt: 'none' })
})

test('POST is answered as GET is, and nothing else', async () => {
  const { url, state } = await flow.request()
  const { arrived } = await ada.visit(url.origin + url.pathname, flow.redirectUri, { method: 'POST', body: url.searchParams })
  assert.ok(oauth.validateAuthResponse(flow.server, flow.party, arrived, state).get('code'))
  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD']) {
    assert.equal((await fetch(url, { method, redirect: 'manual' })).status, 405, method)
  }
})

test('no header and no parameter of a request changes where pages lead', async () => {
  const { url } = await flow.request()
  const page = await new Visitor().visit(url, '', { headers: { 'x-forwarded-host': 'attacker.test', 'x-forwarded-proto': 'https', forwarded: 'host=attacker.test' } })
  assert.equal(page.url.origin, url.origin)
  assert.ok(!page.text.includes('attacker.test'))
})
