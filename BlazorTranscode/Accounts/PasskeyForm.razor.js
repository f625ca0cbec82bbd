// WebAuthn Level 3 JSON: https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON
const form = document.querySelector("form[data-passkey]");
const isNew = form.dataset.passkey === "create";
const problem = form.querySelector("[role=alert]");
const works = typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
let waiting; // The quiet request behind the address field; a browser allows one request at a time.

async function ask(conditional) {
  waiting?.abort();
  waiting = new AbortController();
  const signal = waiting.signal;
  const answer = await fetch(`${form.action}/options`, { method: "POST", body: new FormData(form), signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const options = await answer.json();
  const credential = isNew
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal })
    : await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), signal,
      mediation: conditional ? "conditional" : "optional",
    });
  form.elements.credential.value = JSON.stringify(credential);
  form.submit();
}

function explain(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "NotAllowedError") return "No passkey was given. Try again, or use your password.";
  if (error.name === "SecurityError") return "Passkeys need https or http://localhost; they do not work on an IP address.";
  return "The passkey could not be asked for. Load the page again and retry.";
}

form.addEventListener("submit", async event => {
  event.preventDefault();
  problem.hidden = true;
  try {
    if (!works) throw new DOMException("", "SecurityError");
    await ask(false);
  } catch (error) {
    if (error.name === "AbortError") return;
    problem.textContent = explain(error);
    problem.hidden = false;
  }
});

form.querySelector("fieldset").disabled = false;

// The browser offers passkeys in the address field. Nobody asked, so nobody is told if it fails.
if (works && !isNew && await PublicKeyCredential.isConditionalMediationAvailable?.()) ask(true).catch(() => { });
