// Speaks with the simulator's server, and puts its refusals into words.

/** The simulator does not answer, or not as it should. */
export class Offline extends Error {}

async function get(path) {
  try {
    const response = await fetch(`/_sim/${path}`, { cache: "no-store" });
    if (response.ok) return await response.json();
    throw new Offline(`/_sim/${path} answered ${response.status}`);
  } catch (error) {
    throw new Offline(String(error));
  }
}

export const getState = () => get("state");
export const getJournal = (after) => get(`journal?after=${after}`);
/** Wait until something is newer than `seq`, at most 20 s; return the newest number. */
export const waitBeyond = async (seq) => (await get(`wait?seq=${seq}`)).seq;

/**
 * @typedef {{ok: boolean, status: number, body: string, took_s: number, error: string|null}} Outcome
 * @param {"command"|"click"|"inject"} deed
 * @param {object} body
 * @returns {Promise<Outcome>} never rejects: a dead server is the error `page_offline`
 */
export async function post(deed, body) {
  try {
    const response = await fetch(`/_sim/${deed}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Simulator": "1" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: "", took_s: 0, error: null, ...(await response.json()) };
  } catch {
    return { ok: false, status: 0, body: "", took_s: 0, error: "page_offline" };
  }
}

/** Say in a sentence what went wrong and, where one can tell, what to do. */
export function explain({ error, status, body }) {
  const detail = String(body ?? "").slice(0, 200);
  switch (error) {
    case "operation_timeout":
      return "The bot did not answer within 3 seconds (operation_timeout).";
    case "dispatch_failed":
      return `The bot did not take this (dispatch_failed${status ? `, HTTP ${status}` : ""})${detail ? `: ${detail}` : ""}.`;
    case "invalid_command":
      return "There is no such command here. Type / to see those there are.";
    case "page_offline":
      return "The simulator does not answer. Is it still running?";
    default:
      if (status === 404) return "This is no longer there: the message has changed meanwhile.";
      return `That did not work: ${error ?? "unknown error"}.`;
  }
}
