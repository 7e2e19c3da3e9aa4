// The subnet calculator. The cases of its table are `src/widgets/subnet.json`; a Rust test reckons the same ones.
"use strict";

(() => {
    const { WORDS, word, html, keepKeys, tableButton, freshId, kind } = window.handshake;

    Object.assign(WORDS.en, {
        subnetInput: "Address and mask",
        subnetHint: "Such as 192.168.1.77/26, or 10.1.2.3 255.255.254.0",
        address: "Address",
        mask: "Mask",
        network: "Network",
        broadcast: "Broadcast",
        hostsFrom: "First for a host",
        hostsTo: "Last for a host",
        addresses: "Addresses",
        hosts: "For hosts",
        bits: "In bits",
        bitsSay: "{prefix} bits for the network, {rest} for the host",
        none: "none",
        "no-address": "Type an address and a mask, such as 192.168.1.77/26.",
        "no-mask": "Where is the mask? Add /24, say: an address alone does not tell its network.",
        "bad-address": "That is not an IPv4 address: four numbers from 0 to 255 with dots between, and no zeros in front.",
        "bad-prefix": "The mask is a number from 0 to 32, or four numbers with dots.",
        "bad-mask": "Not a mask: in bits it must be ones first and zeros after, never mixed.",
        private: "Private: not routed on the Internet (RFC 1918).",
        loopback: "Loopback: never leaves the machine (RFC 1122 §3.2.1.3).",
        "link-local": "Link-local: what a machine gives itself when no DHCP server answers (RFC 3927).",
        shared: "Shared address space, for a provider's own NAT (RFC 6598).",
        documentation: "Reserved for documentation (RFC 5737).",
        multicast: "Multicast: such an address names a group, not a host (RFC 5771).",
        "is-network": "The host bits are all zero: this names the network, not a host.",
        "is-broadcast": "The host bits are all one: this is the broadcast address, not a host.",
        "point-to-point": "A link between two routers: both addresses are used, there is no broadcast (RFC 3021).",
        single: "One address alone: a host route.",
        "default-route": "/0 fits every address. It is what a default route is written as, not a network that one puts hosts into.",
    });

    const RANGES = [
        ["private", "10.0.0.0", 8],
        ["private", "172.16.0.0", 12],
        ["private", "192.168.0.0", 16],
        ["loopback", "127.0.0.0", 8],
        ["link-local", "169.254.0.0", 16],
        ["shared", "100.64.0.0", 10],
        ["documentation", "192.0.2.0", 24],
        ["documentation", "198.51.100.0", 24],
        ["documentation", "203.0.113.0", 24],
        ["multicast", "224.0.0.0", 4],
    ];

    /// 32 bits as a number from 0; null for what is no address. A zero in front is refused: some programs read it as octal.
    function address(text) {
        const parts = text.split(".");
        if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
        return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
    }

    const dotted = (bits) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
    // JavaScript shifts by 32 as by 0, so the mask is made by arithmetic.
    const maskOf = (prefix) => 2 ** 32 - 2 ** (32 - prefix);
    const and = (left, right) => (left & right) >>> 0;

    function prefixOf(text) {
        if (/^(0|[1-9]\d?)$/.test(text) && Number(text) <= 32) return Number(text);
        const mask = address(text);
        if (mask === null) return "bad-prefix";
        const rest = 2 ** 32 - mask;
        const zeros = Math.log2(rest);
        return Number.isInteger(zeros) ? 32 - zeros : "bad-mask";
    }

    function reckon(input) {
        const text = input.trim();
        if (text === "") return { error: "no-address" };
        const [, host, , mask] = /^([^\s/]*)([\s/]+(.*))?$/.exec(text);
        const own = address(host);
        if (own === null) return { error: "bad-address" };
        if (!mask) return { error: "no-mask" };
        const prefix = prefixOf(mask);
        if (typeof prefix === "string") return { error: prefix };
        return subnet(own, prefix);
    }

    function subnet(own, prefix) {
        const size = 2 ** (32 - prefix);
        const network = and(own, maskOf(prefix));
        const end = network + size - 1;
        const notes = RANGES.filter(([, base, bits]) => prefix > 0 && and(own, maskOf(bits)) === address(base)).map(([name]) => name);
        const result = {
            network: dotted(network),
            mask: dotted(maskOf(prefix)),
            broadcast: dotted(end),
            first: dotted(network + 1),
            last: dotted(end - 1),
            addresses: size,
            hosts: size - 2,
            notes,
            own,
            prefix,
        };
        const hostless = { broadcast: null, first: null, last: null, hosts: null };
        if (prefix === 0) return { ...result, ...hostless, notes: ["default-route"] };
        if (notes.includes("multicast")) return { ...result, ...hostless };
        if (prefix === 32) return { ...result, broadcast: null, first: dotted(own), last: dotted(own), hosts: 1, notes: [...notes, "single"] };
        if (prefix === 31) return { ...result, broadcast: null, first: dotted(network), last: dotted(end), hosts: 2, notes: [...notes, "point-to-point"] };
        if (own === network) notes.push("is-network");
        if (own === end) notes.push("is-broadcast");
        return result;
    }

    function bits(own, prefix) {
        const all = own.toString(2).padStart(32, "0");
        const shown = html("code", { class: "widget-bits" });
        for (let from = 0; from < 32; from += 8) {
            const cut = Math.min(Math.max(prefix - from, 0), 8);
            const octet = all.slice(from, from + 8);
            shown.append(html("span", {}, html("b", {}, octet.slice(0, cut)), octet.slice(cut)), from < 24 ? " " : "");
        }
        return shown;
    }

    function start(widget) {
        const id = freshId();
        const input = html("input", { type: "text", id, value: "192.168.1.77/26", autocomplete: "off", spellcheck: "false", inputmode: "text", "aria-describedby": `${id}-hint` });
        const output = html("div", { class: "widget-live", "aria-live": "polite" });
        const count = new Intl.NumberFormat(document.documentElement.lang || "en");

        function show() {
            const result = reckon(input.value);
            input.setAttribute("aria-invalid", String("error" in result));
            if (result.error) {
                output.replaceChildren(html("p", { class: "widget-error" }, word(result.error)));
                return;
            }
            const number = (value) => (value === null ? word("none") : count.format(value));
            const rows = [
                ["network", `${result.network}/${result.prefix}`],
                ["mask", result.mask],
                ["broadcast", result.broadcast ?? word("none")],
                ["hostsFrom", result.first ?? word("none")],
                ["hostsTo", result.last ?? word("none")],
                ["addresses", number(result.addresses)],
                ["hosts", number(result.hosts)],
            ];
            const body = rows.map(([name, value]) => html("tr", {}, html("th", { scope: "row" }, word(name)), html("td", {}, value)));
            body.push(
                html("tr", {}, html("th", { scope: "row" }, word("bits")),
                    html("td", {}, bits(result.own, result.prefix), html("br"), word("bitsSay", { prefix: result.prefix, rest: 32 - result.prefix }))),
            );
            output.replaceChildren(
                html("table", { class: "widget-result" }, html("tbody", {}, ...body)),
                ...result.notes.map((note) => html("p", { class: "widget-note" }, word(note))),
            );
        }
        input.addEventListener("input", show);
        const form = html(
            "div",
            { class: "widget-player widget-form" },
            html("div", { class: "widget-bar" },
                html("label", { for: id }, word("subnetInput")), input, tableButton(widget, word("cases"))),
            html("p", { id: `${id}-hint`, class: "widget-hint" }, word("subnetHint")),
            output,
        );
        keepKeys(form);
        show();
        return form;
    }

    function check(widget) {
        return JSON.parse(widget.dataset.cases).flatMap(({ input, ...expected }) => {
            const { own, prefix, ...got } = reckon(input);
            const same = Object.keys({ ...expected, ...got }).every((key) => JSON.stringify(expected[key]) === JSON.stringify(got[key]));
            return same ? [] : [`"${input}" gives ${JSON.stringify(got)}`];
        });
    }

    kind("subnet", start, check);
})();
