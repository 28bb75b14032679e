/** Search in a log. Pure. */

import { plain, type Span } from "./ansi";

export interface Match {
  /** Index of the line. */
  readonly line: number;
  /** Where in its plain text. */
  readonly from: number;
  readonly to: number;
}

/** More are not looked for. */
export const MOST_MATCHES = 10_000;

/** Every place where the lines contain a text, whatever its case. */
export function matchesOf(lines: readonly string[], text: string): readonly Match[] {
  const found: Match[] = [];
  const wanted = text.toLowerCase();
  if (wanted === "") return found;
  for (const [line, content] of lines.entries()) {
    const searched = plain(content).toLowerCase();
    for (let from = searched.indexOf(wanted); from !== -1; from = searched.indexOf(wanted, from + wanted.length)) {
      found.push({ line, from, to: from + wanted.length });
      if (found.length >= MOST_MATCHES) return found;
    }
  }
  return found;
}

/** A span, or a part of one: `match` is the match it belongs to. */
export interface MarkedSpan extends Span {
  readonly match: Match | null;
}

/** The spans of a line, cut where matches begin and end. */
export function marked(spans: readonly Span[], matches: readonly Match[]): readonly MarkedSpan[] {
  if (matches.length === 0) return spans.map((span) => ({ ...span, match: null }));
  const parts: MarkedSpan[] = [];
  let at = 0;
  for (const span of spans) {
    const end = at + span.text.length;
    const within = matches.filter((match) => match.from < end && match.to > at);
    const cuts = [at, ...within.flatMap(({ from, to }) => [from, to]).filter((cut) => cut > at && cut < end), end];
    for (const [index, from] of cuts.slice(0, -1).entries()) {
      const to = cuts[index + 1] ?? end;
      if (to <= from) continue;
      const match = within.find((each) => each.from <= from && each.to >= to) ?? null;
      parts.push({ text: span.text.slice(from - at, to - at), style: span.style, match });
    }
    at = end;
  }
  return parts;
}
