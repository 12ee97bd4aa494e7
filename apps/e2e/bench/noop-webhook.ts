/** A validating webhook that allows everything: what Express, TLS and a review of this size cost by themselves. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import express from 'express';

const [, , cert = '', key = ''] = process.argv;
const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '8mb', type: () => true }));
app.post('/', (_request, response) => {
  response.json({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'x', allowed: true } });
});
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, app);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : ''}\n`);
});
