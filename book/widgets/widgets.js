// What the widgets share. Each widget stands in the page as a table that says all there is to say; a script only sets it in motion. So what
// the widgets show comes from that table (or is computed), and without scripts, and on paper, the table is what one reads.
"use strict";

window.handshake = (() => {
    const WORDS = {
        en: {
            step: "Step {n} of {m}.",
            start: "Start.",
            first: "First step",
            back: "Back",
            next: "Next",
            last: "Last step",
            table: "All steps as a table",
            cases: "Examples as a table",
            keys: "{title}: step by step. Use the arrow keys, Home and End.",
        },
    };
    const SVG = "http://www.w3.org/2000/svg";
    const kinds = new Map();

    /// A word in the page's language; `{name}` is filled in.
    function word(name, values = {}) {
        const words = WORDS[document.documentElement.lang] ?? WORDS.en;
        return fill(words[name] ?? WORDS.en[name], values);
    }

    function fill(text, values) {
        return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    }

    function make(element, attributes, children) {
        for (const [name, value] of Object.entries(attributes)) {
            if (name.startsWith("on")) {
                element.addEventListener(name.slice(2), value);
            } else if (value !== null && value !== false) {
                element.setAttribute(name, value === true ? "" : value);
            }
        }
        element.append(...children);
        return element;
    }

    const html = (name, attributes = {}, ...children) => make(document.createElement(name), attributes, children);
    const svg = (name, attributes = {}, ...children) => make(document.createElementNS(SVG, name), attributes, children);

    /// Arrow keys turn mdBook's pages: not while they move something here.
    function keepKeys(element) {
        element.addEventListener("keydown", (event) => {
            if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
                event.stopPropagation();
            }
        });
    }

    /// The table stays within reach, behind a button; paper shows it whatever the button says.
    function tableButton(widget, label) {
        const button = html("button", { type: "button", class: "widget-shows", "aria-expanded": "false" }, label);
        button.addEventListener("click", () => {
            const shown = widget.classList.toggle("shows-table");
            button.setAttribute("aria-expanded", String(shown));
        });
        return button;
    }

    let ids = 0;
    const freshId = () => `widget-${(ids += 1)}`;

    /// `start(widget)` returns what is put before the table. A widget that fails leaves its table as it is.
    function kind(name, start, check) {
        kinds.set(name, check);
        for (const widget of document.querySelectorAll(`.widget[data-widget="${name}"]`)) {
            try {
                const table = widget.querySelector(".table-wrapper") ?? widget.querySelector("table");
                table.before(start(widget));
                widget.classList.add("is-live");
            } catch (error) {
                console.error(`widget ${name} ${widget.dataset.scenario ?? ""}: ${error.stack}`);
            }
        }
    }

    /// What is wrong with the widgets of this page, for a test in a browser: nothing, when all is well.
    function selfTest() {
        const wrong = [];
        for (const widget of document.querySelectorAll(".widget[data-widget]")) {
            const name = `${widget.dataset.widget} ${widget.dataset.scenario ?? ""}`.trim();
            if (!widget.classList.contains("is-live")) {
                wrong.push(`${name}: not started`);
            } else {
                wrong.push(...kinds.get(widget.dataset.widget)(widget).map((what) => `${name}: ${what}`));
            }
        }
        return wrong;
    }

    return { WORDS, word, fill, html, svg, keepKeys, tableButton, freshId, kind, selfTest };
})();
