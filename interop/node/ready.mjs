// What the running demo wrote about itself; harness/ready.go says what is in it.
import { readFileSync } from 'node:fs'

export const ready = JSON.parse(readFileSync(process.env.SALLYPORT_READY, 'utf8'))

// application returns an application with the address of its issuer.
export function application(name) {
  const app = ready.applications[name]
  return { ...app, issuer: ready.issuers[app.issuer] }
}
