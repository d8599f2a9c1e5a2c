import { readArguments, UsageError } from './arguments.ts'

test('without options, ten patients measure for five minutes at the server of npm start', () => {
  expect(readArguments([])).toMatchObject({
    base: 'http://localhost:8080',
    patients: 10,
    rate: 2,
    minutes: 5,
    clientId: 'demo-service',
  })
})

test('a slash at the end of the address makes no difference', () => {
  expect(readArguments(['--base', 'https://fhir.example/'])).toMatchObject({ base: 'https://fhir.example' })
})

test('--help asks for nothing else', () => expect(readArguments(['--help', '--rate', 'x'])).toBe('help'))

test.each([
  ['--rate', 'fast'],
  ['--rate', '0'],
  ['--rate', ''],
  ['--patients', '-1'],
  ['--minutes', 'NaN'],
  ['--exacerbations', '1.1'],
  ['--offline', '2'],
  ['--base', 'localhost:8080'],
  ['--base', 'ftp://here'],
  ['--colour', 'red'],
])('%s %s is refused in a line that names it', (option, value) => {
  expect(() => readArguments([option, value])).toThrow(UsageError)
  expect(() => readArguments([option, value])).toThrow(option)
  expect(() => readArguments([option, value])).not.toThrow('\n')
})
