/** A Python traceback: what was raised, and the calls that led there. Pure. */

export interface Traceback {
  /** Type and message of what was raised last. */
  readonly raised: string;
  /** Everything before it; empty if the text is no traceback. */
  readonly calls: string;
}

const CALL = /^\s+File ".*", line \d+/u;

export function tracebackOf(text: string): Traceback {
  const lines = text.trimEnd().split("\n");
  const lastCall = lines.findLastIndex((line) => CALL.test(line));
  // A message may have many lines, indented or not: it begins with the first line at the margin after the last call.
  const from = lines.findIndex((line, index) => index > lastCall && /^\S/u.test(line));
  if (lastCall === -1 || from === -1) return { raised: lines.join("\n"), calls: "" };
  return { raised: lines.slice(from).join("\n"), calls: lines.slice(0, from).join("\n") };
}
