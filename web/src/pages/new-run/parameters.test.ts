import { describe, expect, it } from "vitest";
import type { ParameterSignature } from "@/api/types";
import { initialTexts, laidOut, read, readAll, textOf } from "./parameters";

function parameter(part: Partial<ParameterSignature> = {}): ParameterSignature {
  return {
    name: "rows",
    type: "STRING",
    description: "",
    is_optional: false,
    has_default: false,
    default: null,
    literals: [],
    ...part,
  };
}

describe("a field", () => {
  it.each([
    ["NUMBER_INTEGER", "100", 100],
    ["NUMBER_INTEGER", " -3 ", -3],
    ["NUMBER_DOUBLE", "1e-3", 0.001],
    ["BOOLEAN", "false", false],
    ["STRING", " a ", " a "],
    ["LIST", '[1, "a"]', [1, "a"]],
    ["STRUCT", '{"a": null}', { a: null }],
  ] as const)("of type %s reads %j", (type, text, value) => {
    expect(read(parameter({ type }), text)).toEqual({ kind: "value", value });
  });

  it.each([
    ["NUMBER_INTEGER", "1.5", "A whole number is needed, such as 100."],
    ["NUMBER_INTEGER", "9007199254740993", "Too large for this form: 2^53 is the limit."],
    ["NUMBER_DOUBLE", "a", "A number is needed, such as 0.01 or 1e-3."],
    ["BOOLEAN", "yes", "true or false."],
    ["LIST", "{}", 'A JSON list is needed, such as [1, 2] or ["a"].'],
    ["STRUCT", "[]", 'A JSON object is needed, such as {"a": 1}.'],
    ["STRUCT", "null", 'A JSON object is needed, such as {"a": 1}.'],
    ["STRING", "", "A value is needed."],
    ["LIST", "  ", "A value is needed."],
  ] as const)("of type %s refuses %j", (type, text, message) => {
    expect(read(parameter({ type }), text)).toEqual({ kind: "wrong", message });
  });

  it("says where JSON breaks off", () => {
    const reading = read(parameter({ type: "LIST" }), "[1,");

    expect(reading.kind).toBe("wrong");
  });

  it("that shows the default sends nothing, whatever the default is", () => {
    const falsy = [
      parameter({ type: "BOOLEAN", has_default: true, default: false }),
      parameter({ type: "STRING", has_default: true, default: "" }),
      parameter({ type: "NUMBER_INTEGER", has_default: true, default: 0 }),
    ];

    expect(falsy.map((one) => read(one, textOf(one.type, one.default)))).toEqual([
      { kind: "omitted" },
      { kind: "omitted" },
      { kind: "omitted" },
    ]);
  });

  it("that was emptied of a text default sends the empty text", () => {
    expect(read(parameter({ has_default: true, default: "a" }), "")).toEqual({ kind: "value", value: "" });
  });

  it("of an optional parameter may stay empty", () => {
    expect(read(parameter({ is_optional: true, type: "LIST" }), "")).toEqual({ kind: "omitted" });
  });

  it("of a parameter with literals gives the literal itself", () => {
    const one = parameter({ type: "NUMBER_INTEGER", literals: [1, 2] });

    expect([read(one, "2"), read(one, "")]).toEqual([
      { kind: "value", value: 2 },
      { kind: "wrong", message: "A value is needed." },
    ]);
  });
});

describe("a form", () => {
  it("starts with what was given, else with the defaults", () => {
    const parameters = [
      parameter({ name: "a", has_default: true, default: "x" }),
      parameter({ name: "b", has_default: true, default: 1, type: "NUMBER_INTEGER" }),
      parameter({ name: "constructor" }),
    ];

    expect(initialTexts(parameters, { a: "y" })).toEqual({ a: "y", b: "1", constructor: "" });
  });

  it("collects values and mistakes by name", () => {
    const parameters = [parameter({ name: "a" }), parameter({ name: "b", type: "NUMBER_INTEGER" }), parameter({ name: "c", is_optional: true })];

    expect(readAll(parameters, { a: "x", b: "x" })).toEqual({
      values: { a: "x" },
      wrong: { b: "A whole number is needed, such as 100." },
    });
  });
});

describe("JSON in a field", () => {
  it("stands on one line if it is short", () => {
    expect(laidOut([{ C: 1, solver: "lbfgs" }])).toBe('[{"C": 1, "solver": "lbfgs"}]');
  });

  it("has a line per entry if it is long, and reads back as it was", () => {
    const value = Array.from({ length: 4 }, (_, index) => ({ C: index / 10, solver: "newton-cholesky" }));

    const text = laidOut(value);

    expect(text.split("\n")).toHaveLength(6);
    expect(JSON.parse(text)).toEqual(value);
  });
});
