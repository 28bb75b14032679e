import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { asCommand, asPython, python, shell, type Recipe } from "./recipes";

function recipe(part: Partial<Recipe> = {}): Recipe {
  return {
    host: "http://127.0.0.1:8080",
    name: "nightly",
    experimentId: "e1",
    file: "train.yaml",
    values: { rows: 100, source: "it's $HOME `here`", flag: true, grid: [{ C: 0.5 }], none: null },
    ...part,
  };
}

/** What a shell hands to a command. */
function argumentsOf(command: string): string[] {
  return execFileSync("sh", ["-c", command.replace(/^wherry/, "printf '%s\\0'")], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);
}

describe("a command", () => {
  it("hands every argument over as it is", () => {
    expect(argumentsOf(asCommand(recipe()))).toEqual([
      "run",
      "train.yaml",
      "--host",
      "http://127.0.0.1:8080",
      "--name",
      "nightly",
      "--param",
      "rows=100",
      "--param",
      "source=it's $HOME `here`",
      "--param",
      "flag=true",
      "--param",
      'grid=[{"C":0.5}]',
      "--param",
      "none=null",
    ]);
  });

  it("quotes hostile names", () => {
    const hostile = ["$(touch x)", "a'b", "", "--host", "a\nb", "ü"];

    expect(argumentsOf(`wherry ${hostile.map(shell).join(" ")}`)).toEqual(hostile);
  });
});

describe("Python", () => {
  it("has Python's words for the values", () => {
    expect(python({ a: true, b: false, c: null, d: [1.5, "x\n"], e: {} })).toBe(
      '{\n    "a": True,\n    "b": False,\n    "c": None,\n    "d": [1.5, "x\\n"],\n    "e": {},\n}',
    );
  });

  it("names the registered version, or else the file", () => {
    const registered = asPython(recipe({ registered: { pipelineId: "p1", versionId: "v1" } }));

    expect(registered).toContain('    pipeline_id="p1",\n    version_id="v1",\n    params={\n        "rows": 100,');
    expect(asPython(recipe())).toContain('    pipeline_package_path="train.yaml",');
  });
});
