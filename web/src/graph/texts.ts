/** Text cut to a width, with an ellipsis. */

let context: CanvasRenderingContext2D | null | undefined;
const cut = new Map<string, string>();
const KEPT = 20_000;

/** Pixels that a text takes in a font; estimated where there is no canvas. */
function widthOf(text: string, font: string): number {
  if (context === undefined) {
    const isDrawable = typeof document !== "undefined" && !navigator.userAgent.includes("jsdom");
    context = isDrawable ? document.createElement("canvas").getContext("2d") : null;
  }
  if (context === null) return text.length * 7;
  context.font = font;
  return context.measureText(text).width;
}

/** The longest beginning of a text that fits. */
export function ellipsized(text: string, font: string, width: number): string {
  const key = `${font}\n${width}\n${text}`;
  const known = cut.get(key);
  if (known !== undefined) return known;
  let shown = text;
  if (widthOf(text, font) > width) {
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (widthOf(`${text.slice(0, middle)}…`, font) <= width) low = middle;
      else high = middle - 1;
    }
    shown = `${text.slice(0, low).trimEnd()}…`;
  }
  if (cut.size > KEPT) cut.clear();
  cut.set(key, shown);
  return shown;
}
