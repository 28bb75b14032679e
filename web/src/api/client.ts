/** The one way to the server. Everything else in this folder builds on it; pages use the hooks of queries.ts. */
import createClient from "openapi-fetch";
import type { paths } from "./schema";

/** Folder that the page was loaded from: the server may stand below any path prefix. */
export const BASE = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** A path of the API, with a slash before it or, as the API itself gives them, without, as an address that works below a prefix. */
export function address(path: string): string {
  return `${BASE}/${path.replace(/^\//u, "")}`;
}

/** Typed calls: `api.GET("/apis/…", { params })`. */
export const api = createClient<paths>({ baseUrl: BASE });

/** The server refused, or did not answer. The message is the server's. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 if there was no answer. */
    readonly status: number,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer. Throws `ApiError` for any other. */
export async function bodyOf<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("The server does not answer.", 0);
  }
  if (answer.response.ok) return answer.data as T;
  throw new ApiError(messageOf(answer.error, answer.response), answer.response.status);
}

function messageOf(body: unknown, response: Response): string {
  if (typeof body === "object" && body !== null) {
    for (const key of ["message", "error_message"]) {
      const text = (body as Record<string, unknown>)[key];
      if (typeof text === "string" && text !== "") return text;
    }
  }
  return `The server answered ${response.status} ${response.statusText}`.trim() + ".";
}
