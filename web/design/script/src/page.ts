// The script of customers' pages that have one: small, and without a library.
import { copyButtons } from './copy'
import { dialogs } from './dialog'
import { enhance, island } from './island'
import { times } from './times'

island(times)
island(copyButtons)

dialogs()
enhance(document)
