// What pages weigh over the wire, with everything that they need, for who was never here.
import assert from 'node:assert/strict'

// weigh opens a page with an empty cache and gives its bytes as they were sent, headers
// too, and how many scripts were among them.
export async function weigh(page, open) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const kinds = new Map()
  const parts = []
  session.on('Network.responseReceived', ({ requestId, type, response }) => kinds.set(requestId, { type, url: response.url, packed: response.headers['Content-Encoding'] ?? response.headers['content-encoding'] }))
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => parts.push({ ...kinds.get(requestId), bytes: encodedDataLength }))
  await open(page)
  await page.waitForLoadState('networkidle')
  await session.detach()
  return { bytes: parts.reduce((sum, part) => sum + part.bytes, 0), scripts: parts.filter((part) => part.type === 'Script').length, parts }
}

export function weighsAtMost(name, { bytes, scripts, parts }, most, mostScripts) {
  const list = parts.map((p) => `${p.bytes} ${p.packed ?? 'plain'} ${p.url}`).join('\n')
  assert.ok(bytes > 1000 && bytes <= most * 1024, `${name} weighs ${bytes} bytes, at most ${most} KB:\n${list}`)
  assert.ok(scripts <= mostScripts, `${name} has ${scripts} scripts:\n${list}`)
}
