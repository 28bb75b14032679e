/** What a person types into the form of a pipeline's parameters, and what it means. Pure. */
import type { ParameterSignature } from "@/api/types";

/** What stands in a field. */
export type Texts = Readonly<Record<string, string>>;

/** What a field means: a value, nothing (the default is used), or a mistake. */
export type Reading = { kind: "value"; value: unknown } | { kind: "omitted" } | { kind: "wrong"; message: string };

type Parameter = Pick<ParameterSignature, "name" | "type" | "has_default" | "default" | "is_optional" | "literals">;

/** A value as it stands in a field of that type. */
export function textOf(type: ParameterSignature["type"], value: unknown): string {
  if (value === null || value === undefined) return "";
  if (type === "STRING" && typeof value === "string") return value;
  if (type === "LIST" || type === "STRUCT") return laidOut(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

const WIDTH = 80;

/** JSON over as few lines as can be read: what fits on a line stands on one. */
export function laidOut(value: unknown, indent = ""): string {
  const line = spaced(value);
  if (indent.length + line.length <= WIDTH || typeof value !== "object" || value === null) return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => laidOut(one, inner))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${laidOut(one, inner)}`);
  const [open, close] = Array.isArray(value) ? (["[", "]"] as const) : (["{", "}"] as const);
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

/** JSON on one line, with a blank behind each comma and colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}: ${spaced(one)}`)
    .join(", ")}}`;
}

/** What stands in the fields at first: what was given, else the default. */
export function initialTexts(parameters: readonly Parameter[], given: Readonly<Record<string, unknown>> = {}): Texts {
  return Object.fromEntries(
    parameters.map(({ name, type, has_default, default: fallback }) => [
      name,
      textOf(type, Object.hasOwn(given, name) ? given[name] : has_default ? fallback : undefined),
    ]),
  );
}

/** What the text in a field means. */
export function read(parameter: Parameter, text: string): Reading {
  if (parameter.has_default && text === textOf(parameter.type, parameter.default)) return { kind: "omitted" };
  if (parameter.literals.length > 0) return readLiteral(parameter, text);
  if (parameter.type === "STRING") {
    if (text !== "" || parameter.has_default) return { kind: "value", value: text };
    return missing(parameter);
  }
  if (text.trim() === "") return missing(parameter);
  return READERS[parameter.type]?.(text.trim()) ?? { kind: "value", value: text };
}

/** The arguments of a run, or what is wrong, by name. */
export function readAll(
  parameters: readonly Parameter[],
  texts: Texts,
): { values: Record<string, unknown>; wrong: Record<string, string> } {
  const values: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const parameter of parameters) {
    const reading = read(parameter, texts[parameter.name] ?? "");
    if (reading.kind === "value") values[parameter.name] = reading.value;
    if (reading.kind === "wrong") wrong[parameter.name] = reading.message;
  }
  return { values, wrong };
}

function missing(parameter: Parameter): Reading {
  return parameter.has_default || parameter.is_optional ? { kind: "omitted" } : { kind: "wrong", message: "A value is needed." };
}

function readLiteral(parameter: Parameter, text: string): Reading {
  const found = parameter.literals.find((literal) => textOf(parameter.type, literal) === text);
  return found === undefined ? missing(parameter) : { kind: "value", value: found };
}

const READERS: Partial<Record<ParameterSignature["type"], (text: string) => Reading>> = {
  NUMBER_INTEGER(text) {
    if (!/^[+-]?\d+$/.test(text)) return wrong("A whole number is needed, such as 100.");
    const value = Number(text);
    return Number.isSafeInteger(value) ? { kind: "value", value } : wrong("Too large for this form: 2^53 is the limit.");
  },
  NUMBER_DOUBLE(text) {
    const value = Number(text);
    return Number.isFinite(value) ? { kind: "value", value } : wrong("A number is needed, such as 0.01 or 1e-3.");
  },
  BOOLEAN(text) {
    return text === "true" || text === "false" ? { kind: "value", value: text === "true" } : wrong("true or false.");
  },
  LIST(text) {
    return readJson(text, (value) => Array.isArray(value), 'A JSON list is needed, such as [1, 2] or ["a"].');
  },
  STRUCT(text) {
    const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
    return readJson(text, isObject, 'A JSON object is needed, such as {"a": 1}.');
  },
};

function readJson(text: string, fits: (value: unknown) => boolean, expected: string): Reading {
  try {
    const value: unknown = JSON.parse(text);
    return fits(value) ? { kind: "value", value } : wrong(expected);
  } catch (error) {
    return wrong(`${expected} (${error instanceof Error ? error.message : "not JSON"})`);
  }
}

function wrong(message: string): Reading {
  return { kind: "wrong", message };
}
