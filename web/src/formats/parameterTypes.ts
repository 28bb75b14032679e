import type { ParameterType } from "@/api/types";

const WORDS: Record<ParameterType, string> = {
  STRING: "text",
  NUMBER_INTEGER: "whole number",
  NUMBER_DOUBLE: "number",
  BOOLEAN: "true or false",
  LIST: "list",
  STRUCT: "object",
  TASK_FINAL_STATUS: "final status",
  TASK_CONFIG: "task configuration",
  PARAMETER_TYPE_ENUM_UNSPECIFIED: "any",
};

/** The type of a parameter for people. */
export function typeWord(type: ParameterType): string {
  return WORDS[type];
}
