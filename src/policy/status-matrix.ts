/** What still works in each status of a recipient and of a program (policies/statuses.yaml): a table, not a scatter of conditions. */
import { z } from 'zod';
import { bilingual } from './catalogue.js';
import { readYaml, type PolicyFiles } from './policy-files.js';

export const activities = [
  'apply',
  'ask',
  'consent',
  'token',
  'list',
  'provide',
  'withdraw',
  'notify',
  'attest',
  'receipts',
  'answer',
] as const;
export type Activity = (typeof activities)[number];

export const recipientStatuses = ['active', 'suspended', 'removed'] as const;
export type RecipientStatus = (typeof recipientStatuses)[number];

export const programStatuses = [
  'draft',
  'submitted',
  'in_review',
  'returned',
  'refused',
  'reexamined',
  'approved',
  'active',
  'suspended',
  'retired',
] as const;
export type ProgramStatus = (typeof programStatuses)[number];

const row = z.array(z.enum(activities));
const statusesSchema = z.strictObject({
  activities: z.record(z.enum(activities), bilingual),
  recipient: z.record(z.enum(recipientStatuses), row),
  program: z.record(z.enum(programStatuses), row),
});
export type StatusMatrix = z.infer<typeof statusesSchema>;

export function readStatuses(files: PolicyFiles): StatusMatrix {
  return readYaml(files, 'statuses.yaml', statusesSchema);
}

/** Whether the activity still works: both the recipient's and the program's row must name it. */
export function mayStill(
  matrix: StatusMatrix,
  activity: Activity,
  status: { readonly recipient: RecipientStatus; readonly program: ProgramStatus },
): boolean {
  return matrix.recipient[status.recipient].includes(activity) && matrix.program[status.program].includes(activity);
}
