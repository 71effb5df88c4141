// An island improves what it knows below a root: the whole page at first, then
// each part that is put into it. It must bear to be called again.
type Island = (root: ParentNode) => void

const islands: Island[] = []

export function island(i: Island): void {
  islands.push(i)
}

export function enhance(root: ParentNode): void {
  for (const i of islands) i(root)
}

// once finds what an island has not met yet.
export function* once<E extends HTMLElement>(root: ParentNode, selector: string, name: string): Generator<E> {
  const mark = `data-${name}-on`
  for (const element of root.querySelectorAll<E>(selector)) {
    if (element.hasAttribute(mark)) continue
    element.setAttribute(mark, '')
    yield element
  }
}

// make makes an element with attributes and children. Text stays text.
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

// say tells who cannot see it what has happened.
export function say(text: string): void {
  let region = document.querySelector<HTMLElement>('#said')
  if (!region) {
    region = make('div', { id: 'said', class: 'hidden', role: 'status' })
    document.body.append(region)
  }
  region.textContent = text
}
