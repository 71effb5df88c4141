// Tables with checkboxes: one box for all, a range with Shift, and how many are
// chosen beside the buttons.
import { make, once } from './island'

export function selections(root: ParentNode): void {
  for (const form of once<HTMLFormElement>(root, 'form[data-select]', 'select')) begin(form)
}

function begin(form: HTMLFormElement): void {
  const boxes = [...form.querySelectorAll<HTMLInputElement>('tbody .choose input')]
  const said = form.querySelector<HTMLElement>('[data-chosen]')
  const all = make('input', { type: 'checkbox', 'aria-label': 'Choose all on this page' })
  form.querySelector('thead .choose')?.replaceChildren(make('label', {}, all))

  const told = (): void => {
    const chosen = boxes.filter((b) => b.checked).length
    boxes.forEach((b) => b.closest('tr')?.classList.toggle('chosen', b.checked))
    all.checked = chosen > 0 && chosen === boxes.length
    all.indeterminate = chosen > 0 && chosen < boxes.length
    if (said) said.textContent = `${chosen} ${said.dataset['noun'] ?? ''} chosen`
    form.querySelectorAll<HTMLButtonElement>('.bulk button').forEach((b) => { b.disabled = chosen === 0 })
  }

  let before: HTMLInputElement | null = null
  form.addEventListener('click', (event) => {
    const box = boxes.find((b) => b === event.target)
    if (!box) return
    if (event.shiftKey && before) {
      const [from, to] = [boxes.indexOf(before), boxes.indexOf(box)].sort((a, b) => a - b)
      for (const b of boxes.slice(from, (to ?? 0) + 1)) b.checked = box.checked
    }
    before = box
  })
  form.addEventListener('change', (event) => {
    if (event.target === all) for (const b of boxes) b.checked = all.checked
    told()
  })
  addEventListener('pageshow', told) // browsers restore boxes when one goes back
  told()
}
