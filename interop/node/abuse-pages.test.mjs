// What pages between a request and its answer must not be talked into, and what other
// spellings of an endpoint must not be.
import assert from 'node:assert/strict'
import { request as overHTTP } from 'node:http'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { Flow } from './flows.mjs'
import { elsewhere, insecure, issuers, people, secrets } from './parties.mjs'
import { formsOf, Visitor } from './visitor.mjs'

let flow
before(async () => { flow = await Flow.at(issuers.main, 'asking') })

// question goes as far as the page that asks for consent.
async function question(visitor, changes) {
  const sent = await flow.request(changes)
  let page = await visitor.visit(sent.url, flow.redirectUri)
  assert.equal(page.arrived, undefined)
  const form = formsOf(page.text).find((f) => f.buttons['consent-allow'])
  assert.ok(form, `${page.url} does not ask`)
  return { ...sent, page, form }
}

const answer = (visitor, { page, form }, decision, headers = {}) => {
  const body = new URLSearchParams(form.fields)
  if (decision) body.set('decision', decision)
  return visitor.visit(new URL(form.action, page.url), flow.redirectUri, { method: 'POST', body, headers: { origin: page.url.origin, ...headers } })
}

async function signedIn(person) {
  const visitor = new Visitor()
  await new Flow(flow.server, 'lenient', visitor).ask(person)
  return visitor
}

test('a consent is given from its own page, in its own browser, in one word, and once', async () => {
  const [fay, ben] = [await signedIn(people.ada), await signedIn(people.ben)]
  const asked = await question(fay)
  for (const headers of [{ origin: 'https://attacker.test' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.equal((await answer(fay, asked, 'allow', headers)).status, 403)
  }
  assert.equal((await answer(ben, asked, 'allow')).status, 400) // Ben agrees to what Ada was asked
  const tampered = { ...asked, form: { ...asked.form, fields: new URLSearchParams({ request: `${asked.form.fields.get('request').slice(0, -2)}AA` }) } }
  assert.equal((await answer(fay, tampered, 'allow')).status, 400)
  await question(fay) // nothing of all this was a yes

  const denied = await answer(fay, asked, 'Allow')
  assert.equal(denied.arrived?.searchParams.get('error'), 'access_denied')
  assert.equal((await answer(fay, asked, 'allow')).status, 400) // it was answered
  const again = await question(fay)
  const { arrived } = await answer(fay, again, 'allow')
  const got = { ...again, answer: oauth.validateAuthResponse(flow.server, flow.party, arrived, again.state) }
  await flow.redeem(got)
  assert.equal((await answer(fay, again, 'allow')).status, 400)
})

test('what waits for a sign-in cannot be changed, nor continued at another server', async () => {
  const nobody = new Visitor()
  const { url } = await nobody.visit((await flow.request()).url)
  const ticket = url.searchParams.get('t')
  assert.ok(ticket, `${url} holds no ticket`)
  const ada = await signedIn(people.ada)
  for (const r of ['', 'r', ticket, `${ticket}A`]) {
    for (const issuer of [issuers.main, issuers.other]) {
      const page = await ada.visit(`${issuer}/authorize/continue?r=${encodeURIComponent(r)}`, 'https://')
      assert.deepEqual([page.arrived, page.status], [undefined, 400])
    }
  }
})

test('sign-in leads to no address that a link names', async () => {
  const { url } = await new Visitor().visit((await flow.request()).url)
  for (const name of ['return', 'next', 'redirect', 'returnTo', 'redirect_uri', 'continue']) url.searchParams.set(name, 'https://attacker.test/')
  const visitor = new Visitor()
  const end = await visitor.signIn(url, 'https://', { ...people.ben, denies: true })
  assert.equal(end.origin, new URL(flow.redirectUri).origin)
})

test('what an application says about itself is text on every page', async () => {
  const state = `"><script>alert(1)</script>'&amp;<b>%00`
  const lenient = new Flow(flow.server, 'lenient', await signedIn(people.ben))
  for (const changes of [{}, { scope: 'no.such.scope' }]) {
    const { url } = await lenient.request({ response_mode: 'form_post', state, ...changes })
    const page = await lenient.visitor.visit(url, lenient.redirectUri)
    const [form] = formsOf(page.text)
    assert.equal(form.action, lenient.redirectUri)
    assert.equal(form.fields.get('state'), state)
    assert.equal(form.fields.get('iss'), issuers.main)
    assert.ok(!page.text.includes('<script>alert') && !page.text.includes('<b>'))
    assert.match(page.headers['content-security-policy'], /script-src '(sha256-|none|nonce-)/)
  }
  const { url } = await lenient.request({ client_id: state })
  const page = await lenient.visitor.visit(url)
  assert.equal(page.status, 400)
  assert.ok(!page.text.includes('<script>alert'))
})

test('an endpoint has one spelling', async () => {
  for (const change of [
    (u) => `${u}/`, (u) => u.replace('/main/', '//main/'), (u) => u.replace('/main/', '/MAIN/'), (u) => u.replace('/main/', '/x/../main/'), (u) => u.replace('/token', '/%74oken'),
    (u) => u.replace('/token', '/./token'), (u) => u.replace('/token', '/token;x=1'), (u) => u.replace('/main/', '/%2fmain/'), (u) => u.replace('/token', '\\token'), (u) => `${u}%00`,
  ]) {
    const status = await raw({ path: new URL(flow.server.token_endpoint).pathname, change })
    assert.ok(status !== 200 && status < 500, `${change} is answered with ${status}`)
  }
  assert.equal(await raw({ path: new URL(flow.server.token_endpoint).pathname, change: (u) => u }), 200)
})

// raw asks for a token at a path that no URL parser has tidied up.
const raw = ({ path, change, headers = {} }) => new Promise((done, failed) => {
  const { hostname, port } = new URL(issuers.main)
  const body = 'grant_type=client_credentials'
  const sent = overHTTP({
    hostname, port, method: 'POST', path: change(path),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, authorization: `Basic ${btoa(`reporting:${secrets.reporting}`)}`, ...headers },
  }, (response) => { response.resume(); done(response.statusCode) })
  sent.on('error', failed)
  sent.end(body)
})

test('two Authorization headers are one too many', async () => {
  const basic = `Basic ${btoa(`reporting:${secrets.reporting}`)}`
  assert.equal(await raw({ path: '/main/token', change: (u) => u, headers: { authorization: [basic, basic] } }), 400)
})

test('a method in a header is no method', async () => {
  const reply = await elsewhere(flow.server.token_endpoint, {
    method: 'GET', headers: { 'x-http-method-override': 'POST', 'x-method-override': 'POST', authorization: `Basic ${btoa(`reporting:${secrets.reporting}`)}` },
  })
  assert.equal(reply.status, 405)
})

test('metadata is the same whoever asks by whatever name, and promises what is there', async () => {
  const issuer = new URL(issuers.main)
  const plain = await (await fetch(`${issuers.main}/.well-known/openid-configuration`)).json()
  for (const headers of [{ 'x-forwarded-host': 'attacker.test' }, { 'x-forwarded-proto': 'https' }, { forwarded: 'host=attacker.test;proto=https' }, { 'x-original-url': '/other' }]) {
    assert.deepEqual(await (await fetch(`${issuers.main}/.well-known/openid-configuration`, { headers })).json(), plain)
  }
  for (const algorithm of ['oidc', 'oauth2']) {
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...insecure, algorithm }))
    assert.deepEqual({ ...server }, plain)
  }
  for (const [name, endpoint] of Object.entries(plain).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri')) {
    assert.ok(endpoint.startsWith(`${issuers.main}/`), name)
    assert.notEqual((await fetch(endpoint, { redirect: 'manual' })).status, 404, name)
  }
  await assert.rejects(async () => oauth.processDiscoveryResponse(
    new URL(issuers.other), await oauth.discoveryRequest(issuer, insecure)), { code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' })
})

test('key sets hold public keys, each with its name and its algorithm', async () => {
  for (const name of Object.keys(issuers)) {
    const { keys } = await (await fetch(`${issuers[name]}/jwks`)).json()
    assert.ok(keys.length > 0)
    for (const key of keys) {
      assert.ok(key.kid && key.alg && key.use === 'sig', JSON.stringify(key))
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) assert.equal(key[member], undefined)
    }
    assert.equal(new Set(keys.map((key) => key.kid)).size, keys.length)
  }
})

test('a query beside the form of consent is refused', async () => {
  const ben = await signedIn(people.ben)
  const asked = await question(ben)
  const page = await answer(ben, { ...asked, form: { ...asked.form, action: `${asked.form.action}?decision=allow` } })
  assert.equal(page.status, 400)
})
