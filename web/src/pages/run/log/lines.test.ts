import { expect, test } from "vitest";

import { NO_LINES, shownLines, withPiece } from "./lines";

function linesOf(...pieces: string[]): readonly string[] {
  return shownLines(pieces.reduce(withPiece, NO_LINES));
}

test("pieces are put together to lines, wherever they were cut", () => {
  expect(linesOf("one\ntw", "o\nthree")).toEqual(["one", "two", "three"]);
});

test("a line that ends in CR LF is a line", () => {
  expect(linesOf("one\r", "\ntwo\r\n")).toEqual(["one", "two"]);
});

test("a progress bar is what it showed last", () => {
  expect(linesOf("\r 10 %\r 50 %", "\r100 %\ndone\n")).toEqual(["100 %", "done"]);
});

test("a progress bar under way is what it shows now", () => {
  expect(linesOf("\r 10 %", "\r 50 %")).toEqual([" 50 %"]);
});

test("empty lines stay", () => {
  expect(linesOf("a\n\nb\n")).toEqual(["a", "", "b"]);
});

test("of a very long log the last lines are kept, and how many are not is known", () => {
  const log = withPiece(NO_LINES, "x\n".repeat(100_001) + "last\n");

  expect([log.lines.length, log.dropped, log.lines.at(-1)]).toEqual([100_000, 2, "last"]);
});

test("a very long line is cut, and says so", () => {
  expect(linesOf("x".repeat(10_005))[0]?.slice(9_995)).toBe("xxxxx … (5 more characters)");
});
