/**
 * Calls the handler as a platform would, and ends at once after the answer: what is not delivered
 * by then is lost.
 *
 * Arguments: the event as JSON, and the ms that the platform leaves.
 */
import { handler } from './handler.js';

const [event = '{}', remainingMs = '3000'] = process.argv.slice(2);
const deadline = performance.now() + Number(remainingMs);
const context = { getRemainingTimeInMillis: () => deadline - performance.now() };

let answer;
try {
  answer = { result: await handler(JSON.parse(event), context) };
} catch (error) {
  answer = { error: String(error) };
}
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
