/* From the server into the store: the list, and each sheet that is new or changed, so that it is there without network.
   Knows no page. */
import { tell } from "./events.js";
import { page } from "./page.js";
import { offers } from "./queue.js";
import { ask, session } from "./server.js";
import * as store from "./store.js";

/* Whether what is kept says all that the server has: the same version, or a delivery that the list does not know yet;
   and the whole sheet where something is typed on it. */
async function isKnown(user, line) {
  const key = store.id(user, line.id), there = await store.get("sheets", key), kept = there?.document;
  if (!kept || there.epoch !== await store.get("meta", "epoch")) return false;   /* of before a restore */
  if (kept.version !== line.version && kept.revision <= line.revision) return false;
  return kept.aspects.length > 0 || !(await store.get("drafts", key));
}

export async function refresh() {
  const { user } = await session();
  if (!user) return;
  page.user = user;
  const { status, body } = await ask("/api/sheets");
  page.denied = status === 403;
  if (status === 200 && body.user === user) {   /* else somebody else has signed in meanwhile */
    await store.wipe(user, body.sheets);
    const offered = new Set(offers(await store.all("delivered"), user).map((item) => item.sheet));
    for (const line of body.sheets) {
      if (offered.has(line.id) || await isKnown(user, line)) continue;   /* what is offered is not shown as gone */
      const whole = await ask("/api/sheets/" + line.id);
      if (whole.status === 200) await store.keep(user, whole.body);
    }
  }
  tell("change");
}
