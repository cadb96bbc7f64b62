/* The judge's own signature of a delivered sheet: at once or not at all, it is never queued. */
import { ask } from "./dialog.js";
import { draw } from "./drawing.js";
import { refresh } from "./refresh.js";
import { act } from "./server.js";
import { askSignIn } from "./sign_in.js";

const words = (sheet) => "签字表示 " + sheet.code + " 第 " + sheet.revision + " 版的给分（合计 " + sheet.total +
  "）由本人作出，摘要 " + sheet.digest.slice(0, 16) + "。签字后如再修改，须重新签字。";

export async function sign({ owner, document: sheet }) {
  if (!(await ask(words(sheet), "确认签字"))) return;
  try {
    const answer = await act(owner, "/api/sheets/" + sheet.id + "/sign", { revision: sheet.revision });
    if (!answer || answer.status === 401) {
      askSignIn();
      return;
    }
    if (answer.status >= 400) await ask(answer.body.error?.message || "签字没有记录，请再试一次。");
    await refresh();
    await draw();
  } catch {
    await ask("网络不通，签字没有记录。恢复后请再签一次。");
  }
}
