import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/** Answers JSON that belongs to one Application and one user session: no cache on the way may keep it. */
export function answerJson(response: Response, status: number, body: unknown): void {
  response.setHeader('Cache-Control', 'no-store');
  response.status(status).type('application/json').send(JSON.stringify(body));
}

/**
 * Answers JSON under a strong ETag over `tagged` (RFC 9110, section 8.8.3), or 304 where the caller has it already.
 * `tagged` leaves out what changes without meaning anything.
 */
export function answerTagged(request: Request, response: Response, body: unknown, tagged: unknown): void {
  const etag = `"${createHash('sha256').update(JSON.stringify(tagged)).digest('base64url')}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', 'private, no-cache');
  if (hasAlready(request.headers['if-none-match'] ?? '', etag)) {
    response.status(304).end();
    return;
  }
  response.status(200).type('application/json').send(JSON.stringify(body));
}

/** Weak comparison (RFC 9110, section 13.1.2): a proxy that compresses may have weakened the tag. */
function hasAlready(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
