// openid-client, which is certified by the OpenID Foundation, as relying party.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as client from 'openid-client'
import { byeOf, elsewhere, halfHash, issuers, partsOf, people, redirectOf, secrets, soon, totp } from './parties.mjs'
import { formsOf, Visitor } from './visitor.mjs'

const methods = { posting: client.ClientSecretPost, browser: client.None, native: client.None }

// relyingParty is an application with all checks that the library knows turned on.
async function relyingParty(name, metadata = {}) {
  const method = (methods[name] ?? client.ClientSecretBasic)(secrets[name])
  const config = await client.discovery(new URL(issuers.main), name, metadata, method, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], [client.customFetch]: elsewhere,
  })
  return { name, config, redirectUri: redirectOf(name), visitor: new Visitor() }
}

// start makes an authorization request and the checks of its answer.
async function start(rp, parameters = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true,
  }
  const request = client.buildAuthorizationUrl(rp.config, {
    redirect_uri: rp.redirectUri, scope: 'openid billing.read.bill', state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256',
    ...parameters,
  })
  return { request, checks }
}

// enter goes there as a person and comes back with tokens.
async function enter(rp, person, parameters = {}, more = {}) {
  const { request, checks } = await start(rp, parameters)
  const end = await rp.visitor.signIn(request, rp.redirectUri, person)
  return client.authorizationCodeGrant(rp.config, end, { ...checks, ...more })
}

// denied goes there and gives the error that the library finds in the answer, which
// has the right state and issuer or would not be looked into.
async function denied(rp, person, parameters) {
  const { request, checks } = await start(rp, parameters)
  const end = await rp.visitor.signIn(request, rp.redirectUri, person)
  let failure
  await assert.rejects(client.authorizationCodeGrant(rp.config, end, checks), (error) => { failure = error; return true })
  assert.equal(failure.code, 'OAUTH_AUTHORIZATION_RESPONSE_ERROR', failure.stack)
  return failure.error
}

const invalidGrant = { error: 'invalid_grant', status: 400 }
const inactive = async (rp, token, hint) =>
  assert.deepEqual(await client.tokenIntrospection(rp.config, token, hint && { token_type_hint: hint }), { active: false })

const ben = new Visitor() // Ben's browser, for all applications

test('a customer signs in, and every claim of the ID token holds', async () => {
  const rp = await relyingParty('web')
  const tokens = await enter(rp, people.ada, { max_age: '600', claims: JSON.stringify({ id_token: { email: null } }) }, { maxAge: 600 })
  const claims = tokens.claims()
  const [header] = partsOf(tokens.id_token)
  assert.equal(header.alg, 'ES256')
  assert.equal(claims.iss, issuers.main)
  assert.equal(claims.aud, 'web')
  assert.equal(claims.at_hash, halfHash(tokens.access_token, header.alg))
  assert.equal(claims.acr, 'pwd')
  assert.deepEqual(claims.amr, ['pwd'])
  assert.equal(claims.email, people.ada.email)
  assert.match(claims.account_number, /^AC-/)
  assert.ok(claims.auth_time <= claims.iat && claims.exp > claims.iat)
  assert.equal(tokens.token_type, 'bearer')
  assert.equal(tokens.scope, 'openid billing.read.bill')
  assert.ok(tokens.expiresIn() > 0)

  const info = await client.fetchUserInfo(rp.config, tokens.access_token, claims.sub)
  assert.equal(info.account_number, claims.account_number)
  await assert.rejects(client.fetchUserInfo(rp.config, tokens.access_token, 'somebody-else'), { code: 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED' })
})

test('every type of client gets through, and each kind of redirect address is led to', async () => {
  for (const [name, redirectUri] of [
    ['posting', redirectOf('posting')], ['browser', redirectOf('browser')], ['lenient', redirectOf('lenient')],
    ['native', 'http://127.0.0.1:49152/callback'], ['native', 'com.acme.water:/callback'],
  ]) {
    const rp = await relyingParty(name)
    rp.visitor = ben
    rp.redirectUri = redirectUri
    const tokens = await enter(rp, people.ben)
    assert.equal(tokens.claims().aud, name)
    await client.fetchUserInfo(rp.config, tokens.access_token, tokens.claims().sub)
  }
})

test('an answer may come as a form', async () => {
  const rp = await relyingParty('web')
  const { request, checks } = await start(rp, { response_mode: 'form_post' })
  const [form] = formsOf((await ben.visit(request)).text)
  assert.equal(form.action, rp.redirectUri)
  const tokens = await client.authorizationCodeGrant(rp.config, new Request(form.action, { method: 'POST', body: form.fields }), checks)
  assert.equal(tokens.claims().aud, 'web')
})

test('a refreshed token keeps who signed in and when, and the one before is spent', async () => {
  const rp = await relyingParty('web')
  rp.visitor = ben
  const first = await enter(rp, people.ben, { scope: 'openid offline_access billing.read.bill' })
  const second = await client.refreshTokenGrant(rp.config, first.refresh_token)
  for (const claim of ['iss', 'sub', 'aud', 'auth_time', 'acr', 'sid']) assert.deepEqual(second.claims()[claim], first.claims()[claim], claim)
  assert.equal(second.claims().nonce, undefined)
  assert.equal(second.claims().at_hash, halfHash(second.access_token, 'ES256'))
  assert.equal(second.scope, first.scope)
  assert.notEqual(second.refresh_token, first.refresh_token)

  await assert.rejects(client.refreshTokenGrant(rp.config, first.refresh_token), invalidGrant)
  await assert.rejects(client.refreshTokenGrant(rp.config, second.refresh_token), invalidGrant)
  await soon('the access token of a family that was used twice is dead', async () =>
    !(await client.tokenIntrospection(rp.config, second.access_token)).active)
})

test('a session answers without a page, and without one the library is told login_required', async () => {
  const rp = await relyingParty('web')
  assert.equal(await denied(rp, people.ben, { prompt: 'none' }), 'login_required')
  rp.visitor = ben
  const tokens = await enter(rp, people.ben)
  const silent = await enter(rp, {}, { prompt: 'none', id_token_hint: tokens.id_token })
  assert.equal(silent.claims().sub, tokens.claims().sub)
  assert.equal(silent.claims().auth_time, tokens.claims().auth_time)
})

test('after signing out the customer is back with the state, and the session is over', async () => {
  const rp = await relyingParty('web')
  const tokens = await enter(rp, people.cleo, { scope: 'openid offline_access' })
  const state = client.randomState()
  const out = client.buildEndSessionUrl(rp.config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: byeOf('web'), state })
  const { arrived } = await rp.visitor.visit(out, byeOf('web'))
  assert.equal(arrived?.href, `${byeOf('web')}?state=${state}`)

  assert.equal(await denied(rp, people.cleo, { prompt: 'none' }), 'login_required')
  await assert.rejects(client.refreshTokenGrant(rp.config, tokens.refresh_token), invalidGrant)
  await soon('the access token is dead with its session', async () => !(await client.tokenIntrospection(rp.config, tokens.access_token)).active)
  await assert.rejects(client.fetchUserInfo(rp.config, tokens.access_token, tokens.claims().sub), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 })

  // Once more, as a browser does that goes back: nobody is there, and the way is open.
  const again = await rp.visitor.visit(out, byeOf('web'))
  assert.equal(again.arrived?.href, `${byeOf('web')}?state=${state}`)
})

test('who is signed out without a hint is asked, and comes back then', async () => {
  const rp = await relyingParty('web')
  await enter(rp, people.cleo)
  const out = client.buildEndSessionUrl(rp.config, { post_logout_redirect_uri: `${byeOf('web')}?from=acme`, state: 's' })
  const page = await rp.visitor.visit(out, byeOf('web'))
  const form = formsOf(page.text).find((f) => f.buttons['logout-confirm'])
  assert.ok(form, `nobody is asked on ${page.url}`)
  await enter(rp, {}, { prompt: 'none' }) // they are in still
  const { arrived } = await rp.visitor.press(page, form, 'logout-confirm', byeOf('web'))
  assert.equal(arrived?.href, `${byeOf('web')}?from=acme&state=s`)
  assert.equal(await denied(rp, people.cleo, { prompt: 'none' }), 'login_required')
})

test('an application looks into its tokens, and into nobody else\'s', async () => {
  const rp = await relyingParty('web')
  rp.visitor = ben
  const tokens = await enter(rp, people.ben, { scope: 'openid offline_access billing.read.bill' })
  const { sub } = tokens.claims()
  const access = await client.tokenIntrospection(rp.config, tokens.access_token)
  assert.deepEqual(
    [access.active, access.client_id, access.sub, access.iss, access.aud, access.scope, access.token_type],
    [true, 'web', sub, issuers.main, 'https://api.acme.example/main', tokens.scope, 'Bearer'])
  const refresh = await client.tokenIntrospection(rp.config, tokens.refresh_token, { token_type_hint: 'refresh_token' })
  assert.deepEqual([refresh.active, refresh.client_id, refresh.sub], [true, 'web', sub])

  const stranger = await relyingParty('posting')
  for (const [token, hint] of [
    [tokens.access_token], [tokens.access_token, 'refresh_token'], [tokens.refresh_token], [tokens.refresh_token, 'access_token'],
    [tokens.id_token], ['no-token-at-all'],
  ]) await inactive(stranger, token, hint)
  const api = await relyingParty('api') // a resource server: access tokens alone are its business
  assert.equal((await client.tokenIntrospection(api.config, tokens.access_token)).sub, sub)
  await inactive(api, tokens.refresh_token)
  await inactive(rp, tokens.id_token)
})

test('a revoked access token is dead alone, and a revoked refresh token takes its family along', async () => {
  const rp = await relyingParty('web')
  rp.visitor = ben
  const first = await enter(rp, people.ben, { scope: 'openid offline_access' })
  await client.tokenRevocation(rp.config, first.access_token)
  await inactive(rp, first.access_token)
  await assert.rejects(client.fetchUserInfo(rp.config, first.access_token, first.claims().sub), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 })
  const second = await client.refreshTokenGrant(rp.config, first.refresh_token)
  assert.equal((await client.tokenIntrospection(rp.config, second.access_token)).active, true)

  await client.tokenRevocation(rp.config, second.refresh_token, { token_type_hint: 'refresh_token' })
  await inactive(rp, second.refresh_token)
  await assert.rejects(client.refreshTokenGrant(rp.config, second.refresh_token), invalidGrant)
  await soon('its access token is dead, too', async () => !(await client.tokenIntrospection(rp.config, second.access_token)).active)
})

test('what is no token is revoked already, and another\'s token stays alive', async () => {
  const rp = await relyingParty('web')
  rp.visitor = ben
  const tokens = await enter(rp, people.ben, { scope: 'openid offline_access' })
  for (const nothing of ['no-token-at-all', tokens.id_token, `${tokens.access_token}x`]) await client.tokenRevocation(rp.config, nothing)
  await client.tokenRevocation(rp.config, 'a', { token_type_hint: 'no-such-hint' })

  const stranger = await relyingParty('posting')
  await assert.rejects(client.tokenRevocation(stranger.config, tokens.access_token), invalidGrant)
  await assert.rejects(client.tokenRevocation(stranger.config, tokens.refresh_token), invalidGrant)
  assert.equal((await client.tokenIntrospection(rp.config, tokens.access_token)).active, true)
  await client.refreshTokenGrant(rp.config, tokens.refresh_token)
})

test('a public client revokes what is its own', async () => {
  const rp = await relyingParty('browser')
  rp.visitor = ben
  const tokens = await enter(rp, people.ben)
  await client.tokenRevocation(rp.config, tokens.refresh_token)
  await assert.rejects(client.refreshTokenGrant(rp.config, tokens.refresh_token), invalidGrant)
})

test('an opaque token says nothing, and is taken wherever a JWT is', async () => {
  const rp = await relyingParty('opaque', { id_token_signed_response_alg: 'RS256' })
  rp.visitor = ben
  const tokens = await enter(rp, people.ben)
  const { sub, at_hash: hash } = tokens.claims()
  assert.equal(tokens.access_token.split('.').length === 3, false, 'it has the form of a JWT')
  assert.ok(!Buffer.from(tokens.access_token, 'base64url').toString('latin1').includes(sub))
  assert.equal(partsOf(tokens.id_token)[0].alg, 'RS256')
  assert.equal(hash, halfHash(tokens.access_token, 'RS256'))
  assert.equal((await client.fetchUserInfo(rp.config, tokens.access_token, sub)).sub, sub)
  const told = await client.tokenIntrospection(rp.config, tokens.access_token)
  assert.deepEqual([told.active, told.client_id, told.sub, told.aud], [true, 'opaque', sub, 'https://api.acme.example/main'])
  const api = await relyingParty('api')
  assert.match((await client.tokenIntrospection(api.config, tokens.access_token)).account_number, /^AC-/)
  assert.equal(told.account_number, undefined, 'the application reads what was sealed from it')
  await inactive(await relyingParty('posting'), tokens.access_token)

  await client.tokenRevocation(rp.config, tokens.access_token)
  await inactive(rp, tokens.access_token)
  await assert.rejects(client.fetchUserInfo(rp.config, tokens.access_token, sub), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 })
})

test('a customer is asked whom to let in, may say no, and is not asked twice', async () => {
  const rp = await relyingParty('asking')
  assert.equal(await denied(rp, { ...people.dora, denies: true }), 'access_denied')
  assert.equal(await denied(rp, people.dora, { prompt: 'none' }), 'consent_required')
  const tokens = await enter(rp, people.dora)
  assert.equal(tokens.scope, 'openid billing.read.bill')
  await enter(rp, {}, { prompt: 'none' })
  // More than was allowed is asked for anew, and what was allowed stays.
  assert.equal(await denied(rp, {}, { prompt: 'none', scope: 'openid offline_access billing.read.bill' }), 'consent_required')
  assert.equal(await denied(rp, { denies: true }, { prompt: 'consent' }), 'access_denied')
  await enter(rp, {}, { prompt: 'none' })
})

test('acr_values=mfa sets up an authenticator app, and asks for its code from then on', async () => {
  let steps = 0 // a code is good once: each of these is of the step after
  const emil = { ...people.emil, code: (key) => totp(key, steps++) }
  const rp = await relyingParty('web')
  const plain = await enter(rp, emil)
  assert.equal(plain.claims().acr, 'pwd')
  assert.equal(emil.key, undefined)
  assert.equal(await denied(rp, {}, { prompt: 'none', acr_values: 'mfa' }), 'login_required')

  const stolen = rp.visitor.twin()
  const strong = await enter(rp, emil, { acr_values: 'mfa' })
  assert.equal(strong.claims().acr, 'mfa')
  assert.deepEqual(strong.claims().amr, ['pwd', 'otp'])
  assert.equal(strong.claims().sub, plain.claims().sub)
  assert.ok(emil.key, 'no app was set up')
  assert.equal(await denied({ ...rp, visitor: stolen }, {}, { prompt: 'none' }), 'login_required')

  const elsewhere = await relyingParty('web') // another browser, where nobody is signed in
  const again = await enter(elsewhere, emil)
  assert.equal(again.claims().acr, 'mfa')
})

test('a rule that wants two factors sends the customer for the second one', async () => {
  let steps = 0
  const fay = { ...people.fay, code: (key) => totp(key, steps++) }
  const rp = await relyingParty('web')
  await enter(rp, fay)
  const tokens = await enter(rp, fay, { scope: 'openid billing.write.payment' })
  const refreshed = await client.refreshTokenGrant(rp.config, tokens.refresh_token)
  for (const given of [tokens, refreshed]) {
    assert.equal(given.scope, 'openid billing.write.payment')
    assert.equal(given.claims().acr, 'mfa')
  }
})

test('a machine gets an access token and nothing else', async () => {
  const rp = await relyingParty('reporting')
  const tokens = await client.clientCredentialsGrant(rp.config)
  assert.deepEqual([tokens.scope, tokens.refresh_token, tokens.id_token], ['billing.read.report', undefined, undefined])
  assert.equal((await client.tokenIntrospection(rp.config, tokens.access_token)).sub, partsOf(tokens.access_token)[1].sub)
  for (const scope of ['openid', 'offline_access', 'billing.read.bill', 'no.such.scope', 'billing.read.report openid']) {
    await assert.rejects(client.clientCredentialsGrant(rp.config, { scope }), { error: 'invalid_scope', status: 400 }, scope)
  }
})

test('what comes back is refused by the library if it was not made for this request', async () => {
  const rp = await relyingParty('web')
  rp.visitor = ben
  const { request, checks } = await start(rp)
  const end = await rp.visitor.signIn(request, rp.redirectUri, people.ben)
  const changed = (name, value) => {
    const url = new URL(end)
    if (value === undefined) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
    return url
  }
  const wrong = { code: 'OAUTH_INVALID_RESPONSE' }
  await assert.rejects(client.authorizationCodeGrant(rp.config, changed('state', 'x'), checks), wrong)
  await assert.rejects(client.authorizationCodeGrant(rp.config, changed('state'), checks), wrong)
  await assert.rejects(client.authorizationCodeGrant(rp.config, changed('iss'), checks), wrong)
  await assert.rejects(client.authorizationCodeGrant(rp.config, changed('iss', issuers.other), checks), wrong)
  await assert.rejects(client.authorizationCodeGrant(rp.config, end, { ...checks, expectedNonce: 'x' }), { code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
})
