/**
 * Rules of redaction as they stand in JSON or YAML, where a regular expression is a text: a `match`
 * like `"/…/i"` is one.
 *
 * What is wrong is told by its place and what should be there; nothing of a file is repeated, nor
 * its path: something else may have been given for it.
 */
import { codeOf, refuseConfig } from '../errors.ts';
import type { RedactRule } from '../redact/options.ts';
import { resolveRules } from '../redact/resolve.ts';
import { readSmallFile } from '../runtime/process.ts';

const MIB = 1024 ** 2;

/**
 * Reads the option `redact.rules` from a JSON file.
 *
 * @throws ExporterError `config_invalid` when it cannot be read or holds anything else.
 */
export function readRulesFile(path: string): readonly RedactRule[] {
  const rules = parseJson(readText(path));
  if (Array.isArray(rules)) rules.forEach(requireRuleNames);
  return resolveRules(rulesFromText(rules));
}

/**
 * Makes regular expressions of the texts that are meant as such; everything else is left as it is.
 *
 * @throws ExporterError `config_invalid` for one that is not valid.
 */
export function rulesFromText(rules: unknown): unknown {
  return Array.isArray(rules) ? rules.map(withExpression) : rules;
}

function readText(path: string): string {
  let bytes: Uint8Array | 'not a file' | 'too long';
  try {
    bytes = readSmallFile(path, MIB);
  } catch (error) {
    refuseConfig(`the file of redact.rules cannot be read (${codeOf(error) ?? 'unknown error'})`);
  }
  if (bytes === 'not a file') refuseConfig('the file of redact.rules must be a regular file');
  if (bytes === 'too long') refuseConfig('the file of redact.rules must be at most 1 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    refuseConfig('the file of redact.rules must be UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    refuseConfig('redact.rules must be JSON');
  }
}

const NAMES: ReadonlySet<string> = new Set([
  'match',
  'action',
  'class',
] satisfies (keyof RedactRule)[]);

/** Here and not by the check of all rules, which would repeat a name out of the file. */
function requireRuleNames(rule: unknown, index: number): void {
  if (!isTable(rule) || Object.keys(rule).every((name) => NAMES.has(name))) return;
  refuseConfig(`redact.rules[${index}] must hold match, action and class alone`);
}

/** As JavaScript writes them. */
const REGULAR_EXPRESSION = /^\/(.+)\/([a-z]*)$/s;

function withExpression(rule: unknown, index: number): unknown {
  if (!isTable(rule)) return rule;
  const { match } = rule;
  const parts = typeof match === 'string' ? REGULAR_EXPRESSION.exec(match) : null;
  if (parts === null) return rule;
  try {
    return { ...rule, match: new RegExp(parts[1] ?? '', parts[2]) };
  } catch {
    refuseConfig(`redact.rules[${index}].match must be a valid regular expression`);
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
