/** A log that arrives in pieces, as lines. Pure. */

/** So many lines are kept; of a longer log the last ones. */
const KEPT = 100_000;
/** A line is cut after so many characters. */
const LONGEST = 10_000;

export interface LogLines {
  readonly lines: readonly string[];
  /** Lines at the beginning that are no longer kept. */
  readonly dropped: number;
  /** What has come of the line that is not complete yet. */
  readonly rest: string;
}

export const NO_LINES: LogLines = { lines: [], dropped: 0, rest: "" };

/**
 * The log with a further piece. A line that a carriage return began anew, as progress bars do, is what was
 * written last.
 */
export function withPiece(log: LogLines, piece: string): LogLines {
  const parts = (log.rest + piece).split("\n");
  const rest = shortened(parts.pop() ?? "");
  if (parts.length === 0) return { ...log, rest };
  const lines = [...log.lines, ...parts.map(written)];
  const surplus = Math.max(0, lines.length - KEPT);
  return { lines: surplus === 0 ? lines : lines.slice(surplus), dropped: log.dropped + surplus, rest };
}

/** All lines, with the last one as far as it has come. */
export function shownLines(log: LogLines): readonly string[] {
  return log.rest === "" ? log.lines : [...log.lines, written(log.rest)];
}

/** What a terminal shows of a line in the end. */
function written(line: string): string {
  const ended = line.endsWith("\r") ? line.slice(0, -1) : line;
  return cut(ended.slice(lastReturn(ended) + 1));
}

/** Of a line that is not complete, only the last writing counts; a return at its very end may belong to the line end. */
function shortened(rest: string): string {
  const ended = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
  return rest.slice(lastReturn(ended) + 1);
}

/** Where the last carriage return is that something was written after; -1 if there is none. */
function lastReturn(line: string): number {
  return line.trimEnd().lastIndexOf("\r");
}

function cut(line: string): string {
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)} … (${String(line.length - LONGEST)} more characters)`;
}
