// The sticky-packet simulator: what becomes of a few sends on their way through segments and a receive buffer into `recv(n)`. Time goes in
// ticks; a segment is 2 ticks on its way, and so is its acknowledgement. Nothing is lost here: it takes no loss to lose the boundaries.
// `src/widgets/sticky.json` holds cases that a Rust test plays with a model of its own.
"use strict";

(() => {
    const { WORDS, word, html, keepKeys, tableButton, freshId, kind } = window.handshake;
    const DELAY = 2;
    const MOST_MESSAGES = 8;
    const MOST_BYTES = 40;

    Object.assign(WORDS.en, {
        messages: "Messages (with | between)",
        transport: "Transport",
        tcp: "TCP",
        udp: "UDP",
        decoder: "The reader takes for a message",
        none: "what one recv returns",
        fixed: "every {size} bytes",
        delimiter: "what a newline ends",
        length: "what a 4-byte length announces",
        n: "recv(n): n",
        gap: "Ticks between two sends",
        busy: "Ticks the reader is busy before each recv",
        mss: "Largest segment",
        nodelay: "TCP_NODELAY (no Nagle)",
        sends: "Sends",
        segments: "Segments",
        datagrams: "Datagrams",
        reads: "recv returns",
        found: "Messages found",
        history: "What happened, tick by tick",
        tick: "Tick",
        event: "What happens",
        buffer: "Receive buffer",
        "event-send": "send {bytes}",
        "event-leaves": "a segment leaves with {bytes}",
        "event-arrives": "it arrives: {bytes}",
        "event-read": "recv({n}) returns {bytes}",
        "event-lost": "recv({n}) returns {bytes}; the rest, {rest}, is thrown away",
        "verdict-right": "Right: the messages found are the messages sent.",
        "verdict-lucky": "Right this time, by luck: the timing kept the sends apart. Change a slider, and it breaks.",
        "verdict-glued": "Wrong: one recv returned more than one message. TCP keeps the bytes and their order, not where a send ended.",
        "verdict-cut": "Wrong: one message came in more than one piece. recv(n) returns what is there, up to n.",
        "verdict-both": "Wrong in both ways: pieces of messages, and pieces of two messages in one.",
        "verdict-wrong": "Wrong: the messages do not fit this way of telling them apart.",
        "verdict-truncated": "Boundaries kept, bytes lost: recv({n}) takes a whole datagram from the queue and throws away what does not fit.",
        nodelayHelpsNot: "TCP_NODELAY changed when the segments left, and nothing about the boundaries.",
        udpNeedsNone: "A datagram keeps its own boundary: there is nothing to decode.",
    });

    const latin = (bytes) => String.fromCharCode(...bytes);
    const utf8 = new TextEncoder();
    const bytesOf = (text) => [...utf8.encode(text)];

    function encoded(message, { decoder, size }) {
        const bytes = bytesOf(message);
        switch (decoder) {
            case "fixed":
                return [...bytes, ...Array(size).fill(32)].slice(0, size);
            case "delimiter":
                return [...bytes, 10];
            case "length":
                return [0, 0, bytes.length >>> 8, bytes.length & 255, ...bytes];
            default:
                return bytes;
        }
    }

    /// The sender's side: which segments leave, and when.
    function segments(sends, { transport, gap, nodelay, mss }) {
        if (transport === "udp") return sends.map((bytes, index) => ({ leaves: index * gap, bytes }));
        const out = [];
        let waiting = [];
        let acknowledged = 0;
        const leave = (now) => {
            // Nagle: less than a full segment waits while anything is unacknowledged.
            while (waiting.length > 0 && (nodelay || waiting.length >= mss || now >= acknowledged)) {
                out.push({ leaves: now, bytes: waiting.splice(0, mss) });
                acknowledged = now + 2 * DELAY;
            }
        };
        let next = 0;
        for (let now = 0; next < sends.length || waiting.length > 0; now += 1) {
            leave(now);
            for (; next < sends.length && next * gap <= now; next += 1) {
                waiting.push(...sends[next]);
                leave(now);
            }
        }
        return out;
    }

    function simulate(setup) {
        const { transport, busy, n } = setup;
        const sends = setup.messages.map((message) => encoded(message, setup));
        const sent = segments(sends, setup);
        const events = [
            ...sends.map((bytes, index) => ({ tick: index * setup.gap, order: 0, what: "send", bytes })),
            ...sent.map(({ leaves, bytes }) => ({ tick: leaves, order: 1, what: "leaves", bytes })),
        ];
        const queue = sent.map(({ leaves, bytes }) => ({ tick: leaves + DELAY, bytes: [...bytes] }));
        let buffer = transport === "udp" ? [] : [[]];
        const reads = [];
        const content = () => buffer.map((part) => [...part]);
        const arrive = (now) => {
            while (queue.length > 0 && queue[0].tick <= now) {
                const { tick, bytes } = queue.shift();
                if (transport === "udp") buffer.push(bytes);
                else buffer[0].push(...bytes);
                events.push({ tick, order: 2, what: "arrives", bytes: [...bytes], buffer: content() });
            }
        };
        const empty = () => (transport === "udp" ? buffer.length === 0 : buffer[0].length === 0);
        let now = busy;
        arrive(now);
        while (queue.length > 0 || !empty()) {
            if (empty()) now = Math.max(now, queue[0].tick);
            arrive(now);
            const whole = transport === "udp" ? buffer.shift() : buffer[0].splice(0, n);
            const bytes = whole.slice(0, n);
            const rest = whole.slice(n);
            reads.push({ tick: now, bytes, rest });
            events.push({ tick: now, order: 3, what: rest.length > 0 ? "lost" : "read", bytes, rest, buffer: content() });
            now += busy;
            arrive(now);
        }
        events.forEach((event, index) => Object.assign(event, { index }));
        events.sort((left, right) => left.tick - right.tick || left.order - right.order || left.index - right.index);
        const found = decoded(reads, setup);
        return { sends, segments: sent.map(({ bytes }) => bytes), reads, found, events, verdict: verdict(setup, sends, reads, found) };
    }

    function decoded(reads, { transport, decoder, size }) {
        if (transport === "udp" || decoder === "none") return reads.map(({ bytes }) => bytes);
        let rest = reads.flatMap(({ bytes }) => bytes);
        const found = [];
        for (;;) {
            const [skip, length, after] = {
                fixed: () => [0, size, 0],
                delimiter: () => [0, rest.includes(10) ? rest.indexOf(10) : Infinity, 1],
                length: () => [4, rest.length < 4 ? Infinity : rest[2] * 256 + rest[3], 0],
            }[decoder]();
            if (rest.length < skip + length + after) return found;
            const message = rest.slice(skip, skip + length);
            rest = rest.slice(skip + length + after);
            if (decoder === "fixed") while (message.at(-1) === 32) message.pop();
            found.push(message);
        }
    }

    function verdict({ transport, decoder, messages }, sends, reads, found) {
        if (messages.length === found.length && messages.every((message, index) => latin(bytesOf(message)) === latin(found[index]))) return "right";
        if (transport === "udp") return "truncated";
        if (decoder !== "none") return "wrong";
        // Where the sends end in the stream, and where the reads do.
        const ends = (parts) => {
            let sum = 0;
            return parts.map((bytes) => (sum += bytes.length));
        };
        const sendEnds = ends(sends);
        const readEnds = ends(reads.map(({ bytes }) => bytes));
        const glued = sendEnds.some((end) => !readEnds.includes(end));
        const cut = readEnds.some((end) => !sendEnds.includes(end));
        return glued && cut ? "both" : glued ? "glued" : "cut";
    }

    /// Bytes as one reads them: text as it is, `·` for a space, `⏎` for a newline, hexadecimal for the rest.
    function shown(bytes) {
        const box = html("code", { class: "widget-bytes" });
        let text = "";
        const flush = () => {
            if (text) box.append(text);
            text = "";
        };
        for (const byte of bytes) {
            if (byte > 32 && byte < 127) text += String.fromCharCode(byte);
            else if (byte === 32) text += "·";
            else if (byte === 10) text += "⏎";
            else {
                flush();
                box.append(html("span", { class: "hex" }, byte.toString(16).padStart(2, "0")));
            }
        }
        flush();
        return box;
    }

    /// A sentence with bytes in it.
    function sentence(name, parts) {
        return word(name).split(/(\{\w+\})/).map((piece) => parts[piece.slice(1, -1)] ?? piece);
    }

    function start(widget) {
        const setup = structuredClone(JSON.parse(widget.dataset.cases)[0].setup);
        const controls = [];
        const group = freshId();

        function labelled(control, label, value) {
            control.id = freshId();
            return html("div", { class: "widget-control" }, html("label", { for: control.id }, label, value ? " " : "", value ?? ""), control);
        }
        function range(name, min, max) {
            const value = html("output", {}, String(setup[name]));
            const control = html("input", { type: "range", min, max, step: 1, value: setup[name], name: `${group}-${name}` });
            control.addEventListener("input", () => {
                setup[name] = Number(control.value);
                value.textContent = control.value;
                show();
            });
            controls.push([name, control]);
            return labelled(control, word(name), value);
        }
        function choice(name, values) {
            const buttons = values.map((value) => {
                const control = html("input", { type: "radio", name: `${group}-${name}`, value, id: freshId(), checked: setup[name] === value });
                control.addEventListener("change", () => {
                    setup[name] = value;
                    show();
                });
                controls.push([name, control]);
                return html("span", { class: "widget-choice" }, control, html("label", { for: control.id }, word(value, setup)));
            });
            return html("fieldset", {}, html("legend", {}, word(name)), ...buttons);
        }

        const messages = html("input", { type: "text", value: setup.messages.join("|"), spellcheck: "false", autocomplete: "off" });
        messages.addEventListener("input", () => {
            setup.messages = messages.value.split("|").filter((message) => message !== "").map(shorten).slice(0, MOST_MESSAGES);
            show();
        });
        const nodelay = html("input", { type: "checkbox", checked: setup.nodelay, id: freshId() });
        nodelay.addEventListener("change", () => {
            setup.nodelay = nodelay.checked;
            show();
        });
        const result = html("p", { class: "widget-says", "aria-live": "polite" });
        const lists = html("div", { class: "widget-lists" });
        const history = html("tbody");
        const form = html(
            "div",
            { class: "widget-player widget-form" },
            labelled(messages, word("messages")),
            html("div", { class: "widget-controls" },
                choice("transport", ["tcp", "udp"]),
                choice("decoder", ["none", "fixed", "delimiter", "length"]),
                html("div", {}, range("n", 1, MOST_BYTES), range("mss", 4, MOST_BYTES)),
                html("div", {}, range("gap", 0, 8), range("busy", 0, 8)),
                html("div", { class: "widget-choice" }, nodelay, html("label", { for: nodelay.id }, word("nodelay"))),
            ),
            result,
            lists,
            html("details", {}, html("summary", {}, word("history")),
                html("div", { class: "table-wrapper-live" },
                    html("table", { class: "widget-result" },
                        html("thead", {}, html("tr", {}, ...["tick", "event", "buffer"].map((name) => html("th", { scope: "col" }, word(name))))),
                        history))),
            html("div", { class: "widget-bar" }, tableButton(widget, word("cases"))),
        );
        keepKeys(form);

        function list(name, parts) {
            return html("div", {}, html("p", { class: "widget-head" }, word(name)),
                html("ol", {}, ...parts.map((bytes) => html("li", {}, shown(bytes)))));
        }

        function show() {
            const udp = setup.transport === "udp";
            for (const [name, control] of controls) {
                if (name === "decoder" || name === "mss") control.disabled = udp;
            }
            nodelay.disabled = udp;
            const played = udp ? { ...setup, decoder: "none" } : setup;
            const outcome = simulate(played);
            const { decoder } = played;
            const lucky = outcome.verdict === "right" && !udp && decoder === "none";
            const says = [word(lucky ? "verdict-lucky" : `verdict-${outcome.verdict}`, setup)];
            if (udp) says.push(word("udpNeedsNone"));
            else if (setup.nodelay && outcome.verdict !== "right") says.push(word("nodelayHelpsNot"));
            result.textContent = says.join(" ");
            result.classList.toggle("is-right", outcome.verdict === "right" && !lucky);
            widget.dataset.verdict = outcome.verdict;
            lists.replaceChildren(
                list("sends", outcome.sends),
                list(udp ? "datagrams" : "segments", outcome.segments),
                list("reads", outcome.reads.map(({ bytes }) => bytes)),
                list("found", outcome.found, "none"),
            );
            history.replaceChildren(...rows(outcome.events, setup.n));
        }

        function rows(events, n) {
            let buffer = [];
            return events.map((event) => {
                buffer = event.buffer ?? buffer;
                const parts = { bytes: shown(event.bytes), rest: shown(event.rest ?? []), n: String(n) };
                return html("tr", {},
                    html("td", {}, String(event.tick)),
                    html("td", {}, ...sentence(`event-${event.what}`, parts)),
                    html("td", {}, ...buffer.map((bytes) => shown(bytes))));
            });
        }
        show();
        return form;
    }

    /// At most MOST_BYTES bytes, cut between characters.
    function shorten(message) {
        let short = "";
        for (const character of message) {
            if (bytesOf(short + character).length > MOST_BYTES) break;
            short += character;
        }
        return short;
    }

    function check(widget) {
        return JSON.parse(widget.dataset.cases).flatMap(({ id, setup, ...expected }) => {
            const outcome = simulate(setup);
            const got = {
                segments: outcome.segments.map(latin),
                reads: outcome.reads.map(({ bytes }) => latin(bytes)),
                found: outcome.found.map(latin),
                verdict: outcome.verdict,
            };
            return Object.keys(got).every((key) => JSON.stringify(got[key]) === JSON.stringify(expected[key])) ? [] : [`${id} gives ${JSON.stringify(got)}`];
        });
    }

    kind("sticky", start, check);
})();
