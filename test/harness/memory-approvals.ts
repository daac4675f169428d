// Approvals and refusals kept in memory, with the rows in reach of the test.
import type { ApprovalStore, Refusal, StoredApproval } from '../../src/approve/port.ts';

export function memoryApprovals(): ApprovalStore & { readonly rows: Map<string, StoredApproval>; readonly refused: Refusal[] } {
  const rows = new Map<string, StoredApproval>();
  const refused: Refusal[] = [];
  return {
    rows,
    refused,
    refusals: async () => refused,
    refuse: async (_, refusal) => void refused.push(refusal),
    withdraw: async (_, by) => {
      const left = refused.filter((each) => each.by !== by);
      return refused.splice(0, refused.length, ...left).length > left.length;
    },
    of: async (subject) => [...rows].filter(([key]) => key.startsWith(`${subject} `)).map(([, row]) => row),
    put: async (subject, row) => void rows.set(`${subject} ${row.approver}`, row),
  };
}
