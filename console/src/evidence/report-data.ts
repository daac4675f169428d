// What this screen reads of the report in a run's bundle. A bundle of an older server may lack parts: they are then not shown.
import { useQuery } from '@tanstack/react-query';
import { api, got } from '../api/client.ts';
import { Refusal } from '../api/refusal.ts';

export type ExceptionShown = {
  readonly id: string;
  readonly on: string;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: string;
};
export type SignedShown = { readonly on: string; readonly said: string; readonly at: string };
export type ControlShown = { readonly framework: string; readonly id: string; readonly title: string; readonly evidence: string };
export type DerivativeShown = { readonly system: string; readonly what: string; readonly killedBy: string; readonly residual: string };

export type ReportShown = {
  readonly writtenAt: string;
  readonly run: { readonly state: string };
  readonly outcome: { readonly word: string; readonly sentence: string; readonly residualRisk: readonly string[] };
  readonly approvals: readonly { readonly approver: string; readonly method: string; readonly key: string; readonly at: string }[];
  readonly exceptions: { readonly count: number; readonly first: readonly ExceptionShown[] };
  readonly signed: { readonly count: number; readonly first: readonly SignedShown[] };
  readonly derivatives: readonly DerivativeShown[];
  readonly limits: readonly string[];
  readonly log: { readonly origin: string; readonly entries: number; readonly root: string; readonly key: string };
  readonly tool: string;
  readonly controls: readonly ControlShown[];
};

export const reportKey = (run: string) => ['run', run, 'report'] as const;

/** Null where nobody has proved this run on this server yet. */
export function useReport(run: string) {
  return useQuery({
    queryKey: reportKey(run),
    queryFn: async ({ signal }): Promise<ReportShown | null> => {
      try {
        const call = api.GET('/v1/runs/{id}/bundle/{file}', {
          params: { path: { id: run, file: 'report.json' } },
          parseAs: 'text',
          signal,
        });
        return JSON.parse(await got(call)) as ReportShown; // written by this server, checked by its own verification
      } catch (error) {
        if (error instanceof Refusal && error.status === 404) return null;
        throw error;
      }
    },
  });
}
