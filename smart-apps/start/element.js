const SVG = 'http://www.w3.org/2000/svg'

/**
 * An element with its attributes and children. Strings become text, never HTML: what the server says cannot become markup.
 * @param attributes `class`, `hidden: true` and the like; `undefined` and `false` leave the attribute out
 */
export function element(name, attributes = {}, ...children) {
  return build(document.createElement(name), attributes, children)
}

export function svg(name, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children)
}

function build(made, attributes, children) {
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    made.setAttribute(attribute, value === true ? '' : String(value))
  }
  made.append(...children.filter((child) => child !== undefined && child !== false))
  return made
}

/** Sets text only when it differs, so that screen readers and selections are left in peace. */
export function setText(node, content) {
  if (node.textContent !== content) node.textContent = content
}
