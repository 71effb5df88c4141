// How customers come: by a request of My Account.
import { application } from '../ready.mjs'

const app = application('my-account')

// authorization is a request of My Account, as the demo's own server makes it.
export const authorization = (more = {}) => `${app.issuer}/authorize?${new URLSearchParams({
  client_id: app.client_id, response_type: 'code', redirect_uri: app.redirect_uris[0], scope: 'openid', state: 's',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...more,
})}`
