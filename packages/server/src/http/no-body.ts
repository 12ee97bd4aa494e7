import express from 'express';

/** What the clients send where there is nothing to send, such as `{}`. */
const MOST_BYTES = 1024;

/** For paths that take no body: reads what is there as far as it is short, and refuses the rest. */
export const noBody = express.raw({ limit: MOST_BYTES, type: () => true, inflate: false });
