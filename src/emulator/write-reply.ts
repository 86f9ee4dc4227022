import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Answer, ReplyPlan } from './reply-plan.ts';

const ENDLESS_BODY_INTERVAL_MS = 10;

/** Carries out a plan. Nothing goes on after the connection is closed, by whichever side. */
export function writeReply(response: ServerResponse, plan: ReplyPlan): void {
  if (plan.kind === 'hang') return;
  const carryOut = (): void => {
    if (plan.kind === 'reset') response.socket?.resetAndDestroy();
    else if (plan.pace.kind === 'slow-headers') {
      writeSlowly(response, plan.answer, plan.pace.intervalMs);
    } else if (plan.pace.kind === 'endless-body') writeEndlessly(response, plan.answer);
    else writeAtOnce(response, plan.answer);
  };
  if (plan.delayMs === 0) carryOut();
  else untilClosed(response, setTimeout(carryOut, plan.delayMs));
}

function writeAtOnce(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, withLength(answer));
  response.end(answer.body);
}

/** Writes past the HTTP layer, which would send the head as one piece; the connection ends after it. */
function writeSlowly(response: ServerResponse, answer: Answer, intervalMs: number): void {
  const { socket } = response;
  if (socket === null) return;
  const bytes = Buffer.from(rawAnswer(answer), 'latin1');
  let next = 0;
  const timer = setInterval(() => {
    socket.write(bytes.subarray(next, next + 1));
    next += 1;
    if (next < bytes.byteLength) return;
    clearInterval(timer);
    socket.end(answer.body, 'utf8');
  }, intervalMs);
  untilClosed(response, timer);
}

function writeEndlessly(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  // The first byte opens a JSON object that is never closed.
  response.write('{');
  untilClosed(
    response,
    setInterval(() => response.write(' '), ENDLESS_BODY_INTERVAL_MS),
  );
}

function rawAnswer(answer: Answer): string {
  const headers = { ...withLength(answer), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const statusLine = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`;
  return [statusLine, ...lines, '', ''].join('\r\n');
}

function withLength(answer: Answer): Readonly<Record<string, string>> {
  if (answer.body === '') return answer.headers;
  return { 'content-length': String(Buffer.byteLength(answer.body, 'utf8')), ...answer.headers };
}

function untilClosed(response: ServerResponse, timer: NodeJS.Timeout): void {
  response.once('close', () => {
    clearTimeout(timer);
  });
}
