// The calls that steer a run: halt it, go on, end it, take items up again, accept or sign what is left.
import { api, got, type Schemas } from '../api/client.ts';

type Run = Schemas['Run'];
type ItemState = Schemas['Item']['state'];

const at = (id: string) => ({ path: { id } });

export const pauseRun = (id: string, reason: string): Promise<Run> =>
  got(api.POST('/v1/runs/{id}/pause', { params: at(id), body: { reason } }));
export const resumeRun = (id: string): Promise<Run> => got(api.POST('/v1/runs/{id}/resume', { params: at(id) }));
export const abortRun = (id: string, reason: string): Promise<Run> =>
  got(api.POST('/v1/runs/{id}/abort', { params: at(id), body: { reason } }));
export const retryRun = (id: string, states: ItemState[]): Promise<Run> =>
  got(api.POST('/v1/runs/{id}/retry', { params: at(id), body: { states } }));
export const exceptItem = (
  id: string,
  body: { account: string; owner: string; reason: string; expiresAt: string; path?: string },
): Promise<Run> => got(api.POST('/v1/runs/{id}/exceptions', { params: at(id), body }));
export const signOffItem = (id: string, body: { account: string; by: string; reason: string }): Promise<Run> =>
  got(api.POST('/v1/runs/{id}/sign-offs', { params: at(id), body }));
