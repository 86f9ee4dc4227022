/** The code under test: it places an order and leaves an audit event for it. */

/**
 * @param {import('opentelemetry-exporter-immutablelog').ImmutableLogClient} client
 * @param {{ id: string, email: string }} order
 */
export async function placeOrder(client, order) {
  const receipt = await client.send({
    eventName: 'order.placed',
    type: 'success',
    idempotencyKey: `order-${order.id}-placed`,
    payload: { order_id: order.id, customer_email: order.email },
  });
  return receipt.txId;
}
