// The only script of our pages: asks the browser for a passkey, and sends its answer with the form that stands there.
// Browsers get this file as it is, so it keeps to what is JavaScript as well: no types are written in it.

const WORDS = new Map([
  [
    "NotAllowedError",
    "Nothing was signed: it was cancelled, took too long, or there is no passkey for this site here.",
  ],
  ["InvalidStateError", "This device has a passkey for your account already."],
  ["SecurityError", "Passkeys do not work at this address. Open the gateway at its own name, over https."],
]);
const OTHERWISE = "This browser could not use a passkey. Choose another way.";
const TOO_OLD = "This browser is too old for passkeys. Choose another way, or use a newer one.";

const form = document.querySelector("form[data-passkey]");
if (form instanceof HTMLFormElement) prepare(form);

function prepare(page = new HTMLFormElement()) {
  const { start } = page.dataset;
  if (!("PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential)) {
    setBusy(page, true);
    say(TOO_OLD);
    return;
  }
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(page);
  });
  if (start) ask(page);
}

async function ask(page = new HTMLFormElement()) {
  setBusy(page, true);
  say("");
  try {
    const credential = await answer(page.dataset);
    const field = page.elements.namedItem("credential");
    if (!(credential instanceof PublicKeyCredential && field instanceof HTMLInputElement)) throw new Error(OTHERWISE);
    field.value = JSON.stringify(credential.toJSON());
    page.submit();
  } catch (error) {
    say((error instanceof Error && WORDS.get(error.name)) || OTHERWISE);
    setBusy(page, false);
  }
}

function answer({ passkey = "get", options = "{}" }) {
  const asked = JSON.parse(options);
  if (passkey === "create")
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

function setBusy(page = new HTMLFormElement(), isBusy = true) {
  for (const button of page.querySelectorAll("button")) button.disabled = isBusy;
}

/** Nothing to say hides the place for it. */
function say(text = "") {
  const place = document.getElementById("passkey-problem");
  if (!place) return;
  place.textContent = text;
  place.hidden = text === "";
}
