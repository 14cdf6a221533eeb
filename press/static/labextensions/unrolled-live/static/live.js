/* The live view of a lecture (RISE), as `make present` opens it.

A prebuilt JupyterLab extension written by hand: JupyterLab loads this file and asks the object at its end for one plugin. It works where `press.live` has put a
file 03_gates.live.json beside the notebook, and does nothing anywhere else. reveal.js, which RISE keeps to itself, is driven by its message interface
(postMessage: https://revealjs.com/postmessage/) and heard by its events. */
(() => {
  "use strict";

  const WORDS = {
    pl: {
      starting: "kernel się uruchamia", busy: "liczę", stop: "przerwij (I, I)", again: "uruchom wszystko aż do tego slajdu (R, R)", dead: "kernel nie działa",
      warming: "przygotowuję", nothing: "na tym slajdzie nie ma kodu do uruchomienia", failed: "nie wszystko dało się uruchomić: komórka", noSaved: "tu nie ma zapisanego wyniku",
      leave: "Kończymy?", kept: "Zmienione komórki zostaną zapisane w pliku", unchanged: "Żadna komórka nie została zmieniona.",
      end: "Zakończ (Enter)", back: "Wróć do slajdów (Esc)", ended: "Koniec. Można zamknąć kartę.", slide: "slajd", notes: "Notatki", noNotes: "brak notatek", next: "dalej",
      help: "spacja, strzałki: dalej, wstecz · Ctrl+Enter: uruchom · Shift+Enter: uruchom i dalej · I I: przerwij · R R: wszystko aż dotąd · O: zapisany wynik · T: notatki · ] [: pióro, tablica · G 30 Enter: slajd 30 · F: pełny ekran · /: czarny ekran · Alt+R: koniec"
    },
    en: {
      starting: "the kernel is starting", busy: "computing", stop: "stop (I, I)", again: "run everything up to this slide (R, R)", dead: "the kernel is not running",
      warming: "preparing", nothing: "no code to run on this slide", failed: "not everything could be run: cell", noSaved: "no saved output here",
      leave: "Leave?", kept: "The cells you changed will be kept in", unchanged: "No cell was changed.",
      end: "End (Enter)", back: "Back to the slides (Esc)", ended: "Ended. You can close this tab.", slide: "slide", notes: "Notes", noNotes: "no notes", next: "next",
      help: "Space, arrows: on, back · Ctrl+Enter: run · Shift+Enter: run and go on · I I: stop · R R: everything up to here · O: saved output · T: notes · ] [: pen, board · G 30 Enter: slide 30 · F: full screen · /: black screen · Alt+R: leave"
    }
  };
  /** What reveal.js, its board and JupyterLab say beside the slides: texts, tool tips, names for readers of screens. */
  const SPOKEN = {
    pl: {
      "next slide": "następny slajd", "previous slide": "poprzedni slajd", "above slide": "slajd wyżej", "below slide": "slajd niżej", "Resume presentation": "wróć do slajdów",
      "Reveal Shortcuts Help": "klawisze (?)", "Next board": "następna tablica", "Previous board": "poprzednia tablica", "notebook content": "slajdy", "Cells": "komórki"
    }
  };
  /** Keys outside of an editor that go on to RISE and JupyterLab; every other plain key would edit the notebook (X cuts a cell, D D deletes one). */
  const PASSED = new Set(["Escape", "Tab", "Shift", "Control", "Alt", "Meta", "AltGraph", ",", "F5", "F11", "F12"]);
  const NEXT = ["ArrowRight", "ArrowDown", "PageDown", " "];
  const PREVIOUS = ["ArrowLeft", "ArrowUp", "PageUp"];
  const BOARD = { "[": "toggleChalkboard", "]": "toggleNotesCanvas", "-": "clear", "=": "reset", "q": "colorPrev", "s": "colorNext", "\\": "download" };

  const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));
  const element = (tag, attributes, ...inside) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...inside);
    return made;
  };

  /** Wait until a function returns something; null after a minute. */
  async function until(look, patience = 60000) {
    for (let spent = 0; spent < patience; spent += 50) {
      const found = look();
      if (found) return found;
      await wait(50);
    }
    return null;
  }

  async function activate(app) {
    if (app.name !== "Rise") return;
    const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const path = config.notebookPath.replace(/^\/+/, "");
    const answer = await fetch(`${config.baseUrl}files/${path.replace(/\.ipynb$/, ".live.json")}`);
    if (!answer.ok) return;
    const told = await answer.json();
    const panel = await until(() => app.shell.currentWidget);
    await panel.context.ready;
    await until(() => document.querySelector("body.rise-enabled .reveal.ready, body.rise-enabled .reveal .slides section.present section.present"));
    new Live(app, panel, told, config).start();
  }

  class Live {
    constructor(app, panel, told, config) {
      Object.assign(this, { app, panel, told, config });
      this.words = WORDS[told.language] || WORDS.en;
      this.sections = [...document.querySelectorAll(".reveal .slides > section > section")];
      this.reveal = document.querySelector(".reveal");
      this.given = new Map(this.cells.map(cell => [cell.model.id, cell.model.sharedModel.getSource()]));
      this.place = `unrolled-live:${config.notebookPath}:${told.opened}`;
      this.since = 0;
      this.stops = 0;
      this.number = 0;
      this.walked = null;
      this.through = new Set();
      this.warm = "";
      this.pressed = { key: "", time: 0 };
      this.saveInTurn();
    }

    /** A save that begins before the last one is over would take that one's file for somebody else's and ask, in a dialog over the slides, which to keep. */
    saveInTurn() {
      const context = this.panel.context;
      const save = context.save.bind(context);
      let last = Promise.resolve();
      context.save = () => {
        const wanted = context.model.dirty; // the end of a save calls clean what was typed meanwhile
        last = last.catch(() => null).then(() => (wanted || context.model.dirty ? save() : undefined));
        return last;
      };
    }

    get cells() { return [...this.panel.content.widgets]; }
    get session() { return this.panel.sessionContext; }
    get kernel() { return this.session.session && this.session.session.kernel; }
    get section() { return document.querySelector(".reveal .slides > section.present > section.present"); }
    get typing() { const at = document.activeElement; return Boolean(at && at.closest(".cm-editor, input, textarea, [contenteditable=true]")); }

    async start() {
      document.body.classList.add("unrolled-live");
      this.dress();
      this.tell("configure", { navigationMode: "linear", controlsTutorial: false });
      this.furnish();
      window.addEventListener("keydown", event => this.key(event), true);
      for (const name of ["slidechanged", "fragmentshown", "fragmenthidden"]) this.reveal.addEventListener(name, () => this.moved());
      window.addEventListener("pagehide", () => this.save());
      this.reveal.addEventListener("click", event => this.follow(event), true);
      this.session.statusChanged.connect((_, status) => { // a kernel that died and came back knows no names
        if (status === "autorestarting" || status === "restarting") this.fell = true;
        if (status === "idle" && this.fell) { this.fell = false; setTimeout(() => this.warmUp(), 500); }
      });
      await wait(300); // RISE goes to its first slide 250 ms after it is ready
      const resumed = Number(sessionStorage.getItem(this.place));
      this.go(resumed || this.told.start);
      this.focus();
      document.body.dataset.live = "ready";
      this.warmUp();
    }

    /** Call a method of reveal.js. */
    tell(method, ...args) { window.postMessage(JSON.stringify({ method, args }), window.location.origin); }

    /** Go to a slide by its number, from 1. */
    go(number) {
      const section = this.sections[Math.min(Math.max(number, 1), this.sections.length) - 1];
      const stacks = [...document.querySelectorAll(".reveal .slides > section")];
      const stack = section.parentElement;
      this.tell("slide", stacks.indexOf(stack), [...stack.children].filter(child => child.tagName === "SECTION").indexOf(section));
    }

    /** Give the slides the deck's classes, numbers and foot lines. */
    dress() {
      const kinds = new Map(this.told.slides.map(slide => [slide.cell, slide.class]));
      this.sections.forEach((section, index) => {
        section.dataset.number = `${index + 1}/${this.sections.length}`;
        section.dataset.foot = this.told.foot;
        section.classList.add("slide");
      });
      for (const cell of this.cells) {
        const kind = kinds.get(cell.model.id);
        const section = cell.node.closest("section");
        if (kind && section) section.classList.add(...kind.split(" ").filter(Boolean));
        if (cell.model.getMetadata("unrolled")?.section) section?.classList.add("section-slide");
        if (section?.classList.contains("sparse") && !section.querySelector(".live-space")) section.append(element("div", { className: "live-space" }));
        if (cell.model.type !== "code") continue;
        cell.node.classList.toggle("code-hidden", cell.model.getMetadata("jupyter")?.source_hidden === true);
      }
    }

    /** Add the lamp with its two buttons, the line for short messages. */
    furnish() {
      const press = (name, label, act) => {
        const made = element("button", { className: `live-${name}`, title: label, ariaLabel: label, tabIndex: -1 });
        made.addEventListener("mousedown", event => event.preventDefault()); // the focus stays on the slides
        made.addEventListener("click", act);
        return made;
      };
      this.lampText = element("span", { className: "live-text" });
      this.lamp = element("div", { id: "live-lamp" }, element("i", { className: "live-light" }), this.lampText,
        press("stop", this.words.stop, () => this.stop()), press("again", this.words.again, () => this.upToHere()));
      this.lamp.setAttribute("role", "status");
      this.line = element("div", { id: "live-line" });
      this.line.setAttribute("role", "status");
      this.lit = element("style", { id: "live-lit" });
      document.head.append(this.lit);
      document.body.append(this.lamp, this.line);
      setInterval(() => this.shine(), 200);
      this.shine();
      this.translate();
    }

    /** Say in the lecture's language what stands beside the slides. */
    translate() {
      const spoken = SPOKEN[this.told.language] || {};
      for (const at of document.querySelectorAll("body :not(.jp-Cell *, script, style)")) {
        for (const name of ["title", "aria-label"]) if (spoken[at.getAttribute(name)]) at.setAttribute(name, spoken[at.getAttribute(name)]);
        if (!at.children.length && spoken[at.textContent.trim()]) at.textContent = spoken[at.textContent.trim()];
      }
    }

    /** Show what the kernel does. */
    shine() {
      const status = this.kernel ? this.kernel.status : "starting";
      const state = { idle: "idle", busy: "busy", dead: "dead", terminating: "dead" }[status] || "starting";
      const now = this.warm || this.running ? "busy" : state;
      if (now !== "busy") this.since = 0;
      else if (!this.since) this.since = Date.now();
      const seconds = this.since ? Math.floor((Date.now() - this.since) / 1000) : 0;
      const counted = seconds >= 1 ? ` ${seconds} s` : "";
      const text = { idle: "", busy: (this.warm || this.words.busy) + counted, dead: this.words.dead, starting: this.words.starting }[now];
      if (this.lamp.dataset.state !== now) this.lamp.dataset.state = now;
      if (this.lampText.textContent !== text) this.lampText.textContent = text;
    }

    /** Say something for a moment. */
    say(text, milliseconds = 2500) {
      this.line.textContent = text;
      this.line.classList.add("shown");
      clearTimeout(this.hush);
      this.hush = setTimeout(() => this.line.classList.remove("shown"), milliseconds);
    }

    /** A link to a heading of the lecture leads to its slide; reveal.js would take it for an address of its own. */
    follow(event) {
      const link = event.target.closest("a[href^='#']:not(.jp-InternalAnchorLink)");
      if (!link) return;
      const named = text => text.replace("¶", "").trim().replace(/\s+/g, "-").toLowerCase();
      const wanted = named(decodeURIComponent(link.getAttribute("href").slice(1)));
      const at = this.sections.findIndex(section => [...section.querySelectorAll("h1, h2, h3, h4")].some(heading => named(heading.textContent) === wanted));
      if (at < 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      this.go(at + 1);
    }

    focus() {
      if (!this.typing) this.panel.content.node.focus({ preventScroll: true });
    }

    moved() {
      const number = this.sections.indexOf(this.section) + 1;
      this.light(null);
      if (number > this.number) this.through.clear();
      if (number < this.number) for (const cell of this.cells) if (this.section.contains(cell.node)) this.through.add(cell); // who comes back sees it whole
      this.number = number || this.number;
      if (number) sessionStorage.setItem(this.place, String(number));
      this.panel.content.deselectAll();
      if (this.typing && !this.section?.contains(document.activeElement)) document.activeElement.blur();
      this.focus();
      this.size();
      this.fit();
      this.showNotes();
    }

    // Code in steps -----------------------------------------------------------------------------

    /** Light up the lines of the next step (1) or of the one before (-1) of a code that is walked in steps (`steps: 1-3|5` in the source). False: there is none, go on. */
    walk(way) {
      let at = this.walked;
      if (!at && way > 0) {
        const cell = this.visible().find(one => one.model.getMetadata("unrolled")?.steps && !this.through.has(one)
          && this.given.get(one.model.id) === one.model.sharedModel.getSource());
        if (cell) at = { cell, steps: cell.model.getMetadata("unrolled").steps.split("|"), now: -1 };
      }
      if (!at) return false;
      const now = at.now + way;
      if (now >= at.steps.length) this.through.add(at.cell);
      this.light(now >= 0 && now < at.steps.length ? { ...at, now } : null);
      return now < at.steps.length; // before the first step the code is whole again; after the last one the slides go on
    }

    /** Let the lines of a step stand out; null: none. Rules of style do it, for the editor keeps its own elements as they are. */
    light(at) {
      if (this.walked) this.walked.cell.node.classList.remove("live-walking");
      this.walked = at;
      if (!at) return;
      const lines = at.steps[at.now].split(",").flatMap(part => {
        const [from, to = from] = part.split("-").map(Number);
        return Array.from({ length: to - from + 1 }, (_, i) => `.live-walking .cm-line:nth-child(${from + i})`);
      });
      this.lit.textContent = `${lines.join(",")}{opacity:1!important}`;
      at.cell.node.classList.add("live-walking");
    }

    // Running ---------------------------------------------------------------------------------

    /** The code cells that one sees on this slide, in order. */
    visible() {
      const section = this.section;
      return this.cells.filter(cell => cell.model.type === "code" && cell.model.sharedModel.getSource().trim() && section?.contains(cell.node)
        && !cell.node.closest(".fragment:not(.visible), .reveal-skip, aside") && !cell.node.classList.contains("code-hidden"));
    }

    /** The cell that a key runs: the one being edited, else the first visible one not run yet, else the last one. */
    chosen() {
      const seen = this.visible();
      const edited = this.typing && seen.find(cell => cell.node.contains(document.activeElement));
      return edited || seen.find(cell => !cell.model.executionCount && !this.queued?.has(cell)) || seen.at(-1) || null;
    }

    /** Run a cell where it stands. What it showed stays until there is something new. */
    async run(cell) {
      this.light(null);
      this.through.add(cell);
      this.queued ||= new Set();
      this.queued.add(cell);
      this.running = (this.running || 0) + 1;
      this.shine();
      const notebook = this.panel.content;
      notebook.activeCellIndex = this.cells.indexOf(cell);
      notebook.deselectAll();
      notebook.mode = "command";
      this.focus();
      const lift = this.hold(cell);
      const stops = this.stops;
      try {
        await until(() => !this.warm || this.reached >= this.cells.indexOf(cell), 600000); // names of the cells above
        if (this.stops !== stops) return; // stopped while it waited
        notebook.activeCellIndex = this.cells.indexOf(cell);
        await this.app.commands.execute("notebook:run-cell");
      } finally {
        lift();
        this.running -= 1;
        this.queued.delete(cell);
        this.shine();
        requestAnimationFrame(() => this.fit());
      }
    }

    /** A long title is set smaller, in two lines: below it stand the subtitle and the chain. */
    title(heading) {
      const unit = Math.min(innerWidth / 1280, innerHeight / 720);
      const lines = type => (heading.offsetHeight / unit - 96) / (1.04 * type); // 96: its padding and its rule
      heading.style.removeProperty("font-size");
      for (let type = 92; type > 60 && lines(type) > 2.5; type -= 4) heading.style.fontSize = `calc(${type - 4} * var(--u))`;
    }

    /** Give a slide the largest of the deck's sizes that leaves it room, once, when it is first seen; outputs that are still to come are counted in. */
    size() {
      const section = this.section;
      if (section?.matches(".title-slide")) this.title(section.querySelector("h1"));
      if (!section || section.dataset.sized || section.matches(".section-slide, :has(h1), .sparse, .airy, .code-22, .code-24")) return;
      section.dataset.sized = "yes";
      const pictures = ":is(img, svg, canvas, audio):not(mjx-container *)"; // of JupyterLab's own there are icons
      if (section.querySelector(`.jp-RenderedMarkdown ${pictures}, .jp-OutputArea-output ${pictures}`)) return;
      const all = this.cells.filter(cell => section.contains(cell.node) && cell.model.type === "code");
      const code = all.filter(cell => !cell.node.classList.contains("code-hidden"));
      const saved = code.flatMap(cell => this.told.outputs[cell.model.id] || []);
      if (saved.some(output => Object.keys(output.data || {}).some(kind => kind.startsWith("image/")))) return;
      const text = saved.map(output => [output.text || output.data?.["text/plain"] || ""].flat().join("")).join("\n").trim();
      const room = element("pre", { textContent: text });
      room.style.cssText = "margin: 0; font: calc(var(--mono-type) * var(--u))/1.36 var(--mono)";
      if (text && !code.some(cell => cell.node.querySelector(".jp-OutputArea-output"))) section.append(room);
      const printed = code.length || section.querySelector(".jp-RenderedText");
      for (const name of printed ? ["code-24", "code-22"] : all.length ? ["airy"] : ["sparse", "airy"]) { // in the middle it would move when it is run
        section.classList.add(name);
        const wide = [...section.querySelectorAll("p, li, table, mjx-container[display=true], .cm-scroller")].some(block => block.scrollWidth > block.clientWidth + 1 && block.clientWidth);
        const broken = room.scrollWidth > room.clientWidth + 1 || [...section.querySelectorAll(".jp-RenderedText pre")].some(pre =>
          Math.round(pre.clientHeight / parseFloat(getComputedStyle(pre).lineHeight)) > pre.textContent.trimEnd().split("\n").length);
        if (section.scrollHeight <= section.clientHeight + 1 && !wide && !broken) break;
        section.classList.remove(name);
      }
      room.remove();
      if (section.classList.contains("sparse")) section.append(element("div", { className: "live-space" }));
    }

    /** Make type a little smaller where a slide would run into its foot line: first code and printed text, then gaps, tables, prose. What is far too long scrolls in its place. */
    fit() {
      const section = this.section;
      if (!section || this.typing) return;
      const full = () => section.scrollHeight > section.clientHeight + 1 || [...section.querySelectorAll(".jp-RenderedText")].some(text => text.scrollHeight > text.clientHeight + 1);
      const sizes = [["--mono-type", 17], ["--gap", 10], ["--table", 24], ["--type", 25]];
      for (const [name] of sizes) section.style.removeProperty(name);
      for (const table of section.querySelectorAll("table")) { // one that is wider than the slide scrolls
        table.classList.remove("live-wide");
        table.classList.toggle("live-wide", table.getBoundingClientRect().right > section.getBoundingClientRect().right);
      }
      for (const [name, least] of sizes) {
        const size = Number(getComputedStyle(section).getPropertyValue(name));
        for (let smaller = size - 0.5; smaller >= least && full(); smaller -= 0.5) section.style.setProperty(name, String(smaller));
        if (!full()) return;
      }
      for (const [name] of sizes) section.style.removeProperty(name);
    }

    /** Keep a picture of a cell's output in its place until a new picture comes, or the run ends. */
    hold(cell) {
      const wrapper = cell.node.querySelector(".jp-Cell-outputWrapper");
      if (!wrapper || !wrapper.querySelector("img, svg, canvas, table")) return () => {};
      const still = wrapper.cloneNode(true);
      still.classList.add("live-still");
      still.setAttribute("aria-hidden", "true");
      wrapper.after(still);
      wrapper.classList.add("live-waits");
      const lift = () => { watch.disconnect(); still.remove(); wrapper.classList.remove("live-waits"); };
      const watch = new MutationObserver(() => {
        const fresh = wrapper.querySelector("img, svg, canvas, table, [data-mime-type='application/vnd.jupyter.error']");
        if (!wrapper.querySelector(".jp-OutputArea-child")) cleared = true;
        if (cleared && fresh && (fresh.tagName !== "IMG" || fresh.complete)) lift();
      });
      let cleared = false;
      watch.observe(wrapper, { childList: true, subtree: true });
      return lift;
    }

    /** Run all cells in the kernel alone, so that whatever one runs first finds its names. Outputs stay as they are. */
    async warmUp(last = null) {
      if (this.warm) return;
      const kernel = await until(() => this.kernel, 120000);
      if (!kernel) return;
      await kernel.info;
      const cells = this.cells.filter(cell => cell.model.type === "code" && cell.model.sharedModel.getSource().trim());
      const todo = last ? cells.slice(0, cells.indexOf(last) + 1) : cells;
      this.halted = false;
      if (!last && await this.isWarm(kernel)) { document.body.dataset.warm = "yes"; return; }
      const broken = [];
      let fell = null;
      const gone = new Promise(done => { fell = (_, status) => { if (["autorestarting", "restarting", "dead"].includes(status)) done(null); }; });
      this.session.statusChanged.connect(fell); // nobody answers then
      for (const [index, cell] of todo.entries()) {
        this.warm = `${this.words.warming} ${index + 1}/${todo.length}`;
        this.reached = this.cells.indexOf(cell) - 1; // cells up to this one have been run
        if (cell.model.getMetadata("tags")?.includes("raises-exception")) continue;
        const future = kernel.requestExecute({ code: cell.model.sharedModel.getSource(), silent: true, store_history: false, stop_on_error: false });
        const reply = await Promise.race([future.done.catch(() => null), gone]);
        if (!reply) this.halted = true; // the kernel died
        if (this.halted) break;
        if (reply?.content?.status !== "ok") broken.push(cell.model.id);
      }
      this.session.statusChanged.disconnect(fell);
      if (!this.halted && !last) await kernel.requestExecute({ code: "_unrolled_warm = True", silent: true, store_history: false }).done.catch(() => null);
      this.warm = "";
      document.body.dataset.warm = this.halted ? "halted" : broken.length ? "broken" : "yes";
      if (broken.length) this.say(`${this.words.failed} ${broken.join(", ")}`);
    }

    /** Whether this kernel has run the notebook: the page may have been loaded again. */
    async isWarm(kernel) {
      const reply = await kernel.requestExecute({ code: "", silent: true, store_history: false, user_expressions: { warm: "_unrolled_warm" } }).done.catch(() => null);
      return reply?.content?.user_expressions?.warm?.status === "ok";
    }

    stop() {
      this.halted = true;
      this.stops += 1;
      if (this.kernel) this.kernel.interrupt();
    }

    /** Run everything up to this slide, visibly: after an edit above, or in a new kernel. */
    async upToHere() {
      if (this.warm) return;
      if (!this.kernel || this.kernel.status === "dead") await this.session.restartKernel();
      const here = this.sections.indexOf(this.section);
      const above = this.cells.filter(cell => cell.model.type === "code" && cell.model.sharedModel.getSource().trim()
        && this.sections.indexOf(cell.node.closest("section")) <= here);
      if (!above.length) return;
      await this.warmUp(above.at(-1));
      if (this.halted) return;
      for (const cell of above) { // hidden code on this slide: its figure or table is drawn again
        if (cell.node.closest("section") === this.section && cell.node.classList.contains("code-hidden")) await this.run(cell);
      }
    }

    /** Show what the course's own run has printed, without running. */
    recall() {
      const cell = this.visible().find(one => this.told.outputs[one.model.id] && !one.model.outputs.length) || this.chosen(); // O again: the next cell's
      const saved = cell && this.told.outputs[cell.model.id];
      if (!saved) return this.say(this.words.noSaved);
      cell.model.trusted = true;
      cell.model.outputs.fromJSON(saved);
      requestAnimationFrame(() => this.fit());
    }

    // Keys --------------------------------------------------------------------------------------

    key(event) {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      const taken = act => { event.preventDefault(); event.stopImmediatePropagation(); act(); };
      if (this.dialog) return taken(() => this.answer(event.key));
      if (event.altKey && event.code === "KeyR") return taken(() => this.leave());
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey)) {
        if (this.typing && document.activeElement.closest(".jp-MarkdownCell")) return undefined; // a text being edited is set again
        return taken(() => this.enter(event.shiftKey));
      }
      if (this.typing || document.querySelector(".jp-Dialog")) return undefined;
      if (plain && (PREVIOUS.includes(event.key) || event.key === " " && event.shiftKey)) return taken(() => this.walk(-1) || this.tell("prev"));
      if (plain && NEXT.includes(event.key)) return taken(() => this.walk(1) || this.tell("next"));
      if (plain && event.key === "Home") return taken(() => this.go(1));
      if (plain && event.key === "End") return taken(() => this.go(this.sections.length));
      if (!plain) {
        if (event.ctrlKey && "xcvzydbm".includes(event.key.toLowerCase()) && document.activeElement !== document.body) return event.key === "c" ? undefined : taken(() => {});
        return undefined;
      }
      if (event.key.toLowerCase() === "i") return taken(() => this.twice("i", () => this.stop()));
      if (event.key.toLowerCase() === "r") return taken(() => this.twice("r", () => this.upToHere()));
      if (event.key.toLowerCase() === "o") return taken(() => this.recall());
      if (event.key.toLowerCase() === "t") return taken(() => this.openNotes());
      if (event.key.toLowerCase() === "f") return taken(() => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
      if ([".", "/", "b"].includes(event.key)) return taken(() => this.tell("togglePause"));
      if (event.key === "?") return taken(() => this.say(this.words.help, 12000));
      if (event.key.toLowerCase() === "g") return taken(() => { this.digits = ""; this.say(`${this.words.slide}: `); });
      if (this.digits !== undefined && /^[0-9]$/.test(event.key)) return taken(() => { this.digits += event.key; this.say(`${this.words.slide}: ${this.digits}`); });
      if (event.key === "Enter") {
        const number = Number(this.digits);
        delete this.digits;
        if (number) return taken(() => this.go(number));
        const seen = this.visible(); // Enter edits the slide's code, never a cell that is elsewhere
        return taken(() => { if (seen.length) { this.panel.content.activeCellIndex = this.cells.indexOf(this.chosen()); this.panel.content.mode = "edit"; } });
      }
      delete this.digits;
      if (BOARD[event.key]) return taken(() => window.RevealChalkboard?.[BOARD[event.key]]());
      if (!PASSED.has(event.key) && !PASSED.has(event.key.toLowerCase())) return taken(() => {});
      return undefined;
    }

    twice(key, act) {
      const now = performance.now();
      const second = this.pressed.key === key && now - this.pressed.time < 1000;
      this.pressed = second ? { key: "", time: 0 } : { key, time: now };
      if (second) act();
    }

    /** Ctrl+Enter runs what one sees; Shift+Enter then goes on. */
    enter(on) {
      const seen = this.visible();
      const cell = this.chosen();
      if (!cell) return on ? this.tell("next") : this.say(this.words.nothing);
      const done = other => other.model.executionCount || this.queued?.has(other);
      if (on && done(cell) && !this.typing) return this.tell("next"); // all of it has been run: only go on
      const left = seen.some(other => other !== cell && !done(other));
      this.run(cell);
      this.stay(on && !left);
      return undefined;
    }

    /** After Shift+Enter the next fragment comes at once if there is one; a new slide only at the next key, so that the output is seen. */
    stay(on) {
      if (on && this.section?.querySelector(".fragment:not(.visible)")) this.tell("next");
    }

    // Notes ---------------------------------------------------------------------------------------

    /** Open a window with the notes of this slide; it follows the slides. */
    openNotes() {
      this.notes = window.open("", "unrolled-notes", "width=900,height=700");
      if (!this.notes) return;
      const page = this.notes.document;
      this.notesStyle = element("style", {});
      page.head.replaceChildren(this.notesStyle);
      page.title = this.words.notes;
      page.body.className = "unrolled-notes";
      const began = Date.now();
      this.clock = element("time", {});
      setInterval(() => { this.clock.textContent = `${new Date().toLocaleTimeString(this.told.language, { timeStyle: "short" })} · ${Math.floor((Date.now() - began) / 60000)} min`; }, 1000);
      this.notes.addEventListener("keydown", event => {
        if (NEXT.includes(event.key)) this.walk(1) || this.tell("next");
        if (PREVIOUS.includes(event.key)) this.walk(-1) || this.tell("prev");
      });
      this.showNotes();
    }

    /** The notes of a slide; where it has none, those of the next slide of its group. */
    notesOf(section) {
      for (let at = section; at; at = at.nextElementSibling) {
        const found = [...at.querySelectorAll("aside.notes .jp-MarkdownCell")];
        if (found.length) return found;
      }
      return [];
    }

    async showNotes() {
      if (!this.notes || this.notes.closed || !this.section) return;
      const shown = this.section;
      const body = element("div", { className: "live-notes" });
      for (const node of this.notesOf(shown)) {
        const cell = this.cells.find(other => other.node === node);
        if (cell && !cell.rendered) cell.rendered = true;
        const text = await until(() => node.querySelector(".jp-RenderedMarkdown"), 3000);
        if (text) body.append(text.cloneNode(true));
      }
      if (!body.children.length) body.append(this.words.noNotes);
      if (this.section !== shown) return;
      // MathJax adds rules for the letters that it meets, so they are copied each time.
      this.notesStyle.textContent = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]).map(rule => rule.cssText).join("\n");
      const next = this.sections[this.sections.indexOf(shown) + 1]?.querySelector("h1, h2");
      const heading = section => (section?.textContent || "").replace("¶", "").trim();
      const top = element("header", {}, element("b", { textContent: `${shown.dataset.number} ${heading(shown.querySelector("h1, h2"))}` }), this.clock);
      this.notes.document.body.replaceChildren(top, body, element("footer", { textContent: next ? `${this.words.next}: ${heading(next)}` : "" }));
    }

    // Leaving -------------------------------------------------------------------------------------

    save() { return this.panel.context.model.dirty ? this.panel.context.save() : Promise.resolve(); }

    get changed() {
      const now = this.cells;
      return now.length !== this.given.size || now.some(cell => this.given.get(cell.model.id) !== cell.model.sharedModel.getSource());
    }

    /** Ask whether to end, and say where the edits go. In JupyterLab's own window there is nothing to leave. */
    leave() {
      if (window.top !== window) return;
      const told = this.changed ? `${this.words.kept} ${this.told.edits}.` : this.words.unchanged;
      const button = (label, key) => { const made = element("button", { textContent: label }); made.addEventListener("click", () => this.answer(key)); return made; };
      this.dialog = element("div", { id: "live-leave" }, element("div", {}, element("h2", { textContent: this.words.leave }), element("p", { textContent: told }),
        button(this.words.end, "Enter"), button(this.words.back, "Escape")));
      document.body.append(this.dialog);
    }

    async answer(key) {
      if (key === "Escape") { this.dialog.remove(); this.dialog = null; this.focus(); return; }
      if (key !== "Enter" || this.ending) return;
      this.ending = true;
      await this.save();
      const cookie = document.cookie.match(/_xsrf=([^;]*)/);
      const headers = cookie ? { "X-XSRFToken": cookie[1] } : {};
      if (this.config.token) headers.Authorization = `token ${this.config.token}`;
      this.session.dispose();
      await fetch(`${this.config.baseUrl}api/shutdown`, { method: "POST", headers }).catch(() => null);
      sessionStorage.removeItem(this.place);
      window.onbeforeunload = null;
      this.lamp.remove();
      this.dialog.firstChild.replaceChildren(element("h2", { textContent: this.words.ended }), element("p", { textContent: this.dialog.querySelector("p").textContent }));
    }
  }

  const plugin = { id: "unrolled-live:live", autoStart: true, activate: app => { activate(app).catch(error => console.error("unrolled-live", error)); } };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["unrolled-live"] = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
