// What the scripts share that judge the server by oauth4webapi: a customer's way to a
// code and to tokens, each answer of it held to the library's checks.
import * as oauth from 'oauth4webapi'
import { insecure, issuers, redirectOf, secrets, serverOf } from './parties.mjs'
import { Visitor } from './visitor.mjs'

const methods = { posting: oauth.ClientSecretPost, browser: oauth.None }

// authOf is how an application authenticates.
export const authOf = (name) => (secrets[name] || methods[name] ? (methods[name] ?? oauth.ClientSecretBasic)(secrets[name]) : oauth.None())

// Flow is an application at a server, and a person's browser.
export class Flow {
  constructor(server, name, visitor = new Visitor(), redirectUri = redirectOf(name)) {
    Object.assign(this, { server, name, visitor, redirectUri, party: { client_id: name }, auth: authOf(name) })
  }

  static async at(issuer, name, ...rest) {
    return new Flow(await serverOf(issuer), name, ...rest)
  }

  // request builds a good authorization request; a change of undefined takes out.
  async request(changes = {}) {
    const verifier = oauth.generateRandomCodeVerifier()
    const sent = { verifier, state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() }
    const url = new URL(this.server.authorization_endpoint)
    const parameters = {
      client_id: this.name, redirect_uri: this.redirectUri, response_type: 'code', scope: 'openid billing.read.bill', state: sent.state, nonce: sent.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...changes,
    }
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
    return { ...sent, url }
  }

  // ask goes there and gives what came back, as the library lets it through.
  async ask(person, changes) {
    const sent = await this.request(changes)
    const end = await this.visitor.signIn(sent.url, this.redirectUri, person)
    return { ...sent, answer: oauth.validateAuthResponse(this.server, this.party, end, sent.state) }
  }

  // redeem exchanges a code. What is in changes differs from what is right.
  async redeem(got, { server = this.server, party = this.party, auth = this.auth, redirectUri = this.redirectUri, verifier = got.verifier, nonce = got.nonce, ...more } = {}) {
    const answer = await oauth.authorizationCodeGrantRequest(server, party, auth, got.answer, redirectUri, verifier, { ...insecure, ...more })
    const signed = answer.clone()
    const tokens = await oauth.processAuthorizationCodeResponse(server, party, answer, { expectedNonce: nonce, requireIdToken: true })
    await oauth.validateApplicationLevelSignature(server, answer, insecure)
    return { ...tokens, raw: await signed.json(), claims: oauth.getValidatedIdTokenClaims(tokens) }
  }

  async tokens(person, changes) {
    return this.redeem(await this.ask(person, changes))
  }

  async refresh(token, parameters, { server = this.server, party = this.party, auth = this.auth } = {}) {
    const answer = await oauth.refreshTokenGrantRequest(server, party, auth, token, { ...insecure, additionalParameters: parameters })
    return oauth.processRefreshTokenResponse(server, party, answer)
  }

  async introspect(token) {
    return oauth.processIntrospectionResponse(
      this.server, this.party, await oauth.introspectionRequest(this.server, this.party, this.auth, token, insecure))
  }

  async userinfo(token, subject = oauth.skipSubjectCheck) {
    return oauth.processUserInfoResponse(this.server, this.party, subject, await oauth.userInfoRequest(this.server, this.party, token, insecure))
  }
}

// machine gets a token by client credentials.
export async function machine(name = 'reporting', parameters = {}, issuer = issuers.main) {
  const server = await serverOf(issuer)
  const party = { client_id: name }
  return oauth.processClientCredentialsResponse(
    server, party, await oauth.clientCredentialsGrantRequest(server, party, authOf(name), parameters, insecure))
}
