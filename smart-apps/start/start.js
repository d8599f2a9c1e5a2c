import { element, setText } from './element.js'
import { onLanguage, startLanguages, text } from './language.js'
import { hasDemoSession, isReady, Refused, Unreachable } from './server.js'
import { clock } from './time.js'
import { startTryIt } from './try-it.js'
import { watchTasks } from './watch.js'
import { createWorklist, showBlank } from './worklist.js'

const HEALTH_MS = 10_000
const RETRY_MS = 3_000

startLanguages()
document.getElementById('fhir-base').textContent = `${location.origin}/fhir`
startHealth()
start()

/** Demo mode shows the list and the example; without it the page has only what is public. */
async function start() {
  showSkeleton()
  try {
    if (await hasDemoSession()) startDemo()
    else onLanguage(() => showBlank(text('publicTitle'), text('publicText')))
    showTrouble(undefined)
  } catch (error) {
    showTrouble(error)
    setTimeout(start, RETRY_MS)
  }
}

function startDemo() {
  const worklist = createWorklist()
  const watch = watchTasks({
    onRows: worklist.update,
    onTrouble: (error) => showTrouble(error, worklist.updatedAt()),
  })
  onLanguage(worklist.redraw)
  for (const part of document.querySelectorAll('[data-demo]')) part.hidden = false
  startTryIt(watch.ask).catch(showTrouble)
}

/**
 * An old list is never shown as if it were new.
 * @param updatedAt when the list was last right, if it ever was
 */
function showTrouble(error, updatedAt) {
  const notice = document.getElementById('offline')
  document.body.classList.toggle('stale', Boolean(error))
  notice.hidden = !error
  if (!error) return
  if (error instanceof Refused && !updatedAt) {
    showBlank(text('errorTitle'), text('errorText', { reason: error.message }))
    notice.hidden = true
    return
  }
  const words = updatedAt ? text('offline', { time: clock(updatedAt) }) : text('offlineEmpty')
  setText(notice, error instanceof Unreachable || updatedAt ? words : error.message)
}

/** In the size of the rows to come, so that nothing jumps. */
function showSkeleton() {
  const rows = document.getElementById('rows')
  if (rows.children.length) return
  for (let i = 0; i < 6; i++) rows.append(element('li', { class: 'row skeleton', 'aria-hidden': 'true' }))
}

function startHealth() {
  const health = document.getElementById('health')
  const show = () => {
    if (health.dataset.state) setText(health, text(health.dataset.state === 'ready' ? 'ready' : 'notReady'))
  }
  const ask = async () => {
    if (!document.hidden) health.dataset.state = (await isReady()) ? 'ready' : 'down'
    show()
    setTimeout(ask, HEALTH_MS)
  }
  onLanguage(show)
  ask()
}
