/** What the customers of the shop send, and what of it must never reach the ledger. */

const CUSTOMER = { email: 'ana.souza@example.com', cpf: '529.982.247-25' };
const PASSWORD = 'correct-horse-battery';

/** Raw values of the traffic, in every form in which they could slip through. */
export const SECRETS = [
  CUSTOMER.email,
  encodeURIComponent(CUSTOMER.email),
  CUSTOMER.cpf,
  CUSTOMER.cpf.replaceAll(/\D/g, ''),
  PASSWORD,
];

/** @typedef {{ method: string, path: string, body?: object, status: number }} Visit */

/** @type {readonly Visit[]} */
const VISITS = [
  { method: 'GET', path: '/health', status: 200 },
  { method: 'GET', path: '/products', status: 200 },
  { method: 'GET', path: `/products?notify=${encodeURIComponent(CUSTOMER.email)}`, status: 200 },
  { method: 'GET', path: '/products/2', status: 200 },
  {
    method: 'POST',
    path: '/login',
    body: { email: CUSTOMER.email, password: PASSWORD },
    status: 200,
  },
  { method: 'POST', path: '/orders', body: { ...CUSTOMER, product_id: '2' }, status: 201 },
  { method: 'GET', path: '/catalogue', status: 302 },
  { method: 'GET', path: '/products/99', status: 404 },
  { method: 'GET', path: '/report', status: 500 },
  { method: 'GET', path: '/health', status: 200 },
];

/** Requests to the health check, which the exporters leave out. */
export const HEALTH_CHECKS = VISITS.filter(({ path }) => path === '/health').length;

/**
 * Visits the shop, one request after the other.
 *
 * @param {string} url where the shop listens
 * @returns {Promise<{ visit: Visit, status: number }[]>} in the order of the requests
 */
export async function visitShop(url) {
  const answers = [];
  for (const visit of VISITS) {
    const response = await fetch(`${url}${visit.path}`, {
      method: visit.method,
      redirect: 'manual',
      headers: { connection: 'close', 'content-type': 'application/json' },
      ...(visit.body === undefined ? {} : { body: JSON.stringify(visit.body) }),
    });
    await response.arrayBuffer();
    answers.push({ visit, status: response.status });
  }
  return answers;
}
