import { TEXTS } from './texts.js'

const REMEMBERED = 'fylgje-language'
const listeners = new Set()
let language = remembered() ?? 'nb'

/** The text under this key in the language of the page, `{count}` and the like filled in. */
export function text(key, values = {}) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
}

/** The names of weekdays or months. */
export const names = (key) => TEXTS[language][key]

/** Called now and after each change of language. */
export function onLanguage(listener) {
  listeners.add(listener)
  listener()
}

/** Fills in all texts that stand in the HTML and makes the buttons work. */
export function startLanguages() {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => setLanguage(button.dataset.language))
  }
  onLanguage(fillIn)
}

function setLanguage(chosen) {
  language = chosen
  try {
    localStorage.setItem(REMEMBERED, chosen)
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener()
}

function fillIn() {
  document.documentElement.lang = language
  document.title = text('title')
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text)
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', text(element.dataset.label))
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language))
  }
}

function remembered() {
  try {
    const found = localStorage.getItem(REMEMBERED)
    return found && found in TEXTS ? found : undefined
  } catch {
    return undefined
  }
}

/**
 * An element's text in the language of the page, and in which language it is: its translations stand beside it, as
 * https://hl7.org/fhir/R4/extension-translation.html has them. What is not translated is said in bokmål.
 */
export function translated(holder, name) {
  const others = holder?.[`_${name}`]?.extension ?? []
  const isOwn = ({ extension = [] }) => extension.some(({ url, valueCode }) => url === 'lang' && valueCode === language)
  const content = others.find(isOwn)?.extension.find(({ url }) => url === 'content')?.valueString
  return content === undefined ? { text: holder?.[name], lang: 'nb' } : { text: content, lang: language }
}
