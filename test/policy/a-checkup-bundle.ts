/** A small municipal checkup report shaped like the published one, with a fictional person whose every identifier says secret or 999. */

const urn = (last: number) => `urn:uuid:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1${String(last).padStart(2, '0')}`;
const narrative = (text: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>`,
});
const coded = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] });
const extension = (name: string) => `http://jpfhir.jp/fhir/eCheckup/Extension/StructureDefinition/${name}`;

function anObservation(last: number, category: string, value: Record<string, unknown>) {
  return {
    fullUrl: urn(last),
    resource: {
      resourceType: 'Observation',
      id: `secret-observation-${last}`,
      text: narrative('secret narrative'),
      status: 'final',
      category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', category, category)],
      code: coded('http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10', `code-${last}`, `検査${last}`),
      subject: { reference: urn(2), display: 'secret display' },
      ...value,
    },
  };
}

/** Composition, Patient, PractitionerRole, Practitioner, two Organizations, Encounter, Coverage, four Observations, an attachment. */
export function aCheckupBundle() {
  return {
    resourceType: 'Bundle',
    id: 'secret-bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: 'secret-999' },
    type: 'document',
    timestamp: '2026-06-10T10:00:00+09:00',
    entry: [
      {
        fullUrl: urn(1),
        resource: {
          resourceType: 'Composition',
          id: 'secret-composition',
          text: narrative('secret narrative'),
          identifier: { system: 'urn:oid:1.2.392.100495.100.1.1', value: 'secret-999' },
          status: 'final',
          type: coded('http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes', '53576-5', '検診結果報告書'),
          category: [coded('http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-report-category', '10', '特定健診')],
          subject: { reference: urn(2) },
          encounter: { reference: urn(7) },
          date: '2026-06-10T10:00:00+09:00',
          author: [{ reference: urn(3) }],
          title: '健診結果報告書',
          section: [
            {
              title: '検査結果',
              code: coded('http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code', '01910', '検査結果セクション'),
              text: narrative('secret narrative'),
              entry: [{ reference: urn(9) }, { reference: urn(10) }],
            },
          ],
        },
      },
      {
        fullUrl: urn(2),
        resource: {
          resourceType: 'Patient',
          id: 'secret-patient',
          text: narrative('secret narrative'),
          extension: [
            {
              url: extension('JP_Age_At_Event'),
              extension: [
                { url: 'age', valueAge: { value: 66, unit: '歳', system: 'http://unitsofmeasure.org', code: 'a' } },
                { url: 'event', valueReference: { reference: urn(7) } },
              ],
            },
          ],
          identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.1', value: 'secret-999' }],
          name: [{ use: 'official', text: 'secret name', family: 'secret family', given: ['secret given'] }],
          telecom: [
            { system: 'phone', value: 'secret-phone-999', use: 'home' },
            { system: 'email', value: 'secret@example.com' },
          ],
          gender: 'female',
          birthDate: '1999-05-04',
          address: [{ text: 'secret address', postalCode: '999-0001', country: 'JP' }],
        },
      },
      {
        fullUrl: urn(3),
        resource: {
          resourceType: 'PractitionerRole',
          practitioner: { reference: urn(4) },
          organization: { reference: urn(5) },
        },
      },
      { fullUrl: urn(4), resource: { resourceType: 'Practitioner', name: [{ text: 'secret doctor' }] } },
      {
        fullUrl: urn(5),
        resource: {
          resourceType: 'Organization',
          identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.23', value: '1310000001' }],
          type: [coded('http://terminology.hl7.org/CodeSystem/organization-type', 'prov', 'prov')],
          name: '浜風クリニック',
          telecom: [{ system: 'phone', value: 'secret-phone-999' }],
        },
      },
      {
        fullUrl: urn(6),
        resource: {
          resourceType: 'Organization',
          identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.61', value: 'secret-insurer-number' }],
          type: [coded('http://terminology.hl7.org/CodeSystem/organization-type', 'ins', 'ins')],
          name: 'みなと健康保険組合',
        },
      },
      {
        fullUrl: urn(7),
        resource: {
          resourceType: 'Encounter',
          extension: [
            { url: extension('JP_Fiscal_Year_At_Primary_Checkup'), valueDate: '2026' },
            { url: extension('JP_Checkup_Fee_Collection_Status'), valueString: 'secret fee note' },
          ],
          status: 'finished',
          class: {
            system: 'http://jpfhir.jp/fhir/eCheckup/CodeSystem/encounter-category',
            code: 'checkup',
            display: '健診',
          },
          period: { start: '2026-06-01', end: '2026-06-01' },
          serviceProvider: { reference: urn(5) },
        },
      },
      {
        fullUrl: urn(8),
        resource: {
          resourceType: 'Coverage',
          text: narrative('secret narrative'),
          status: 'active',
          type: coded('urn:oid:1.2.392.100495.20.2.61', '1', '社保'),
          beneficiary: { reference: urn(2) },
          payor: [{ reference: urn(6) }],
        },
      },
      anObservation(9, 'laboratory', {
        valueQuantity: {
          value: 5.4,
          unit: '%',
          system: 'http://unitsofmeasure.org',
          code: '%',
          extension: ['secret extension'],
        },
        hasMember: [{ reference: urn(10) }, { reference: 'Observation/secret-999' }],
      }),
      anObservation(10, 'exam', { valueCodeableConcept: coded('urn:oid:1.2.392.100495.100.2010', '1', 'なし') }),
      anObservation(11, 'exam', { valueString: 'secret finding' }),
      anObservation(12, 'social-history', { valueInteger: 150 }),
      {
        fullUrl: urn(13),
        resource: {
          resourceType: 'DocumentReference',
          status: 'current',
          description: 'secret description',
          content: [{ attachment: { contentType: 'text/xml', data: 'c2VjcmV0' } }],
        },
      },
    ],
  };
}
