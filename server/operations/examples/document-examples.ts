import type { OperationExample } from './operation-example.ts'

const VOLVEN = 'urn:oid:2.16.578.1.12.4.1.1.9602'
const LINE = 'CarePlan/demo-line-kols'

/** How documents are made, kept and found. */
export const DOCUMENT_EXAMPLES: { [definition: string]: OperationExample[] } = {
  'CarePlan-document': [
    {
      title: 'The plan as it is agreed, as a document of FHIR.',
      request: { method: 'GET', path: `${LINE}/$document?kind=plan` },
      response: {
        status: 200,
        body: {
          resourceType: 'Bundle',
          type: 'document',
          entry: [
            {
              resource: {
                resourceType: 'Composition',
                type: { coding: [{ system: VOLVEN, code: 'B01-2' }] },
                confidentiality: 'N',
              },
            },
          ],
        },
      },
    },
    {
      title: 'What is no document of a plan is refused.',
      request: { method: 'GET', path: `${LINE}/$document?kind=diary` },
      response: {
        status: 400,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'value', expression: ['kind'] }] },
      },
    },
  ],
  'CarePlan-pdf': [
    {
      title: 'The plan as pages in nynorsk. With `Accept: application/pdf` the answer is the PDF itself.',
      request: { method: 'GET', path: `${LINE}/$pdf?kind=plan&language=nn` },
      response: { status: 200, body: { resourceType: 'Binary', contentType: 'application/pdf', data: '…' } },
    },
  ],
  'Composition-pdf': [
    {
      title: 'What somebody wrote, as pages.',
      before: [
        {
          method: 'PUT',
          path: 'Composition/example-note',
          body: {
            resourceType: 'Composition',
            id: 'example-note',
            status: 'final',
            type: { coding: [{ system: VOLVEN, code: 'B02-2' }] },
            subject: { reference: 'Patient/demo-line' },
            date: '{{today}}',
            author: [{ reference: 'Practitioner/demo-nurse' }],
            title: 'Notat',
            section: [
              {
                title: 'Samtale',
                text: {
                  status: 'generated',
                  div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Alt er bra.</p></div>',
                },
              },
            ],
          },
        },
      ],
      request: { method: 'GET', path: 'Composition/example-note/$pdf' },
      response: { status: 200, body: { resourceType: 'Binary', contentType: 'application/pdf', data: '…' } },
    },
  ],
  'CarePlan-file-document': [
    {
      title: 'The plan is kept as it is today, to be found and published.',
      request: { method: 'POST', path: `${LINE}/$file-document?kind=plan`, as: 'nurse' },
      response: {
        status: 201,
        body: {
          resourceType: 'DocumentReference',
          status: 'current',
          type: { coding: [{ system: VOLVEN, code: 'B01-2', display: 'Tverrfaglig behandlingsplan' }] },
          subject: { reference: 'Patient/demo-line' },
          content: [
            { attachment: { contentType: 'application/pdf', url: '…', hash: '…' } },
            { attachment: { contentType: 'application/fhir+json', url: '…', hash: '…' } },
          ],
        },
      },
    },
    {
      title: 'What is to be replaced must be there.',
      request: {
        method: 'POST',
        path: `${LINE}/$file-document?kind=plan&replaces=DocumentReference/nobody-filed-this`,
        as: 'nurse',
      },
      response: {
        status: 404,
        body: { resourceType: 'OperationOutcome', issue: [{ code: 'not-found', expression: ['replaces'] }] },
      },
    },
  ],
  'DocumentReference-docref': [
    {
      title: 'What can be made of a patient’s plans when it is fetched.',
      request: { method: 'GET', path: 'DocumentReference/$docref?patient=demo-line&on-demand=true' },
      response: {
        status: 200,
        body: {
          resourceType: 'Bundle',
          type: 'searchset',
          entry: [
            {
              resource: {
                resourceType: 'DocumentReference',
                type: { coding: [{ system: VOLVEN, code: 'B01-2' }] },
                content: [{ attachment: { contentType: 'application/pdf', url: '…' } }],
              },
            },
          ],
        },
      },
    },
  ],
}
