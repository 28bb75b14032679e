import { expect, test } from "vitest";

import { tracebackOf } from "./traceback";

const CALLS = 'Traceback (most recent call last):\n  File "<component validate>", line 120, in validate\n    raise ValueError(';

test("what was raised is told from the calls", () => {
  expect(tracebackOf(`${CALLS}\nValueError: too few rows\n`)).toEqual({ raised: "ValueError: too few rows", calls: CALLS });
});

test("a message keeps all its lines", () => {
  const message = "ValueError: 2 rows are invalid\n  row 1: blank\nMend them.";

  expect(tracebackOf(`${CALLS}\n${message}`).raised).toBe(message);
});

test("of an exception raised while another was handled, the last one counts", () => {
  const text = `${CALLS}\nKeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n${CALLS}\nRuntimeError: no`;

  expect(tracebackOf(text).raised).toBe("RuntimeError: no");
});

test("text that is no traceback is what was raised", () => {
  expect(tracebackOf("exit status 3")).toEqual({ raised: "exit status 3", calls: "" });
});
