import { expect, test } from "vitest";

import { PLAIN, plain, styled } from "./ansi";

const ESC = "\u001b";

test("text without sequences is one plain span", () => {
  expect(styled("hello").spans).toEqual([{ text: "hello", style: PLAIN }]);
});

test("colours and emphasis end where they are reset", () => {
  expect(styled(`a${ESC}[1;31mb${ESC}[0mc`).spans).toEqual([
    { text: "a", style: PLAIN },
    { text: "b", style: { ...PLAIN, bold: true, ink: 1 } },
    { text: "c", style: PLAIN },
  ]);
});

test("bright, 256 and true colours are read", () => {
  const inks = styled(`${ESC}[92ma${ESC}[38;5;196mb${ESC}[38;2;1;2;255mc${ESC}[38;5;244md`).spans.map(({ style }) => style.ink);

  expect(inks).toEqual([10, "#ff0000", "#0102ff", "#808080"]);
});

test("a style goes on in the next line", () => {
  const { end } = styled(`${ESC}[33mwarning`);

  expect(styled("still", end).spans).toEqual([{ text: "still", style: { ...PLAIN, ink: 3 } }]);
});

test("what is no colour is taken out: cursor moves, titles, links, lone escapes and control characters", () => {
  const text = `a${ESC}[2K${ESC}[1Ab${ESC}]0;title\u0007c${ESC}]8;;http://x${ESC}\\d${ESC}(Be\u0008\u0000f${ESC}`;

  expect(styled(text).spans).toEqual([{ text: "abcdef", style: PLAIN }]);
  expect(plain(text)).toBe("abcdef");
});

test("codes nobody knows change nothing", () => {
  expect(styled(`${ESC}[58;77;999mx`).spans).toEqual([{ text: "x", style: PLAIN }]);
});
