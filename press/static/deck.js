// What a deck does beside reveal.js: type as large as fits, code in steps, a dark room.
(function () {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const SIZES = ["sparse", "airy", "code-24", "code-22"];

  // The largest of the sizes that leaves the slide room; measured once, when the slide is first seen.
  function fits(slide) {
    const content = slide.querySelector(".content");
    const foot = content.getBoundingClientRect();
    if (content.scrollHeight > content.clientHeight + 1) return false;
    for (const block of content.querySelectorAll("pre, table, .formula, p, li, blockquote"))
      if (block.scrollWidth > block.clientWidth + 1) return false;
    const rest = [...content.children].filter((part) => part.offsetHeight);
    const last = rest.length ? rest[rest.length - 1].getBoundingClientRect() : foot;
    return last.bottom <= foot.bottom + 1;
  }
  function lines(pre) { return pre.getClientRects().length && Math.round(pre.clientHeight / parseFloat(getComputedStyle(pre).lineHeight)); }
  function size(slide) {
    if (!slide || slide.dataset.fitted || !slide.matches(".slide:not(.title-slide):not(.section-slide)")) return;
    slide.dataset.fitted = "1";
    if (slide.querySelector("figure.picture")) return;
    const code = slide.querySelector("pre");
    const before = code ? [...slide.querySelectorAll("pre")].map(lines) : [];
    for (const name of code ? ["code-24", "code-22"] : ["sparse", "airy"]) {
      slide.classList.add(name);
      const broken = code && [...slide.querySelectorAll("pre")].some((pre, i) => lines(pre) > before[i]);
      if (fits(slide) && !broken) return;
      slide.classList.remove(name);
    }
  }

  // Code in steps: the clicks light up lines, the others fade.
  function walk() {
    const slide = Reveal.getCurrentSlide();
    for (const box of slide ? slide.querySelectorAll(".walked") : []) {
      const steps = [...box.querySelectorAll(".step.visible")];
      const after = box.nextElementSibling, past = after && after.matches(".fragment.visible");
      const now = steps.length && !past ? steps[steps.length - 1].dataset.lines : "";
      const lit = new Set();
      for (const part of now.split(",").filter(Boolean)) {
        const [from, to] = part.split("-").map(Number);
        for (let line = from; line <= (to || from); line++) lit.add(line);
      }
      box.classList.toggle("walking", lit.size > 0);
      box.querySelectorAll(".line").forEach((line, i) => line.classList.toggle("lit", lit.has(i + 1)));
    }
  }

  // A switch that was clicked gives the keys back to the slides; one that was reached by keys keeps them.
  document.addEventListener("click", function (event) {
    if (event.detail && event.target.matches(".unrolled-animation input")) event.target.blur();
  });

  // D: a dark room. Nothing is stored but for this browser window.
  function dark(on) { document.documentElement.classList.toggle("dark", on); }

  Reveal.initialize({
    width: 1280, height: 720, margin: 0, maxScale: 4, center: DECK.center, hash: true,
    transition: still ? "none" : DECK.transition, transitionSpeed: "fast", backgroundTransition: "none",
    controls: true, controlsTutorial: false, progress: true, slideNumber: "c/t", navigationMode: "linear",
    defaultTiming: document.querySelector("[data-timing]") ? 0 : null, scrollActivationWidth: null, pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
    keyboard: { 68: function () { dark(!document.documentElement.classList.contains("dark")); } },
    plugins: [RevealNotes],
  }).then(function () {
    // A face that comes when its slide is shown would come after that slide has been measured.
    return Promise.all([...document.fonts].map(function (face) { return face.load().catch(function () {}); }));
  }).then(function () {
    // reveal.js calls the deck an application: screen readers would no longer read it as a text.
    document.querySelector(".reveal").removeAttribute("role");
    if (document.documentElement.classList.contains("reveal-print"))
      document.querySelectorAll("section.slide").forEach(size);
    size(Reveal.getCurrentSlide());
    walk();
    Reveal.on("slidechanged", function (event) { size(event.currentSlide); walk(); });
    Reveal.on("fragmentshown", walk);
    Reveal.on("fragmenthidden", walk);
    document.documentElement.dataset.ready = "1";
  });
})();
