/** Text with ANSI escape sequences, as spans with a style. What is no colour or emphasis is taken out. Pure. */

export interface Style {
  /** 0 to 15 of the palette, or `#rrggbb`; null for the log's own. */
  readonly ink: number | string | null;
  readonly ground: number | string | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export const PLAIN: Style = {
  ink: null,
  ground: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

/* eslint-disable no-control-regex -- control characters are what this is about */
/** CSI, OSC (ended by BEL or ST) and other escape sequences. */
const SEQUENCE = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~]?)/gu;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/gu;
/* eslint-enable no-control-regex */

/** The text without escape sequences and control characters. */
export function plain(text: string): string {
  return text.replace(SEQUENCE, "").replace(CONTROLS, "");
}

/** One line as spans, and the style that the next line begins with. */
export function styled(line: string, begin: Style = PLAIN): { readonly spans: readonly Span[]; readonly end: Style } {
  const spans: Span[] = [];
  let style = begin;
  let from = 0;
  const add = (text: string) => {
    const clean = text.replace(CONTROLS, "");
    if (clean === "") return;
    const last = spans.at(-1);
    if (last?.style === style) spans[spans.length - 1] = { text: last.text + clean, style };
    else spans.push({ text: clean, style });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") style = changed(style, match[1] ?? "");
  }
  add(line.slice(from));
  return { spans, end: style };
}

/** The style after a "select graphic rendition" sequence with these parameters. */
function changed(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/u).map((code) => (code === "" ? 0 : Number(code)));
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(at + 1));
      next = code === 38 ? { ...next, ink: colour } : { ...next, ground: colour };
      at += used;
    } else {
      next = { ...next, ...simple(code) };
    }
  }
  return next;
}

function simple(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { ink: code - 30 };
  if (code >= 40 && code <= 47) return { ground: code - 40 };
  if (code >= 90 && code <= 97) return { ink: code - 82 };
  if (code >= 100 && code <= 107) return { ground: code - 92 };
  switch (code) {
    case 0:
      return PLAIN;
    case 1:
      return { bold: true };
    case 2:
      return { dim: true };
    case 3:
      return { italic: true };
    case 4:
      return { underline: true };
    case 7:
      return { inverse: true };
    case 22:
      return { bold: false, dim: false };
    case 23:
      return { italic: false };
    case 24:
      return { underline: false };
    case 27:
      return { inverse: false };
    case 39:
      return { ink: null };
    case 49:
      return { ground: null };
    default:
      return {};
  }
}

/** The colour of `5;n` or `2;r;g;b`, and how many codes that took. */
function extended([mode, ...rest]: readonly number[]): readonly [number | string | null, number] {
  if (mode === 5) {
    const index = rest[0] ?? 0;
    return [index < 16 ? index : cube(index), 2];
  }
  if (mode === 2) return [hex(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), 4];
  return [null, 0];
}

/** Colour 16 to 255 of the palette of 256: a cube of six steps a side, then greys. */
function cube(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hex(grey, grey, grey);
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const at = index - 16;
  return hex(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

function hex(...parts: readonly number[]): string {
  return `#${parts.map((part) => Math.min(255, Math.max(0, part | 0)).toString(16).padStart(2, "0")).join("")}`;
}
