import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { formsOf, Visitor } from './visitor.mjs'

test('a form is read as a browser reads it', () => {
  const [form] = formsOf(`<form action="/next?a=1&amp;b=2" method=post>
    <input type=hidden name=state value='a&#39;b'><input type="checkbox" name=remember>
    <input name=username autofocus><button id="login-submit" name=do value=next>Next</button></form>`)
  assert.equal(form.action, '/next?a=1&b=2')
  assert.deepEqual([...form.fields], [['state', "a'b"], ['username', '']])
  assert.equal(form.buttons['login-submit'].value, 'next')
})

test('a visitor signs in and keeps cookies', async () => {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method === 'GET') {
      response.setHeader('set-cookie', 'door=c; Path=/; HttpOnly')
      return response.end('<form method=post action=/two><input name=username><button id=login-submit></button></form>')
    }
    if (body === 'username=dana') {
      return response.end('<form method=post action=/three><input name=password><button id=login-submit></button></form>')
    }
    assert.equal(request.headers.cookie, 'door=c')
    assert.equal(body, 'password=secret')
    response.writeHead(303, { location: 'http://app.example/back?code=c1' }).end()
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  try {
    const door = `http://127.0.0.1:${server.address().port}/`
    const end = await new Visitor().signIn(door, 'http://app.example/back', { username: 'dana', password: 'secret' })
    assert.equal(end.searchParams.get('code'), 'c1')
  } finally {
    server.close()
  }
})
