import type { ExampleRequest, ExampleStep, OperationExample } from './operation-example.ts'

/**
 * An example in Markdown: what is done first, the request, what comes back.
 * @param level of its heading, such as `###`
 */
export function exampleText({ title, before = [], request, response }: OperationExample, level: string): string {
  return [
    `${level} ${title}`,
    ...(before.length > 0 ? ['First:', before.map(stepLine).join('\n')] : []),
    fenced('http', `${requestLine(request)}${headerLines(request)}${request.body ? `\n\n${json(request.body)}` : ''}`),
    fenced('http', `HTTP ${response.status}\n\n${json(response.body)}`),
  ].join('\n\n')
}

/** One line: what it does can be seen in the operation's own example. */
function stepLine(step: ExampleStep): string {
  const given = step.body ? ` with \`${JSON.stringify(step.body)}\`` : ''
  return `- \`${requestLine(step)}\`${given}${step.name ? `; its answer is called \`${step.name}\`` : ''}`
}

const requestLine = ({ method, path, as }: ExampleRequest): string =>
  `${method} [base]/${path}${as ? ` (as the demo's ${as})` : ''}`

const headerLines = ({ headers = {} }: ExampleRequest): string =>
  Object.entries(headers)
    .map(([name, value]) => `\n${name}: ${value}`)
    .join('')

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

const LINE_LENGTH = 110

/** Short objects on one line, so that an example can be overlooked at once. */
function json(value: unknown, indent = ''): string {
  const short = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || indent.length + short.length <= LINE_LENGTH) return short
  const inner = `${indent}  `
  const isList = Array.isArray(value)
  const lines = isList
    ? value.map((one) => `${inner}${json(one, inner)}`)
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([name, one]) => `${inner}${JSON.stringify(name)}: ${json(one, inner)}`)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}
