#!/usr/bin/env python3
"""Reads the built book in a headless Chromium, as readers do, and says what is wrong.

    gate.py HTML [--screenshots FOLDER] [--only TEXT]
    gate.py --selftest

Every page, light and dark, on a phone and on a desk: no console error, nothing from the network, nothing wider than the page, no
violation of axe-core's WCAG rules, every fold opened and closed, every widget driven forwards and backwards by mouse and by keyboard.
Then the search, the contents by keyboard, the themes, the page without JavaScript, and the whole book on paper.

The pages are opened from file://, as one does with a copy of the book; every other request is refused and counts as a fault.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import axe_playwright_python
from playwright.sync_api import Error, sync_playwright

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1400, "height": 900}
VARIANTS = [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")]
AXE = pathlib.Path(axe_playwright_python.__file__).with_name("axe.min.js")
# mdBook's own files that are no pages to be read by themselves.
NO_PAGES = {"print.html", "toc.html", "404.html"}


class Gate:
    def __init__(self, browser, html, screenshots, quiet=False):
        self.quiet = quiet
        self.browser = browser
        self.html = html
        self.screenshots = screenshots
        self.faults = []
        self.counts = {}
        self.axe_source = AXE.read_text(encoding="utf-8")

    def fault(self, where, what):
        self.faults.append(f"{where}: {what}")
        if not self.quiet:
            print(f"FAULT {where}: {what}", flush=True)

    def count(self, what, much=1):
        self.counts[what] = self.counts.get(what, 0) + much

    def url(self, page):
        return (self.html / page).as_uri()

    def open(self, viewport, scheme, where, **options):
        """A page of its own, whose console and requests are watched."""
        context = self.browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        context.set_default_timeout(10_000)
        context.add_init_script("window.print = () => {};")

        def serve(route):
            if route.request.url.startswith(("file:", "data:", "blob:")):
                route.continue_()
            else:
                self.fault(where(), f"asks the network for {route.request.url}")
                route.abort()

        context.route("**/*", serve)
        page = context.new_page()
        page.on("pageerror", lambda error: self.fault(where(), f"script error: {error}"))
        page.on(
            "console",
            lambda message: self.fault(where(), f"console {message.type}: {message.text}")
            if message.type in ("error", "warning")
            else None,
        )
        page.on(
            "requestfailed",
            lambda request: self.fault(where(), f"cannot load {request.url}")
            if request.url.startswith("file:")
            else None,
        )
        return context, page

    # Every page

    def pages(self, names):
        for viewport, scheme in VARIANTS:
            name = ""
            label = f"{viewport['width']} px, {scheme}"
            context, page = self.open(viewport, scheme, lambda: f"{name} ({label})")
            for name in names:
                self.one(page, name, viewport, scheme, f"{name} ({label})")
            context.close()

    def one(self, page, name, viewport, scheme, where):
        page.goto(self.url(name))
        page.wait_for_load_state("load")
        self.count("page views")
        self.overflow(page, where)
        self.drawings(page, where)
        if self.screenshots:
            shot = f"{name.removesuffix('.html').replace('/', '-')}-{viewport['width']}-{scheme}.png"
            page.screenshot(path=self.screenshots / shot, full_page=True, animations="disabled")
        # The colours differ between the schemes, the layout between the widths: two of the four cover both.
        if (viewport is DESK) == (scheme == "light"):
            self.axe(page, where)
        if (viewport, scheme) == (DESK, "light"):
            self.folds(page, where)
            self.widgets(page, where)
        elif scheme == "light":
            # Everything as wide and as long as it gets.
            page.evaluate(
                """() => {
                    for (const fold of document.querySelectorAll('main details')) fold.open = true;
                    for (const last of document.querySelectorAll('main .widget-last')) last.click();
                }"""
            )
            self.overflow(page, f"{where}, unfolded")
            self.drawings(page, f"{where}, unfolded")

    def overflow(self, page, where):
        wide = page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth;
                const page = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
                const scrolls = element => {
                    for (let above = element.parentElement; above; above = above.parentElement) {
                        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(above).overflowX)) return true;
                        if (above.matches('main')) return false;
                    }
                    return false;
                };
                const outside = [...document.querySelectorAll('main *')].filter(element => {
                    const box = element.getBoundingClientRect();
                    return box.width > 0 && box.right > width + 1 && !scrolls(element) && !element.closest('svg svg, svg *');
                });
                const named = outside.slice(0, 3).map(element =>
                    `<${element.tagName.toLowerCase()}> “${element.textContent.trim().slice(0, 40)}”`);
                return page > width + 1 || outside.length ? `${page} px wide, of ${width}: ${named.join(', ')}` : null;
            }"""
        )
        if wide:
            self.fault(where, f"wider than the page: {wide}")

    def drawings(self, page, where):
        """Labels lie inside of their drawing, and are large enough to read."""
        found = page.evaluate(
            """() => [...document.querySelectorAll('main svg')].filter(svg => svg.viewBox.baseVal).flatMap((svg, index) => {
                const view = svg.viewBox.baseVal;
                const scale = svg.getBoundingClientRect().width / view.width;
                if (!view.width || !scale) return [];
                const words = text => `“${text.textContent.trim().slice(0, 40)}”`;
                const inner = svg.getBoundingClientRect();
                const cut = text => {
                    const box = text.getBoundingClientRect();
                    return box.left < inner.left - 1 || box.right > inner.right + 1 || box.top < inner.top - 1 || box.bottom > inner.bottom + 1;
                };
                const height = text => parseFloat(getComputedStyle(text).fontSize) * scale;
                const texts = [...svg.querySelectorAll('text')];
                const faults = texts.filter(cut).map(text => `drawing ${index + 1}: the label ${words(text)} is cut off at the edge`);
                const small = texts.filter(text => height(text) < 8).sort((a, b) => height(a) - height(b));
                if (small.length) {
                    faults.push(`drawing ${index + 1}: ${small.length} labels are too small to read, ${words(small[0])} is ${height(small[0]).toFixed(1)} px high`);
                }
                return faults;
            })"""
        )
        for fault in found:
            self.fault(where, fault)
        self.count("drawings", page.locator("main figure svg").count())

    def axe(self, page, where):
        page.evaluate(self.axe_source)
        result = page.evaluate(
            """() => axe.run(document, {
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
                resultTypes: ['violations'],
            })"""
        )
        self.count("axe-core runs")
        for violation in result["violations"]:
            for node in violation["nodes"][:3]:
                reason = (node.get("failureSummary") or "").split("\n")[1:2]
                self.fault(
                    where,
                    f"axe {violation['id']}: {violation['help']}: {node['html'][:160]} {' '.join(reason).strip()}",
                )

    def folds(self, page, where):
        """Each is opened by mouse and closed by keyboard, and opened again for what follows."""
        states = "folds => folds.map(fold => fold.open)"
        folds = page.locator("main details")
        closed = folds.evaluate_all(states)
        for summary in page.locator("main details > summary").all():
            summary.click()
            self.count("folds")
        opened = folds.evaluate_all(states)
        for summary in reversed(page.locator("main details > summary").all()):
            summary.press("Enter")
        again = folds.evaluate_all(states)
        if any(was == now for was, now in zip(closed, opened)):
            self.fault(where, "a click on a fold does nothing")
        if again != closed:
            self.fault(where, "the Enter key on a fold does nothing")
        folds.evaluate_all("folds => { for (const fold of folds) fold.open = true; }")

    # Widgets

    def widgets(self, page, where):
        if not page.locator("main [data-widget]").count():
            return
        for wrong in page.evaluate("window.handshake.selfTest()"):
            self.fault(where, f"the widget's own test: {wrong}")
        for widget in page.locator("main [data-widget]").all():
            kind = widget.get_attribute("data-widget")
            scenario = widget.get_attribute("data-scenario") or ""
            here = f"{where}, {kind} {scenario}".rstrip()
            self.count("widgets")
            try:
                self.table(page, widget, here)
                if kind in ("tcp-stepper", "stepper"):
                    self.stepper(page, widget, here)
                else:
                    self.controls(page, widget, here)
            except Error as error:
                self.fault(here, f"can't be driven: {str(error).splitlines()[0]}")

    def table(self, page, widget, where):
        """The table that says all that the widget shows is a press of a button away, and away again."""
        table = widget.locator("table").last
        button = widget.locator("button[aria-expanded]")
        if not button.count():
            self.fault(where, "no button that shows the table")
            return
        was = table.is_visible()
        button.click()
        if table.is_visible() == was:
            self.fault(where, "the button that shows the table does nothing")
        button.press("Enter")
        if table.is_visible() != was:
            self.fault(where, "the button that shows the table does not hide it again by keyboard")

    def stepper(self, page, widget, where):
        buttons = widget.get_by_role("button")
        named = {button.get_attribute("aria-label") or button.inner_text(): button for button in buttons.all()}
        forward = next((button for name, button in named.items() if "next" in name.lower()), None)
        back = next(
            (button for name, button in named.items() if "back" in name.lower() or "previous" in name.lower()), None
        )
        if not forward or not back:
            self.fault(where, f"no buttons to go on and back, only {sorted(named)}")
            return

        def ended(button):
            return button.is_disabled() or button.get_attribute("aria-disabled") == "true"

        def seen():
            return widget.inner_text() + widget.evaluate("widget => widget.querySelector('svg')?.innerHTML ?? ''")

        def walk(step, button):
            states = [seen()]
            while not ended(button) and len(states) < 60:
                step()
                states.append(seen())
            if len(states) == 60:
                self.fault(where, "does not come to an end")
            return states

        there = walk(forward.click, forward)
        again = walk(back.click, back)
        self.count("steps", len(there) + len(again) - 2)
        if len(there) < 3:
            self.fault(where, f"{len(there) - 1} steps by mouse")
        if len(set(there)) != len(there):
            self.fault(where, "a step by mouse changes nothing that can be seen")
        if there != again[::-1]:
            self.fault(where, "looks different on the way back, by mouse")

        # By keyboard, from wherever the Tab key puts one.
        forward.focus()
        by_keys = [seen()]
        for _ in range(len(there) - 1):
            page.keyboard.press("ArrowRight")
            by_keys.append(seen())
        if by_keys != there:
            self.fault(where, "the right arrow key does not do what the button does")
        for state in there[-2::-1]:
            page.keyboard.press("ArrowLeft")
            if seen() != state:
                self.fault(where, "the left arrow key does not go back")
                break
        page.keyboard.press("End")
        if seen() != there[-1]:
            self.fault(where, "the End key does not go to the end")
        page.keyboard.press("Home")
        if seen() != there[0]:
            self.fault(where, "the Home key does not go to the beginning")
        if not widget.locator("[aria-live=polite], [role=status]").count():
            self.fault(where, "says nothing to a screen reader: no `aria-live`")
        if not page.url.split("#")[0].endswith(where.split(" ")[0]):
            self.fault(where, "an arrow key turned the page")
            page.goto(self.url(where.split(" ")[0]))

    def controls(self, page, widget, where):
        """A calculator or a simulator: whatever can be changed is changed, and answers."""

        def seen():
            # The length of the markup too: a slider may move a bar and no word.
            return widget.inner_text() + str(widget.evaluate("widget => widget.innerHTML.length"))

        inputs = widget.locator("input, select").all()
        buttons = widget.get_by_role("button").all()
        if not inputs and not buttons:
            self.fault(where, "has nothing to press or to change")
            return
        for control in inputs:
            if not control.is_visible() or control.is_disabled():
                continue
            named = control.evaluate(
                "control => control.labels?.length || control.getAttribute('aria-label') || control.getAttribute('aria-labelledby')"
            )
            if not named:
                self.fault(where, "an input without a label")
            before = seen()
            kind = control.evaluate("control => control.type")
            if kind == "range":
                old = control.input_value()
                control.press("ArrowRight")
                if control.input_value() == old:
                    control.press("ArrowLeft")
                changed = control.input_value() != old
            elif kind in ("checkbox", "radio"):
                control.press("Space")
                changed = True
            elif kind == "select-one":
                values = control.locator("option").evaluate_all("options => options.map(o => o.value)")
                for value in values[1:] + values[:1]:
                    control.select_option(value)
                changed = True
            else:
                for text in ("999.1.2.3/40", "", "10.1.2.3/31", "192.168.1.77/26"):
                    control.fill(text)
                    control.press("Enter")
                changed = True
            self.count("controls")
            if not changed or (kind == "range" and before == seen()):
                self.fault(where, f"a control of type {kind} changes nothing")
        if not widget.locator("[aria-live=polite], [role=status], output").count():
            self.fault(where, "says nothing to a screen reader: no `aria-live`")

    # The book as a whole

    def search(self):
        where = "search"
        context, page = self.open(DESK, "light", lambda: where)
        page.goto(self.url("index.html"))
        page.keyboard.press("/")
        box = page.locator("#mdbook-searchbar")
        box.wait_for(state="visible")
        for word in ("handshake", "datagram", "socket"):
            box.fill("")
            box.press_sequentially(word)
            page.locator("#mdbook-searchresults li").first.wait_for()
            if not page.locator("#mdbook-searchresults li a").count():
                self.fault(where, f"nothing is found for `{word}`")
            self.count("searches")
        # By keyboard from the box into the results, and there.
        box.press("ArrowDown")
        box.press("Enter")
        page.wait_for_url("**/*highlight=*")
        page.locator("main mark").first.wait_for()
        context.close()

    def contents(self):
        where = "contents"
        context, page = self.open(PHONE, "light", lambda: where)
        page.goto(self.url("index.html"))
        toggle = page.locator("#mdbook-sidebar-toggle")
        if toggle.get_attribute("aria-expanded") != "false":
            self.fault(where, "is open on a phone")
        toggle.focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "document.getElementById('mdbook-sidebar-toggle').getAttribute('aria-expanded') === 'true'"
        )
        link = page.locator("#mdbook-sidebar a[href$='start/hello-first.html']").first
        link.wait_for(state="visible")
        page.wait_for_timeout(400)
        link.click()
        page.wait_for_url("**/start/hello-first.html")
        context.close()

    def themes(self):
        where = "themes"
        context, page = self.open(DESK, "light", lambda: where)
        page.goto(self.url("index.html"))
        for theme in ("navy", "coal", "ayu", "rust", "light"):
            page.locator("#mdbook-theme-toggle").click()
            page.locator(f"#mdbook-theme-{theme}").click()
            if theme not in page.locator("html").get_attribute("class").split():
                self.fault(where, f"`{theme}` is not taken")
            page.keyboard.press("Escape")
        context.close()

    def without_script(self, names):
        """What a reader without JavaScript gets: the text, and of each widget its table."""
        name = ""
        context, page = self.open(DESK, "light", lambda: f"{name} (no JavaScript)", java_script_enabled=False)
        for name in names:
            if 'data-widget="' not in (self.html / name).read_text(encoding="utf-8"):
                continue
            page.goto(self.url(name))
            for widget in page.locator("main [data-widget]").all():
                kind = f"{widget.get_attribute('data-widget')} {widget.get_attribute('data-scenario') or ''}".strip()
                if len(widget.inner_text().strip()) < 20:
                    self.fault(f"{name} (no JavaScript)", f"nothing is seen of the widget {kind}")
                if widget.locator("button:visible, input:visible").count():
                    self.fault(f"{name} (no JavaScript)", f"the widget {kind} shows controls that do nothing")
                self.count("widgets without JavaScript")
        context.close()

    def paper(self):
        where = "print.html"
        context, page = self.open(DESK, "light", lambda: where)
        page.emulate_media(media="print")
        page.goto(self.url("print.html"))
        page.wait_for_load_state("load")
        for part in ("#mdbook-sidebar", "#mdbook-menu-bar"):
            if page.locator(part).is_visible():
                self.fault(where, f"`{part}` is printed")
        hidden = page.evaluate(
            """() => {
                window.dispatchEvent(new Event('beforeprint'));
                return [...document.querySelectorAll('main details > :not(summary)')]
                    .filter(inside => !inside.closest('.widget-player') && !inside.getClientRects().length).length;
            }"""
        )
        if hidden:
            self.fault(where, f"{hidden} folded parts are not printed")
        for widget in page.locator("main [data-widget]").all():
            kind = f"{widget.get_attribute('data-widget')} {widget.get_attribute('data-scenario') or ''}".strip()
            if len(widget.inner_text().strip()) < 20:
                self.fault(where, f"nothing is printed of the widget {kind}")
            if widget.locator("button:visible").count():
                self.fault(where, f"the buttons of the widget {kind} are printed")
        pdf = page.pdf(format="A4", margin={side: "16mm" for side in ("top", "bottom", "left", "right")})
        if self.screenshots:
            (self.screenshots / "book.pdf").write_bytes(pdf)
        self.count("bytes of PDF", len(pdf))
        context.close()


# A page with a mistake of each kind, and what must be said of it.
BAD_PAGE = """<!DOCTYPE html><html lang="en"><head><title>Bad</title></head><body><main>
<p style="width: 1500px">wide</p>
<p style="color: #aaaaaa; background: #bbbbbb">pale</p>
<img src="https://elsewhere.example/a.png" alt="a">
<button></button>
<details><summary onclick="event.preventDefault()">dead</summary>x</details>
<figure><svg viewBox="0 0 100 20" width="50"><text x="90" y="10" font-size="9">cut</text></svg></figure>
<div data-widget="stepper"><button aria-label="Back">b</button><button aria-label="Next">n</button><table></table></div>
<script>
    window.handshake = { selfTest: () => ["a fault of its own"] };
    let step = 0;
    const go = by => {
        step = Math.min(Math.max(step + by, 0), 3);
        document.querySelector("table").textContent = step;
        const [back, next] = document.querySelectorAll("[data-widget] button");
        back.setAttribute("aria-disabled", step === 0);
        next.setAttribute("aria-disabled", step === 3);
    };
    document.querySelector("[aria-label=Next]").addEventListener("click", () => go(1));
    document.querySelector("[aria-label=Back]").addEventListener("click", () => go(-1));
    go(0);
    throw new Error("thrown");
</script></main></body></html>"""
BAD_FAULTS = [
    "wider than the page",
    "axe color-contrast",
    "axe button-name",
    "asks the network for https://elsewhere.example/a.png",
    "a click on a fold does nothing",
    "is cut off at the edge",
    "too small to read",
    "script error: thrown",
    "console error",
    "no button that shows the table",
    "the widget's own test: a fault of its own",
    "the right arrow key does not do what the button does",
    "the End key does not go to the end",
    "no `aria-live`",
]


def selftest(browser):
    """A gate that finds nothing is open: it must find what is wrong with a bad page."""
    with tempfile.TemporaryDirectory() as folder:
        html = pathlib.Path(folder)
        (html / "bad.html").write_text(BAD_PAGE, encoding="utf-8")
        gate = Gate(browser, html, None, quiet=True)
        gate.pages(["bad.html"])
    missed = [fault for fault in BAD_FAULTS if not any(fault in found for found in gate.faults)]
    for fault in missed:
        print(f"not found on a page that has it: {fault}")
    print(f"{len(BAD_FAULTS) - len(missed)} of {len(BAD_FAULTS)} kinds of faults are found")
    return 1 if missed else 0


def pages_of(html):
    """In the order of the book, as its contents list them."""
    toc = (html / "toc.html").read_text(encoding="utf-8")
    names = []
    for part in toc.split('href="')[1:]:
        name = part.split('"')[0].split("#")[0]
        if name.endswith(".html") and name not in names and name not in NO_PAGES:
            names.append(name)
    missing = {str(path.relative_to(html)) for path in html.rglob("*.html")} - set(names) - NO_PAGES
    return names, missing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("html", type=pathlib.Path, nargs="?", help="what `mdbook build` wrote")
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for a picture of every page, and the PDF")
    parser.add_argument("--only", default="", help="pages whose name contains this, and nothing else")
    parser.add_argument("--selftest", action="store_true", help="whether the gate finds what is wrong with a bad page")
    arguments = parser.parse_args()
    if not arguments.html and not arguments.selftest:
        parser.error("name the folder that `mdbook build` wrote")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("no chromium: apt-get install chromium, or name one in $CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--allow-file-access-from-files"]
        )
        if arguments.selftest:
            sys.exit(selftest(browser))
        html = arguments.html.resolve()
        if arguments.screenshots:
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
        names, missing = pages_of(html)
        gate = Gate(browser, html, arguments.screenshots)
        for name in sorted(missing - {"index.html"}):
            gate.fault(name, "is not in the contents")
        gate.pages([name for name in names if arguments.only in name])
        if not arguments.only:
            for part in (gate.search, gate.contents, gate.themes, lambda: gate.without_script(names), gate.paper):
                try:
                    part()
                except Error as error:
                    gate.fault(getattr(part, "__name__", "the book"), f"stops: {str(error).splitlines()[0]}")
        browser.close()
    print(", ".join(f"{much} {what}" for what, much in gate.counts.items()))
    print("the book reads well" if not gate.faults else f"{len(gate.faults)} faults")
    sys.exit(1 if gate.faults else 0)


if __name__ == "__main__":
    main()
