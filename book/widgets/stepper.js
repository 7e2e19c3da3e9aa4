// The stepper: parties side by side, time running downwards, one event a step. The texts are the table's; which arrow goes from whom to
// whom at which step is in `data-moves`.
"use strict";

(() => {
    const { word, html, svg, keepKeys, tableButton, kind } = window.handshake;
    const WIDTH = 360;
    const TOP = 46;

    const cells = (row) => [...row.querySelectorAll("th, td")];
    const text = (cell) => cell.textContent.trim();

    function read(widget) {
        const table = widget.querySelector("table");
        const heads = cells(table.tHead.rows[0]).map(text);
        const rows = [...table.tBodies[0].rows].map(cells);
        const moves = JSON.parse(widget.dataset.moves);
        const title = widget.querySelector("strong").textContent.replace(/\.$/, "");
        return widget.dataset.widget === "tcp-stepper"
            ? connection(title, heads, rows, moves)
            : exchange(title, heads, rows, moves);
    }

    /// Columns: step, one end's state, segment, the other end's state, text.
    function connection(title, heads, rows, moves) {
        return {
            title,
            lanes: [{ x: 80, name: [heads[1]] }, { x: 280, name: [heads[3]] }],
            pitch: 42,
            steps: rows.map((row) => ({
                states: [text(row[1]), text(row[3])],
                sent: text(row[2]),
                known: [`${heads[1]}: ${text(row[1])}`, `${heads[3]}: ${text(row[3])}`],
                says: row[4],
            })),
            arrows: moves.map(([from, to, sent, got, label, lost]) => ({ from, to, sent, got, label, lost, slanted: true })),
        };
    }

    /// Columns: step, message, text, what is known. The first row's message names the parties.
    function exchange(title, heads, rows, moves) {
        const names = text(rows[0][1]).split(" · ");
        const gap = (WIDTH - 84) / (names.length - 1);
        const drawn = new Map();
        return {
            title,
            lanes: names.map((name, lane) => ({ x: 42 + lane * gap, name: twoLines(name) })),
            pitch: 36,
            steps: rows.map((row, step) => ({
                states: [],
                sent: step === 0 ? "" : text(row[1]),
                known: row.slice(3).map((cell, panel) => `${heads[3 + panel]}: ${text(cell)}`),
                says: row[2],
            })),
            arrows: moves.map(([from, to, step, ignored]) => {
                // What goes to several parties at once is one label and an arrow for each.
                const before = drawn.get(step) ?? 0;
                drawn.set(step, before + 1);
                return { from, to, sent: step, got: step, label: before === 0 ? text(rows[step][1]) : "", ignored: Boolean(ignored), offset: before * 7 };
            }),
        };
    }

    function twoLines(name) {
        const space = name.indexOf(" ");
        return space < 0 ? [name] : [name.slice(0, space), name.slice(space + 1)];
    }

    /// The step at which an arrow ends, or would.
    const end = (arrow) => arrow.got ?? Math.max(arrow.lost ?? 0, arrow.sent + 1);

    /// Where an arrow begins and ends, and how far it has come at step `now`.
    function path(play, arrow, now) {
        const y = (step) => TOP + step * play.pitch;
        const from = play.lanes[arrow.from].x;
        const to = play.lanes[arrow.to].x;
        if (!arrow.slanted) {
            return { x1: from, y1: y(arrow.sent) + arrow.offset, x2: to, y2: y(arrow.sent) + arrow.offset, state: "arrived" };
        }
        const stray = arrow.sent === null;
        const x1 = stray ? from + (to - from) * 0.35 : from;
        const y1 = stray ? y(end(arrow)) - play.pitch * 0.6 : y(arrow.sent) + 9;
        const y2 = y(end(arrow)) - 3;
        const part = (share, state) => ({ x1, y1, x2: x1 + (to - x1) * share, y2: y1 + (y2 - y1) * share, state, wholeX: to, wholeY: y2 });
        if (arrow.got !== null && now >= arrow.got) return part(1, "arrived");
        if (arrow.lost !== undefined && now >= arrow.lost) return part(0.62, "lost");
        return part(0.5, "on-the-way");
    }

    function drawArrow(play, arrow, now) {
        const line = path(play, arrow, now);
        const fresh = arrow.sent === now || (arrow.got ?? arrow.lost) === now;
        const group = svg("g", { class: `arrow ${line.state}${fresh ? " fresh" : ""}${arrow.ignored ? " ignored" : ""}` });
        group.append(svg("line", { x1: line.x1, y1: line.y1, x2: line.x2, y2: line.y2 }));
        const angle = Math.atan2(line.y2 - line.y1, line.x2 - line.x1);
        if (line.state === "lost" || arrow.ignored) {
            group.append(svg("path", { class: "cross", d: `M${line.x2 - 4} ${line.y2 - 4}l8 8m0 -8l-8 8` }));
        } else {
            const back = (turn) => `${line.x2 - 7 * Math.cos(angle + turn)} ${line.y2 - 7 * Math.sin(angle + turn)}`;
            group.append(svg("path", { class: "head", d: `M${back(0.45)}L${line.x2} ${line.y2}L${back(-0.45)}` }));
        }
        if (line.state === "on-the-way") {
            group.append(svg("circle", { class: "end", cx: line.x2, cy: line.y2, r: 2.5 }));
        }
        return group;
    }

    /// Along the arrow; where two cross, each label keeps to its sender's side.
    function slantedLabel(play, arrow, line) {
        const length = Math.hypot(line.wholeX - line.x1, line.wholeY - line.y1);
        const crossed = play.arrows.some((other) => other.from !== arrow.from && Math.max(other.sent, arrow.sent) < Math.min(end(other), end(arrow)));
        const share = crossed ? Math.min(0.5, (arrow.label.length * 3) / length + 0.04) : 0.5;
        const x = line.x1 + (line.wholeX - line.x1) * share;
        const y = line.y1 + (line.wholeY - line.y1) * share - 4;
        const down = line.wholeX > line.x1 ? 1 : -1;
        const degrees = (down * Math.atan2(line.wholeY - line.y1, Math.abs(line.wholeX - line.x1)) * 180) / Math.PI;
        return svg("text", { class: "label mono", x, y, transform: `rotate(${degrees} ${x} ${y})` }, arrow.label);
    }

    function flatLabel(arrow, line) {
        const half = arrow.label.length * 2.7 + 2;
        const middle = (line.x1 + line.x2) / 2;
        return svg("text", { class: "label", x: Math.min(Math.max(middle, half), WIDTH - half), y: line.y1 - 5 }, arrow.label);
    }

    function draw(play, now) {
        // A segment that is still on its way at the end gets room below.
        const rows = Math.max(play.steps.length - 1, ...play.arrows.map(end));
        const height = TOP + rows * play.pitch + 18;
        const stage = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "widget-stage", "aria-hidden": "true", focusable: "false" });
        stage.append(svg("rect", { class: "band", x: 0, y: TOP + now * play.pitch - 14, width: WIDTH, height: 26, rx: 4 }));
        play.lanes.forEach(({ x, name }) => {
            stage.append(svg("line", { class: "lane", x1: x, x2: x, y1: TOP - 14, y2: height - 4 }));
            name.forEach((part, line) => {
                stage.append(svg("text", { class: line === 0 ? "name" : "name small", x, y: (name.length === 1 ? 22 : 13) + line * 13 }, part));
            });
        });
        const arrows = play.arrows.filter((arrow) => (arrow.sent ?? arrow.got) <= now);
        stage.append(...arrows.map((arrow) => drawArrow(play, arrow, now)));
        for (const arrow of arrows.filter(({ label }) => label)) {
            const line = path(play, arrow, now);
            stage.append(arrow.slanted ? slantedLabel(play, arrow, line) : flatLabel(arrow, line));
        }
        play.steps.slice(0, now + 1).forEach(({ states }, step) => {
            states.forEach((state, side) => {
                const before = step > 0 ? play.steps[step - 1].states[side] : null;
                if (state === before && step !== now) return;
                const x = play.lanes[side].x + (side === 0 ? -5 : 5);
                const attributes = {
                    class: `state${side === 0 ? " left" : ""}${step === now ? " now" : ""}${state === before ? " same" : ""}`,
                    x,
                    y: TOP + step * play.pitch + 3,
                };
                stage.append(svg("text", attributes, state));
            });
        });
        return stage;
    }

    function start(widget) {
        const play = read(widget);
        const last = play.steps.length - 1;
        let now = 0;
        let tallest = 0;
        const stage = html("div", { class: "widget-picture" });
        const known = html("ul", { class: "widget-known" });
        const says = html("p", { class: "widget-says" });
        const live = html("div", { "aria-live": "polite", "aria-atomic": "true", class: "widget-live" }, says, known);
        const button = (name, sign, target) =>
            html("button", { type: "button", class: `widget-${name}`, "aria-label": word(name), title: word(name), onclick: () => go(target()) }, sign);
        const buttons = [
            button("first", "«", () => 0),
            button("back", "‹", () => now - 1),
            button("next", "›", () => now + 1),
            button("last", "»", () => last),
        ];
        const count = html("span", { class: "widget-count", "aria-hidden": "true" });
        const bar = html("div", { class: "widget-bar" }, ...buttons.slice(0, 2), count, ...buttons.slice(2), tableButton(widget, word("table")));
        const player = html(
            "div",
            { class: "widget-player", tabindex: "0", role: "group", "aria-label": word("keys", { title: play.title }) },
            bar,
            live,
            stage,
        );
        const keys = { ArrowLeft: () => now - 1, ArrowRight: () => now + 1, Home: () => 0, End: () => last };
        player.addEventListener("keydown", (event) => {
            if (!(event.key in keys) || event.altKey || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            go(keys[event.key]());
        });
        keepKeys(player);

        function go(step) {
            now = Math.min(Math.max(step, 0), last);
            widget.dataset.step = String(now);
            const here = play.steps[now];
            const number = now === 0 ? word("start") : word("step", { n: now, m: last });
            says.replaceChildren(html("strong", {}, number), " ", ...[...here.says.childNodes].map((node) => node.cloneNode(true)));
            known.replaceChildren(...here.known.map((line) => html("li", {}, line)), ...(here.sent ? [html("li", {}, html("code", {}, here.sent))] : []));
            count.textContent = `${now} / ${last}`;
            // Not `disabled`: a button that the keyboard stands on must not lose it.
            buttons.forEach((each, index) => each.setAttribute("aria-disabled", String(index < 2 ? now === 0 : now === last)));
            stage.replaceChildren(draw(play, now));
            // The words keep the room that they once took, so that the picture below stays where it is.
            tallest = Math.max(tallest, live.offsetHeight);
            live.style.minHeight = `${tallest}px`;
        }
        addEventListener("resize", () => {
            tallest = 0;
            live.style.minHeight = "";
        });
        go(0);
        return player;
    }

    /// Every step forwards and backwards, by its keys.
    function check(widget) {
        const wrong = [];
        const play = read(widget);
        const player = widget.querySelector(".widget-player");
        const press = (key) => player.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const last = play.steps.length - 1;
        const expect = (step, after) => {
            if (widget.dataset.step !== String(step)) wrong.push(`at step ${widget.dataset.step} after ${after}, not ${step}`);
            const says = widget.querySelector(".widget-says").textContent;
            if (!says.endsWith(play.steps[step].says.textContent)) wrong.push(`step ${step} says "${says}"`);
        };
        press("Home");
        for (let step = 1; step <= last; step += 1) {
            press("ArrowRight");
            expect(step, "ArrowRight");
        }
        press("ArrowRight");
        expect(last, "ArrowRight at the end");
        for (let step = last - 1; step >= 0; step -= 1) {
            press("ArrowLeft");
            expect(step, "ArrowLeft");
        }
        press("End");
        expect(last, "End");
        if (widget.querySelectorAll(".widget-stage .on-the-way").length !== play.arrows.filter((arrow) => arrow.got === null && arrow.lost === undefined).length) {
            wrong.push("something is still on the way at the end");
        }
        press("Home");
        expect(0, "Home");
        return wrong;
    }

    kind("tcp-stepper", start, check);
    kind("stepper", start, check);
})();
