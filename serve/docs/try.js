// The forms that try a request: sent to the server that the page came from, nowhere else, and kept nowhere.
for (const hidden of document.querySelectorAll("details.try, #credentials")) hidden.hidden = false;
if (matchMedia("(max-width: 48rem)").matches) document.querySelector("nav details").open = false;
document.querySelector("#credentials")?.addEventListener("submit", (event) => event.preventDefault());

for (const select of document.querySelectorAll("select[data-in=kind]")) {
  const body = select.form.querySelector("[data-in=body]");
  let given = body.value;
  select.addEventListener("change", () => {
    if (body.value !== given) return; // somebody has written into it
    let text = select.selectedOptions[0].dataset.example ?? "";
    if (select.value === "application/x-ndjson") text = JSON.stringify(JSON.parse(text)) + "\n";
    given = body.value = text;
  });
}

// The examples are leads of some model; what the one that is loaded here wants is asked of it.
async function attributes() {
  const key = document.querySelector("#key")?.value;
  const ask = async (path) => {
    const answer = await fetch(new URL(path, document.baseURI), { headers: key ? { Authorization: "Bearer " + key } : {} });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  const { models } = await ask("v1/models");
  if (models.length === 0) throw new Error("no model is loaded");
  const { input } = await ask("v1/models/" + encodeURIComponent(models[0].name));
  const unread = ["outcome", "weight", "events"];
  const wanted = input.filter(({ role, kind }) => kind !== "unknown" && !unread.includes(role));
  return { lead: Object.fromEntries(wanted.map(({ name }) => [name, null])) };
}

const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

for (const form of document.querySelectorAll("details.try form")) {
  const fill = form.querySelector("[data-fill]");
  fill?.addEventListener("click", async () => {
    try {
      const request = await attributes();
      const kind = form.querySelector("[data-in=kind]").value;
      const many = form.querySelector("[data-in=body]").value.trimStart().startsWith("[");
      form.querySelector("[data-in=body]").value = kind === "text/csv" ? Object.keys(request.lead).map(cell).join(",") + "\n" : kind === "application/x-ndjson" ? JSON.stringify(request) + "\n" : JSON.stringify(many ? [request] : request, null, 2);
    } catch (error) {
      form.querySelector("output").textContent = `the attributes are not known: ${error.message}`;
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const output = form.querySelector("output");
    const headers = {};
    let path = form.dataset.path.slice(1);
    let body;
    const query = new URLSearchParams();
    for (const field of form.querySelectorAll("[data-in]")) {
      const { in: where, name } = field.dataset;
      if (where === "body") body = field.value;
      else if (where === "kind") headers["Content-Type"] = field.value;
      else if (where === "path") path = path.replace(`{${name}}`, encodeURIComponent(field.value));
      else if (field.value === "") continue;
      else if (where === "query") query.append(name, field.value);
      else if (where === "header") headers[name] = field.value;
    }
    const key = document.querySelector("#key")?.value;
    if (key) headers.Authorization = "Bearer " + key;
    const start = performance.now();
    try {
      const answer = await fetch(new URL(path + (query.size ? "?" + query : ""), document.baseURI), { method: form.dataset.method, headers, body });
      let text = await answer.text();
      const kind = answer.headers.get("Content-Type") ?? "";
      if (kind.endsWith("json") && !kind.includes("ndjson")) text = JSON.stringify(JSON.parse(text), null, 2);
      const head = document.createElement("p");
      head.textContent = `${answer.status} ${answer.statusText}, ${kind}, ${Math.round(performance.now() - start)} ms, X-Request-Id ${answer.headers.get("X-Request-Id")}`;
      const pre = document.createElement("pre");
      pre.tabIndex = 0;
      pre.textContent = text.length > 200000 ? text.slice(0, 200000) + "\n…" : text;
      output.replaceChildren(head, pre);
    } catch (error) {
      output.textContent = `no answer: ${error.message}`;
    }
  });
}
