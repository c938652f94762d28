// Sends a result as the file itself, and says what the hub answers; everything else on these pages is plain forms.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[role=alert]");
      const button = form.querySelector("button");
      const file = form.elements.file.files[0];
      if (!file) return;
      button.disabled = true;
      said.hidden = true;
      try {
        const address = `${form.dataset.upload}&title=${encodeURIComponent(form.elements.title.value)}`;
        const answer = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": "application/pdf" } });
        if (answer.ok) {
          location.reload();
          return;
        }
        said.textContent = await answer.text();
      } catch (error) {
        said.textContent = String(error);
      }
      said.hidden = false;
      button.disabled = false;
    });
  }
})();
