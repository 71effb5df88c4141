// Who takes part in the tests of other people's clients (clients_test.go gathers
// them), and what their programs share.
import assert from 'node:assert/strict'
import { createHash, createHmac, createPrivateKey, randomUUID, sign as signBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'

export const parties = JSON.parse(readFileSync(process.env.SALLYPORT_PARTIES, 'utf8'))
export const { issuers, secrets, keys, people } = parties

export const redirectOf = (application) => `https://${application}.acme.example/callback`
export const byeOf = (application) => `https://${application}.acme.example/bye`

// elsewhere sends a request as if from an address that nobody used before: failed
// authentications are limited by source, and these tests are made of them.
let sources = 0
export function elsewhere(url, init = {}) {
  const headers = new Headers(init.headers)
  sources++
  headers.set('x-forwarded-for', `10.${process.pid % 256}.${sources >> 8}.${sources & 255}`)
  return fetch(url, { ...init, headers, redirect: 'manual' })
}

// insecure lets oauth4webapi speak HTTP, from elsewhere.
export const insecure = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: elsewhere }

export const serverOf = async (issuer) =>
  oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure))

// base64url of text, bytes, or an object as JSON.
export const base64url = (value) =>
  Buffer.from(typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url')

const signers = {
  ES256: (key, input) => signBytes('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (key, input) => signBytes('sha256', input, key),
  PS256: (key, input) => signBytes('sha256', input, { key, padding: 6, saltLength: 32 }), // RSA_PKCS1_PSS_PADDING
  EdDSA: (key, input) => signBytes(null, input, key),
}

// jwt signs by hand, as no library would sign what these tests need.
export function jwt(header, claims, key, algorithm = key.alg) {
  const input = `${base64url(header)}.${base64url(claims)}`
  const signature = signers[algorithm](createPrivateKey({ key, format: 'jwk' }), Buffer.from(input))
  return `${input}.${base64url(signature)}`
}

export const hs256 = (header, claims, secret) => {
  const input = `${base64url(header)}.${base64url(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

export const partsOf = (token) => token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')))

export const now = () => Math.floor(Date.now() / 1000)

// assertionClaims are those of a good assertion (RFC 7523 §3).
export const assertionClaims = (client, audience) =>
  ({ iss: client, sub: client, aud: audience, jti: randomUUID(), iat: now(), exp: now() + 60 })

// privateKey imports a key as clients have it. They name EdDSA as RFC 9864 does, and
// are told by metadata that this server does not: their manual says how to agree.
const imports = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
}

export const privateKey = async (key) => {
  const { alg, use, ...bare } = key
  return { kid: key.kid, key: await crypto.subtle.importKey('jwk', bare, imports[key.alg], false, ['sign']) }
}

export const asMetadataSays = { [oauth.modifyAssertion]: (header) => { if (header.alg === 'Ed25519') header.alg = 'EdDSA' } }

// halfHash is at_hash of an access token (OIDC Core §3.1.3.6), of algorithms with
// SHA-256; EdDSA has SHA-512.
export const halfHash = (token, algorithm) => {
  const digest = createHash(algorithm === 'EdDSA' ? 'sha512' : 'sha256').update(token, 'ascii').digest()
  return base64url(digest.subarray(0, digest.length / 2))
}

// totp is the code that an app with this key shows (RFC 6238), some steps from now.
export function totp(secret, steps = 0) {
  let bits = ''
  for (const letter of secret.replaceAll(' ', '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1000000).padStart(6, '0')
}

// refusal is what the library makes of an answer that it processes: the error and the
// status. Whoever expects one gets no success.
export async function refusal(processed) {
  let failure
  try {
    await processed
  } catch (error) {
    failure = error
  }
  assert.ok(failure, 'it was not refused')
  if (failure instanceof oauth.ResponseBodyError) return { status: failure.status, error: failure.error }
  if (failure instanceof oauth.WWWAuthenticateChallengeError) {
    const [challenge] = failure.cause
    const text = await failure.response.text()
    const error = challenge.parameters.error ?? (text ? JSON.parse(text).error : undefined)
    return { status: failure.status, error, scheme: challenge.scheme }
  }
  throw failure
}

export const refused = (status, error, scheme) => (scheme ? { status, error, scheme } : { status, error })

export const invalidClient = refused(401, 'invalid_client', 'basic')
export const invalidRequest = refused(400, 'invalid_request')
export const invalidGrant = refused(400, 'invalid_grant')

// soon waits until something is so on this node: what ends a grant travels by the
// feed, and may take as long as the promise says.
export async function soon(what, holds) {
  for (const end = Date.now() + 5000; ;) {
    if (await holds()) return
    assert.ok(Date.now() < end, `after five seconds it is not so that ${what}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}
