// openid-client and oauth4webapi with keys instead of secrets (private_key_jwt).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { asMetadataSays, elsewhere, insecure, issuers, keys, people, privateKey, redirectOf, serverOf } from './parties.mjs'
import { Visitor } from './visitor.mjs'

const configured = async (name, key = keys[name][0], issuer = issuers.main) =>
  client.discovery(new URL(issuer), name, {}, client.PrivateKeyJwt(await privateKey(key), asMetadataSays), {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], [client.customFetch]: elsewhere,
  })

for (const name of ['feed-es256', 'feed-rs256', 'feed-ps256', 'feed-eddsa']) {
  test(`a machine proves itself by ${keys[name][0].alg}, at every endpoint`, async () => {
    const config = await configured(name)
    const { token_endpoint_auth_signing_alg_values_supported: algorithms } = config.serverMetadata()
    assert.ok(algorithms.includes(keys[name][0].alg), `metadata promises ${algorithms}`)
    const tokens = await client.clientCredentialsGrant(config, { scope: 'billing.read.report' })
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).client_id, name)
    await client.tokenRevocation(config, tokens.access_token)
    assert.deepEqual(await client.tokenIntrospection(config, tokens.access_token), { active: false })
  })
}

test('while a key is replaced, the old one and the new one are good', async () => {
  assert.deepEqual(keys['feed-two'].map((key) => key.alg), ['ES256', 'EdDSA'])
  for (const key of keys['feed-two']) {
    for (const named of [key, { ...key, kid: undefined }]) { // an assertion need not name its key
      const config = await configured('feed-two', named)
      assert.ok((await client.clientCredentialsGrant(config)).access_token)
    }
  }
})

test('a customer signs in to an application that has a key, and it refreshes', async () => {
  const config = await configured('keyed')
  const redirectUri = redirectOf('keyed')
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true,
  }
  const request = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri, scope: 'openid billing.read.bill', state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256',
  })
  const end = await new Visitor().signIn(request, redirectUri, people.ada)
  const tokens = await client.authorizationCodeGrant(config, end, checks)
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
  assert.equal(refreshed.claims().sub, tokens.claims().sub)
})

test('at two issuers, an application signs for each of them apart', async () => {
  const access = async (issuer) => {
    const server = await serverOf(issuer)
    const party = { client_id: 'feed-es256' }
    const auth = oauth.PrivateKeyJwt(await privateKey(keys['feed-es256'][0]))
    const answer = await oauth.clientCredentialsGrantRequest(server, party, auth, {}, insecure)
    const { access_token: token } = await oauth.processClientCredentialsResponse(server, party, answer)
    const request = new Request('https://api.acme.example/', { headers: { authorization: `Bearer ${token}` } })
    const audience = `https://api.acme.example/${new URL(issuer).pathname.slice(1)}`
    return oauth.validateJwtAccessToken(server, request, audience, { ...insecure, requireDPoP: false })
  }
  assert.equal((await access(issuers.main)).scope, 'billing.read.report')
  assert.equal((await access(issuers.other)).scope, 'meters.read.report')
})
