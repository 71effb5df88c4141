// What the running demo wrote about itself; harness/ready.go says what is in it.
import { readFileSync } from 'node:fs'

export const ready = JSON.parse(readFileSync(process.env.SALLYPORT_READY, 'utf8'))

// application returns an application with its credentials.
export const application = (name) => ready.applications[name]
