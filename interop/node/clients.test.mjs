// openid-client and oauth4webapi as relying parties of the demo.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { application, ready } from './ready.mjs'
import { Visitor } from './visitor.mjs'

const account = application('my-account')
const machine = application('payright')
const redirectUri = account.redirect_uris[0]
const overHttp = { execute: [client.allowInsecureRequests] }

let config

before(async () => {
  config = await client.discovery(
    new URL(account.issuer), account.client_id, undefined, client.ClientSecretBasic(account.client_secret), overHttp)
})

// authorize signs Dana in and returns where she was sent, with the checks to make.
async function authorize(parameters = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  }
  const request = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  })
  return { end: await new Visitor().signIn(request, redirectUri, ready.people.dana), checks }
}

const invalidGrant = (error) => {
  assert.equal(error.error, 'invalid_grant')
  assert.equal(error.status, 400)
  return true
}

test('code, PKCE, ID token, userinfo and refresh', async () => {
  const { end, checks } = await authorize()
  const tokens = await client.authorizationCodeGrant(config, end, checks)
  const { sub } = tokens.claims()
  const info = await client.fetchUserInfo(config, tokens.access_token, sub)
  assert.equal(info.sub, sub)

  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
  assert.notEqual(refreshed.access_token, tokens.access_token)
})

// One way to authenticate is registered, and a second would be one more to attack.
test('a secret in the body is refused where the header is registered', async () => {
  const posting = await client.discovery(
    new URL(account.issuer), account.client_id, undefined, client.ClientSecretPost(account.client_secret), overHttp)
  const { end, checks } = await authorize()
  await assert.rejects(client.authorizationCodeGrant(posting, end, checks), (error) => {
    assert.equal(error.status ?? error.response?.status, 401)
    return true
  })
})

test('client credentials give an access token and nothing else', async () => {
  const payright = await client.discovery(
    new URL(machine.issuer), machine.client_id, undefined, client.ClientSecretBasic(machine.client_secret), overHttp)
  const tokens = await client.clientCredentialsGrant(payright, { scope: 'payments.write.posting' })
  assert.equal(tokens.scope ?? 'payments.write.posting', 'payments.write.posting')
  assert.equal(tokens.refresh_token, undefined)
  assert.equal(tokens.id_token, undefined)
  await assert.rejects(client.clientCredentialsGrant(payright, { scope: 'openid' }), { error: 'invalid_scope' })
})

test('a wrong secret is refused as RFC 6749 §5.2 says', async () => {
  const impostor = await client.discovery(
    new URL(machine.issuer), machine.client_id, undefined, client.ClientSecretBasic('a guess'), overHttp)
  await assert.rejects(client.clientCredentialsGrant(impostor), (error) => {
    assert.equal(error.status ?? error.response?.status, 401)
    return true
  })
})

test('a wrong verifier is refused', async () => {
  const { end, checks } = await authorize()
  checks.pkceCodeVerifier = client.randomPKCECodeVerifier()
  await assert.rejects(client.authorizationCodeGrant(config, end, checks), invalidGrant)
})

// RFC 6749 §4.1.2: a code that comes twice revokes what it was exchanged for.
test('a code is redeemed once, and a second time costs the first its tokens', async () => {
  const { end, checks } = await authorize()
  const tokens = await client.authorizationCodeGrant(config, end, checks)
  await assert.rejects(client.authorizationCodeGrant(config, end, checks), invalidGrant)
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), invalidGrant)
})

test('a code belongs to the application that asked for it', async () => {
  const thief = await client.discovery(
    new URL(account.issuer), machine.client_id, undefined, client.ClientSecretBasic(machine.client_secret), overHttp)
  const { end, checks } = await authorize()
  await assert.rejects(client.authorizationCodeGrant(thief, end, checks), (error) => {
    assert.match(error.error, /^(invalid_grant|unauthorized_client)$/)
    return true
  })
})

test('an unregistered redirect address stays at home', async () => {
  for (const wrong of [`${redirectUri}/`, `${redirectUri}?x=1`, 'https://attacker.example/back']) {
    const request = client.buildAuthorizationUrl(config, { redirect_uri: wrong, scope: 'openid', state: 's' })
    const page = await new Visitor().visit(request, wrong)
    assert.equal(page.arrived, undefined, `${wrong} was sent something`)
    assert.ok(page.status >= 400 && page.status < 500, `${wrong} led to ${page.status}`)
    assert.equal(page.url.host, new URL(account.issuer).host)
  }
})

test('plain PKCE is refused', async () => {
  await assert.rejects(
    authorize({ code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }).then(({ end }) => {
      throw Object.assign(new Error(end.href), { error: end.searchParams.get('error') })
    }),
    { error: 'invalid_request' })
})

// oauth4webapi is the strictest reader: it checks what others let pass.
const insecure = { [oauth.allowInsecureRequests]: true }

async function strictServer(app, algorithm = 'oidc') {
  const issuer = new URL(app.issuer)
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }))
}

test('the strictest client accepts the metadata in both places', async () => {
  for (const algorithm of ['oidc', 'oauth2']) {
    const server = await strictServer(account, algorithm)
    assert.equal(server.issuer, account.issuer)
    assert.ok(server.code_challenge_methods_supported.includes('S256'))
    assert.equal(server.authorization_response_iss_parameter_supported, true)
  }
})

test('the strictest client finds a token of RFC 9068, for its audience alone', async () => {
  const server = await strictServer(machine)
  const party = { client_id: machine.client_id }
  const parameters = new URLSearchParams({ scope: 'payments.write.posting' })
  const answer = await oauth.clientCredentialsGrantRequest(
    server, party, oauth.ClientSecretBasic(machine.client_secret), parameters, insecure)
  const { access_token: token } = await oauth.processClientCredentialsResponse(server, party, answer)
  const request = new Request('https://api.harbourlight.test/', { headers: { authorization: `Bearer ${token}` } })

  const claims = await oauth.validateJwtAccessToken(server, request, 'https://api.harbourlight.test/enterprise', insecure)
  assert.equal(claims.client_id, machine.client_id)
  assert.equal(claims.scope, 'payments.write.posting')
  await assert.rejects(oauth.validateJwtAccessToken(server, request, 'https://api.harbourlight.test/apps', insecure))
  await assert.rejects(oauth.validateJwtAccessToken(await strictServer(account), request, 'https://api.harbourlight.test/enterprise', insecure))
})

test('the strictest client understands the refusals', async () => {
  const server = await strictServer(account)
  const party = { client_id: account.client_id }
  const secret = oauth.ClientSecretBasic(account.client_secret)
  const refusal = (error, status) => ({ name: 'ResponseBodyError', error, status })

  const { end, checks } = await authorize()
  const parameters = oauth.validateAuthResponse(server, party, end, checks.expectedState)
  const wrongVerifier = await oauth.authorizationCodeGrantRequest(
    server, party, secret, parameters, redirectUri, oauth.generateRandomCodeVerifier(), insecure)
  await assert.rejects(oauth.processAuthorizationCodeResponse(server, party, wrongVerifier), refusal('invalid_grant', 400))

  const invented = await oauth.refreshTokenGrantRequest(server, party, secret, 'a-token-of-nobody', insecure)
  await assert.rejects(oauth.processRefreshTokenResponse(server, party, invented), refusal('invalid_grant', 400))

  const { end: denied, checks: expected } = await authorize({ scope: 'openid no.such.scope' })
  assert.throws(() => oauth.validateAuthResponse(server, party, denied, expected.expectedState), { error: 'invalid_scope' })
})
