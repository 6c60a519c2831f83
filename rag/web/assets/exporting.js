/* An answer passed on: made into a file by the server, saved as Markdown, or printed with the words of its sources. */
(() => {
  const ENDINGS = { word: "docx", excel: "xlsx" };
  const menuOf = (target) => target.closest("[data-export]");

  function save(content, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /** Named by its question, as far as names of files may be. */
  function nameOf(menu, ending) {
    const { question } = JSON.parse(menu.dataset.export);
    const plain = question.replace(/[\\/:*?"<>|\s\u0000-\u001f]+/g, " ").trim().slice(0, 40);
    return `${menu.dataset.name}_${plain}.${ending}`;
  }

  function done(menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }

  shiori.onClick("exportAs", async (target) => {
    const [menu, kind] = [menuOf(target), target.dataset.exportAs];
    try {
      const answer = await fetch(`exports/${kind}?lang=${document.documentElement.lang}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: menu.dataset.export,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      save(await answer.blob(), nameOf(menu, ENDINGS[kind]));
    } catch {
      shiori.say(menu.dataset.failed);
      menu.querySelector("summary").textContent = menu.dataset.failed;
      return;
    }
    done(menu);
  });
  shiori.onClick("exportMarkdown", (target) => {
    const menu = menuOf(target);
    const markdown = menu.closest(".actions").querySelector("[data-copy]").dataset.copy;
    save(new Blob([markdown], { type: "text/markdown;charset=utf-8" }), nameOf(menu, "md"));
    done(menu);
  });
  shiori.onClick("print", (target) => {
    done(menuOf(target));
    print();
  });

  /* What is printed is made when it is, so that the browser's own way prints the same. */
  addEventListener("beforeprint", () => {
    const menu = [...document.querySelectorAll("[data-export]")].find((each) => each.closest(".actions").checkVisibility());
    if (!menu) return;
    const { question, text, sources } = JSON.parse(menu.dataset.export);
    const made = document.createElement("article");
    made.className = "printed";
    made.append(element("h1", question), element("p", text), element("h2", menu.dataset.sources));
    for (const source of sources) {
      const place = element("section", "");
      place.append(element("h3", `[${source.number}] ${source.title}`), element("p", `${source.file} ・ ${source.where}`));
      place.append(element("blockquote", source.quote.trim()));
      made.append(place);
    }
    document.body.append(made);
    document.body.classList.add("printing");
  });
  addEventListener("afterprint", () => {
    document.querySelector(".printed")?.remove();
    document.body.classList.remove("printing");
  });

  function element(name, words) {
    const made = document.createElement(name);
    made.textContent = words;
    return made;
  }
})();
