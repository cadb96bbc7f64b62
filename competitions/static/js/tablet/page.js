/* What the tablet page shows now. `page.open` is the sheet on the page, an object of its own each time that a sheet is
   opened; null on the list:

   id, owner    the sheet, and the judge whose it is
   document     the sheet as the server describes it, of which the fields were drawn
   form         how the form was built (form.js, shape)
   drawn        {base, on}: the revision and the outbox item of which the fields were drawn
   held         the marks of the drafts that the fields hold, or held before something else was typed
   clock        the timer (clock.js)
   item, answer the newest item of the outbox, and the key of the one whose refusal was shown
   says         problems that the server named, by aspect
   behind       something is not drawn yet because of the field in use; it is drawn when that is left */
export const page = { user: null, open: null, denied: false, ready: false, signedOut: false };

export const main = document.getElementById("tablet");
