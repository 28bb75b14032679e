import { expect, test } from "vitest";

import { PLAIN, styled } from "./ansi";
import { marked, matchesOf } from "./matches";

const ESC = "\u001b";

test("a text is found whatever its case, more than once in a line", () => {
  expect(matchesOf(["Error: error", "fine"], "ERROR")).toEqual([
    { line: 0, from: 0, to: 5 },
    { line: 0, from: 7, to: 12 },
  ]);
});

test("colours in between do not hide a text", () => {
  expect(matchesOf([`er${ESC}[31mror`], "error")).toEqual([{ line: 0, from: 0, to: 5 }]);
});

test("nothing is found in the search for nothing", () => {
  expect(matchesOf(["a"], "")).toEqual([]);
});

test("a match is marked across the spans that it touches", () => {
  const { spans } = styled(`xer${ESC}[31mrory`);
  const [match] = matchesOf([`xer${ESC}[31mrory`], "error");
  if (match === undefined) throw new Error("no match");

  expect(marked(spans, [match]).map(({ text, match: found }) => [text, found !== null])).toEqual([
    ["x", false],
    ["er", true],
    ["ror", true],
    ["y", false],
  ]);
});

test("a line without matches keeps its spans", () => {
  expect(marked([{ text: "a", style: PLAIN }], [])).toEqual([{ text: "a", style: PLAIN, match: null }]);
});
