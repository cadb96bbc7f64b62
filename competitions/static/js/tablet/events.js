/* What the parts of the tablet page tell each other: "change", what is kept has changed; "session", who is signed in
   ({user, card}); "epoch", the server was restored; "offered", it has been offered what it may have lost. */
export const tell = (name, detail) => document.dispatchEvent(new CustomEvent("judge:" + name, { detail }));
export const on = (name, listener) => document.addEventListener("judge:" + name, (event) => listener(event.detail));
