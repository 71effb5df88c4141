// What signing out (OpenID Connect RP-Initiated Logout 1.0) must not do.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { Flow } from './flows.mjs'
import { byeOf, insecure, invalidGrant, issuers, jwt, keys, partsOf, people, redirectOf, refusal, soon } from './parties.mjs'
import { formsOf, Visitor } from './visitor.mjs'

const bye = byeOf('web')

let flow, tokens, foreign, posting, stranger
let waiting // a code that nobody redeemed before the session ended
before(async () => {
  flow = await Flow.at(issuers.main, 'web')
  tokens = await flow.tokens(people.cleo)
  foreign = await (await Flow.at(issuers.other, 'web', flow.visitor)).tokens({}, { scope: 'openid meters.read.value' })
  posting = await new Flow(flow.server, 'posting', flow.visitor).tokens({})
  stranger = await (await Flow.at(issuers.main, 'web')).tokens(people.ben)
})

// signOut goes there; what is undefined is left out.
function signOut(parameters, { visitor = flow.visitor, method = 'GET' } = {}) {
  const url = new URL(flow.server.end_session_endpoint)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return method === 'GET' ? visitor.visit(url, 'https://') : visitor.visit(url.origin + url.pathname, 'https://', { method, body: url.searchParams })
}

// isIn makes sure that the customer is signed in still: the library takes an answer
// without a page.
const isIn = (visitor = flow.visitor) => new Flow(flow.server, 'web', visitor).ask({}, { prompt: 'none' })

const isOut = (visitor) => assert.rejects(isIn(visitor), { name: 'AuthorizationResponseError', error: 'login_required' })

// asked is the page that asks the customer, who is in still.
async function asked(page, what) {
  assert.equal(page.arrived, undefined, `${what} led to ${page.arrived}`)
  assert.ok(formsOf(page.text).some((form) => form.buttons['logout-confirm']), `${what}: nobody is asked`)
  await isIn()
}

const addresses = {
  'a slash more': `${bye}/`, 'a query more': `${bye}?x=1`, 'another value in its query': `${bye}?from=evil`, 'a fragment': `${bye}#x`, 'another host': 'https://attacker.test/bye',
  'a host that begins the same': bye.replace('.example', '.example.attacker.test'), 'a user name': bye.replace('//', '//web.acme.example@'), 'a backslash': 'https://web.acme.example\\@attacker.test/bye',
  'another scheme': bye.replace('https', 'http'), 'capitals': bye.replace('web.', 'WEB.'), 'no scheme': '//attacker.test', 'javascript': 'javascript:alert(1)',
  'the address of answers': redirectOf('web'), 'the address of another application': byeOf('posting'), 'a line feed': `${bye}\nx`, 'an escaped slash': bye.replace('/bye', '/%2fbye'),
}

for (const [what, address] of Object.entries(addresses)) {
  test(`whoever signs out is not led to an address with ${what}`, async () => {
    await asked(await signOut({ client_id: 'web', post_logout_redirect_uri: address, state: 's' }), what)
    const nobody = await signOut({ id_token_hint: tokens.id_token, post_logout_redirect_uri: address, state: 's' }, { visitor: new Visitor() })
    assert.equal(nobody.arrived, undefined)
    assert.ok(!nobody.text.includes('attacker.test') && !nobody.text.includes('alert(1)'))
  })
}

const tampered = (token) => {
  const [head, , signature] = token.split('.')
  return `${head}.${Buffer.from(JSON.stringify({ ...partsOf(token)[1], sid: partsOf(stranger.id_token)[1].sid })).toString('base64url')}.${signature}`
}

for (const [what, hint, more] of [
  ['that is none', () => 'hint'],
  ['with changed claims', () => tampered(tokens.id_token)],
  ['without its signature', () => `${tokens.id_token.split('.').slice(0, 2).join('.')}.`],
  ['of alg none', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${tokens.id_token.split('.')[1]}.`],
  ['signed by an application', () => jwt(partsOf(tokens.id_token)[0], partsOf(tokens.id_token)[1], keys['feed-es256'][0])],
  ['of another issuer', () => foreign.id_token],
  ['that is an access token', () => tokens.access_token],
  ['of another application than client_id says', () => posting.id_token, { client_id: 'web' }],
]) {
  test(`a hint ${what} signs nobody out and leads nowhere`, async () => {
    for (const method of ['GET', 'POST']) {
      await asked(await signOut({ id_token_hint: hint(), post_logout_redirect_uri: bye, state: 's', ...more }, { method }), `${what}, ${method}`)
    }
    const nobody = await signOut({ id_token_hint: hint(), post_logout_redirect_uri: bye, ...more }, { visitor: new Visitor() })
    assert.equal(nobody.arrived, undefined, 'it is an open redirector')
  })
}

test('a hint of another customer signs nobody out unasked', async () => {
  await asked(await signOut({ id_token_hint: stranger.id_token, post_logout_redirect_uri: bye }), 'another customer\'s')
})

test('no hint and no picture on a stranger\'s page sign anybody out', async () => {
  await asked(await signOut({}), 'nothing')
  await asked(await signOut({ client_id: 'nobody', post_logout_redirect_uri: bye }), 'an unknown application')
  const url = new URL(flow.server.end_session_endpoint)
  url.searchParams.set('id_token_hint', tokens.id_token)
  for (const headers of [{ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, { 'sec-fetch-dest': 'iframe' }, { 'sec-purpose': 'prefetch' }]) {
    await flow.visitor.visit(url, 'https://', { headers })
    await isIn()
  }
})

test('the question is answered from its own page, once, and in its own browser alone', async () => {
  const page = await signOut({ client_id: 'web', post_logout_redirect_uri: bye })
  const form = formsOf(page.text).find((f) => f.buttons['logout-confirm'])
  const send = (visitor, headers) => visitor.visit(new URL(form.action, page.url), 'https://', { method: 'POST', body: form.fields, headers })
  for (const headers of [{ origin: 'https://attacker.test' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await send(flow.visitor, headers)).status, 403)
    await isIn()
  }
  const ben = await Flow.at(issuers.main, 'web')
  await ben.tokens(people.ben)
  await send(ben.visitor, { origin: page.url.origin })
  await isIn(ben.visitor)
  await isIn()
})

test('no parameter stands twice', async () => {
  const url = new URL(flow.server.end_session_endpoint)
  url.search = new URLSearchParams([['post_logout_redirect_uri', bye], ['post_logout_redirect_uri', 'https://attacker.test'], ['id_token_hint', tokens.id_token]])
  const page = await flow.visitor.visit(url, 'https://')
  assert.deepEqual([page.arrived, page.status], [undefined, 400])
  await isIn()
})

test('the state comes back as it was, and breaks nothing', async () => {
  waiting = await isIn()
  const state = 'a b&c=d#e%\r\nset-cookie: x=y"\'<ü>'
  const { arrived } = await signOut({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${bye}?from=acme`, state })
  assert.equal(arrived.origin + arrived.pathname, bye)
  assert.deepEqual([...arrived.searchParams], [['from', 'acme'], ['state', state]])
  await isOut()
})

test('what was issued in the session is dead at every server, and the hint leads back still', async () => {
  const other = await Flow.at(issuers.other, 'web')
  for (const [at, token] of [[flow, tokens.access_token], [flow, posting.access_token], [other, foreign.access_token]]) {
    await soon('its access tokens are dead', async () => {
      const answer = await oauth.userInfoRequest(at.server, at.party, token, insecure)
      await answer.body?.cancel()
      return answer.status === 401
    })
  }
  assert.deepEqual(await refusal(flow.refresh(tokens.refresh_token)), invalidGrant)
  assert.deepEqual(await refusal(other.refresh(foreign.refresh_token)), invalidGrant)
  assert.deepEqual(await refusal(flow.redeem(waiting)), invalidGrant)

  const { arrived } = await signOut({ id_token_hint: tokens.id_token, post_logout_redirect_uri: bye, state: 's' })
  assert.equal(arrived?.href, `${bye}?state=s`)
})

test('a form that an application posts signs out as a link does', async () => {
  const posted = await Flow.at(issuers.main, 'web')
  const fresh = await posted.tokens(people.cleo)
  const { arrived } = await signOut({ id_token_hint: fresh.id_token, post_logout_redirect_uri: bye, state: 's' }, { visitor: posted.visitor, method: 'POST' })
  assert.equal(arrived?.href, `${bye}?state=s`)
  await isOut(posted.visitor)
})
