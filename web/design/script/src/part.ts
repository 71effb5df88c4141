// Pages are whole; a dialog or a panel shows the content of one.

// elsewhere is a page that is not the one that was asked for, such as the one to
// sign in: it is opened as a page.
export function elsewhere(response: Response, asked: string): boolean {
  return response.redirected || new URL(asked, location.href).origin !== location.origin
}

// partOf gives the content of a page as a part of another: its title one level
// down, its links and forms leading where they led there.
export function partOf(html: string, address: string): DocumentFragment | null {
  const content = new DOMParser().parseFromString(html, 'text/html').querySelector('#content')
  if (!content) return null
  content.querySelectorAll('.trail, script').forEach((e) => e.remove())
  content.querySelectorAll('h1').forEach((title) => {
    const below = document.createElement('h2')
    below.append(...title.childNodes)
    title.replaceWith(below)
  })
  content.querySelectorAll('form:not([action])').forEach((form) => form.setAttribute('action', address))
  const part = document.createDocumentFragment()
  part.append(...content.childNodes)
  return part
}
