import { HistoryEntry, type History } from '@source-integrity/core/contract';
import type { RequestHandler } from 'express';
import * as z from 'zod/mini';
import type { ServerContext } from '../../context.ts';
import { answerJson } from '../answer.ts';
import { ApiError } from '../api-error.ts';
import { askedApplication } from '../asked-application.ts';

const PAGE = 50;
const Query = z.object({ cursor: z.optional(z.string().check(z.maxLength(200))) });

/** `GET /history?cursor=`: what was verified of this Application under its current project, the newest first. */
export function historyRoute({ cluster, store }: ServerContext): RequestHandler {
  return async (request, response) => {
    const { application } = await askedApplication(request, cluster);
    const query = Query.safeParse(request.query);
    if (!query.success) throw new ApiError(400, 'bad-request', 'cursor must be one value, as an earlier page gave it.');
    const { uid, project } = application;
    const page = await store.history.page({ uid, project }, query.data.cursor ?? null, PAGE);
    const history: History = {
      entries: page.records.map(({ entry }) => HistoryEntry.parse(JSON.parse(entry))),
      next: page.next,
    };
    answerJson(response, 200, history);
  };
}
